use tallymark::counter;

#[counter(into = 5)]
fn serve() {}

fn main() {}
