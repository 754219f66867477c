use tallymark::{Counter, counter};

#[counter]
static REQUESTS: Counter;

#[counter(into = REQUESTS, name = "served_total")]
fn serve() {}

fn main() {}
