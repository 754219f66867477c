#[tallymark::summary]
#[tallymark::histogram]
fn place_order() {}

fn main() {}
