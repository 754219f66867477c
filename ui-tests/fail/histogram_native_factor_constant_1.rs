const FACTOR: f64 = 1.0;

#[tallymark::histogram(native(factor = FACTOR))]
fn place_order() {}

fn main() {}
