#[tallymark::histogram(native(min_reset = -1))]
fn place_order() {}

fn main() {}
