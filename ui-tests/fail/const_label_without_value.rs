use tallymark::counter;

#[counter(const_labels(region))]
fn serve(region: &str) {}

fn main() {}
