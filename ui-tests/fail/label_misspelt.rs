use tallymark::counter;

#[counter(labels(methd))]
fn serve(method: &str) {}

fn main() {}
