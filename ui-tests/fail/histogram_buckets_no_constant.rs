use tallymark::histogram;

#[histogram(buckets = buckets)]
fn serve(buckets: [f64; 2]) {}

fn main() {}
