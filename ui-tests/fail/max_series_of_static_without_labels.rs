use tallymark::{Counter, counter};

#[counter(max_series = 10)]
static REQUESTS: Counter;

fn main() {}
