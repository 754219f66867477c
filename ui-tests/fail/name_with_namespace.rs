use tallymark::counter;

#[counter(name = "requests_total", namespace = "shop")]
fn serve() {}

fn main() {}
