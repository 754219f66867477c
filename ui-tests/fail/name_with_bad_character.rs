use tallymark::counter;

#[counter(name = "http-requests_total")]
fn serve() {}

fn main() {}
