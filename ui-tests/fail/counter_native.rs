#[tallymark::counter(native)]
fn place_order() {}

fn main() {}
