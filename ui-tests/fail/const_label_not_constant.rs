use tallymark::counter;

#[counter(const_labels(region = region))]
fn serve(region: &'static str) {}

fn main() {}
