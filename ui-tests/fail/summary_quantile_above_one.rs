use tallymark::Summary;

#[tallymark::summary(quantiles = [(0.5, 0.05), (99.0, 0.01)])]
static SIZES: Summary;

fn main() {}
