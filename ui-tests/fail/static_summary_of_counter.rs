use tallymark::Counter;

#[tallymark::summary]
static SIZES: Counter;

fn main() {}
