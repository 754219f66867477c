#[tallymark::histogram(native(factor = 1.1, factor = 1.2))]
fn place_order() {}

fn main() {}
