use tallymark::counter;

#[counter(labels(length: u32 = name.len()))]
fn serve(name: &str) {}

fn main() {}
