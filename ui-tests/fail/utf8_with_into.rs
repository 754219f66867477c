use tallymark::{Counter, counter};

#[counter(name = "http.requests", allow_utf8)]
static REQUESTS: Counter;

#[counter(into = REQUESTS, allow_utf8)]
fn serve() {}

fn main() {}
