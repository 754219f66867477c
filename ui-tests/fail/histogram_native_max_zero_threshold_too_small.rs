use tallymark::Histogram;

#[tallymark::histogram(native(zero_threshold = 0.1, max_zero_threshold = 0.01))]
static SIZES: Histogram;

fn main() {}
