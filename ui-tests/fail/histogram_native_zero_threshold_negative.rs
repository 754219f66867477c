#[tallymark::histogram(native(zero_threshold = -0.1))]
fn place_order() {}

fn main() {}
