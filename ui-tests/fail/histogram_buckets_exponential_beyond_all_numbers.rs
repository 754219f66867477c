use tallymark::histogram;

#[histogram(buckets = exponential(1.0, 10.0, 400))]
fn serve() {}

fn main() {}
