use tallymark::{Counter, counter};

#[counter]
static REQUESTS: Counter<(), u32>;

fn main() {}
