use tallymark::counter;

#[counter]
fn größe() {}

fn main() {}
