use tallymark::counter;

#[counter(outcome = true)]
fn serve() {}

fn main() {}
