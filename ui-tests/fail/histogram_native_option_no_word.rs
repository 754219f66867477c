#[tallymark::histogram(native(1.1))]
fn place_order() {}

fn main() {}
