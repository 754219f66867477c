use tallymark::histogram;

#[histogram(labels(quantile))]
fn serve(quantile: u8) {}

fn main() {}
