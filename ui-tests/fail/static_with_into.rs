use tallymark::{Counter, counter};

#[counter]
static REQUESTS: Counter;

#[counter(into = REQUESTS)]
static OTHERS: Counter;

fn main() {}
