use tallymark::{Counter, counter};

#[counter]
static REQUESTS: Counter = Counter::new("requests_total", "Requests served.");

fn main() {}
