use tallymark::histogram;

#[histogram(buckets = exponential(0, 2.0, 10))]
fn serve() {}

fn main() {}
