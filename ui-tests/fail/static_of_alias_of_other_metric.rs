use tallymark::{Gauge, counter};

type Number = Gauge;

#[counter]
static REQUESTS: Number;

fn main() {}
