#[tallymark::histogram(native(max_buckets = 0))]
fn place_order() {}

fn main() {}
