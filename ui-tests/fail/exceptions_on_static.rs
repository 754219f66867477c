use tallymark::{Counter, count_exceptions};

#[count_exceptions(Err)]
static FAILURES: Counter;

fn main() {}
