use tallymark::histogram;

#[histogram(buckets = linear(1.0, 0.5, 10.0))]
fn serve() {}

fn main() {}
