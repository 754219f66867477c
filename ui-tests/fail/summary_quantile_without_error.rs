#[tallymark::summary(quantiles = [0.5, 0.9])]
fn place_order() {}

fn main() {}
