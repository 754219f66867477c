use tallymark::{Counter, counter};

#[counter(labels(method))]
static REQUESTS: Counter;

fn main() {}
