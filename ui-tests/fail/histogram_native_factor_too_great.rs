#[tallymark::histogram(native(factor = 70000.0))]
fn place_order() {}

fn main() {}
