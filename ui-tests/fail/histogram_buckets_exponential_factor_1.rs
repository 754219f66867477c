use tallymark::histogram;

#[histogram(buckets = exponential(0.1, 1.0, 10))]
fn serve() {}

fn main() {}
