use tallymark::histogram;

const BUCKETS: [f64; 3] = [0.1, 1.0, 0.5];

#[histogram(buckets = BUCKETS)]
fn serve() {}

fn main() {}
