use tallymark::{Counter, counter, gauge};

#[counter]
#[gauge]
static REQUESTS: Counter;

fn main() {}
