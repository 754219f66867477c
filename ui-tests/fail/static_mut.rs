use tallymark::{Counter, counter};

#[counter]
static mut REQUESTS: Counter;

fn main() {}
