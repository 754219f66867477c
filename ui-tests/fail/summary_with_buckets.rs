#[tallymark::summary(buckets = [0.1, 1.0])]
fn place_order() {}

fn main() {}
