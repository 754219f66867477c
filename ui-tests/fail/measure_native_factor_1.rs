#[tallymark::measure(native(factor = 1.0))]
fn place_order() {}

fn main() {}
