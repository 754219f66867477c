#[tallymark::histogram(native(schema = 3))]
fn place_order() {}

fn main() {}
