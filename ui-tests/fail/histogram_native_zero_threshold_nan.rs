#[tallymark::histogram(native(zero_threshold = f64::NAN, max_zero_threshold = f64::INFINITY))]
fn place_order() {}

fn main() {}
