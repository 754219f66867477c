use tallymark::Summary;

#[tallymark::summary(native(factor = 1.1))]
static SIZES: Summary;

fn main() {}
