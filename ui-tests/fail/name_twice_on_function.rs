use tallymark::counter;

#[counter(name = "requests_total")]
#[counter(name = "requests_total")]
fn serve() {}

fn main() {}
