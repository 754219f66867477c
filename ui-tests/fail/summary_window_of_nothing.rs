use tallymark::Summary;

#[tallymark::summary(quantiles = [(0.5, 0.05)], max_age = 0)]
static SIZES: Summary;

fn main() {}
