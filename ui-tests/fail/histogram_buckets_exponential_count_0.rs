use tallymark::histogram;

#[histogram(buckets = exponential(0.1, 2.0, 0))]
fn serve() {}

fn main() {}
