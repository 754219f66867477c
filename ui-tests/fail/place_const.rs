use tallymark::{Counter, counter};

#[counter]
const REQUESTS: Counter;

fn main() {}
