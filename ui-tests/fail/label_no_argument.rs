use tallymark::counter;

#[counter(labels(region))]
fn serve(method: &str) {}

fn main() {}
