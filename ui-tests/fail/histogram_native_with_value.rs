#[tallymark::histogram(native = true)]
fn place_order() {}

fn main() {}
