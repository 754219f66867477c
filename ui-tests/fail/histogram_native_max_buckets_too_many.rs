#[tallymark::histogram(native(max_buckets = 5000))]
fn place_order() {}

fn main() {}
