use tallymark::histogram;

#[histogram(buckets = logarithmic(0.1, 2.0, 10))]
fn serve() {}

fn main() {}
