use tallymark::Summary;

#[tallymark::summary(max_age = 600)]
static SIZES: Summary;

fn main() {}
