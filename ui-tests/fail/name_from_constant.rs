use tallymark::counter;

const NAME: &str = "requests_total";

#[counter(name = NAME)]
fn serve() {}

fn main() {}
