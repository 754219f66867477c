use tallymark::counter;

#[counter(name = "requests_total" outcome)]
fn serve() {}

fn main() {}
