use tallymark::{Gauge, counter};

#[counter]
static REQUESTS: Gauge;

fn main() {}
