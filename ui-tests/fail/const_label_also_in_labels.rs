use tallymark::counter;

#[counter(labels(region), const_labels(region = "eu"))]
fn serve(region: &str) {}

fn main() {}
