use tallymark::counter;

#[counter(name = "")]
fn serve() {}

fn main() {}
