#[tallymark::histogram(native(factor = 1))]
fn place_order() {}

fn main() {}
