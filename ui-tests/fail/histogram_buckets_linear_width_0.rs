use tallymark::histogram;

#[histogram(buckets = linear(1.0, 0.0, 10))]
fn serve() {}

fn main() {}
