use tallymark::{Counter, counter};

#[counter(outcome)]
static REQUESTS: Counter;

fn main() {}
