#[tallymark::histogram(native, native(factor = 1.2))]
fn place_order() {}

fn main() {}
