use tallymark::counter;

#[counter(name = 5)]
fn serve() {}

fn main() {}
