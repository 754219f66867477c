#[tallymark::histogram(native(max_buckets = 1.5))]
fn place_order() {}

fn main() {}
