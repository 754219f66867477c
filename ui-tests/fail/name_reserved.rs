use tallymark::counter;

#[counter(name = "__requests_total")]
fn serve() {}

fn main() {}
