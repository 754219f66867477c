use tallymark::measure;

#[measure]
static CALLS: tallymark::Counter;

fn main() {}
