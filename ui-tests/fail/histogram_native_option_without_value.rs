#[tallymark::histogram(native(factor))]
fn place_order() {}

fn main() {}
