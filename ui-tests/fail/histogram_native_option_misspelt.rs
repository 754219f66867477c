#[tallymark::histogram(native(factr = 1.1))]
fn place_order() {}

fn main() {}
