use tallymark::{Counter, counter};

struct Http {
    method: &'static str,
}

#[counter]
static REQUESTS: Counter<Http>;

fn main() {}
