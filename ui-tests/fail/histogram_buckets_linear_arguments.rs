use tallymark::histogram;

#[histogram(buckets = linear(1.0, 0.5))]
fn serve() {}

fn main() {}
