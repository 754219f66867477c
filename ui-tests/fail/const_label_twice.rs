use tallymark::counter;

#[counter(const_labels(region = "eu", region = "us"))]
fn serve() {}

fn main() {}
