use tallymark::counter;

#[counter(name = "requests_total", name = "served_total")]
fn serve() {}

fn main() {}
