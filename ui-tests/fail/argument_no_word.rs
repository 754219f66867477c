use tallymark::counter;

#[counter("requests_total")]
fn serve() {}

fn main() {}
