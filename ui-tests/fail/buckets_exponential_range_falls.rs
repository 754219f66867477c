#[tallymark::histogram(buckets = exponential_range(10.0, 1.0, 5))]
fn place_order() {}

fn main() {}
