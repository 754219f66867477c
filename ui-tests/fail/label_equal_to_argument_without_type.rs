use tallymark::counter;

#[counter(labels(method = method))]
fn serve(method: &str) {}

fn main() {}
