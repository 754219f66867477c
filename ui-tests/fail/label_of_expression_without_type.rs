use tallymark::counter;

#[counter(labels(length = name.len()))]
fn serve(name: &str) {}

fn main() {}
