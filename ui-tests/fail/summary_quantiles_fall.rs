#[tallymark::summary(quantiles = [(0.9, 0.05), (0.5, 0.01)])]
fn place_order() {}

fn main() {}
