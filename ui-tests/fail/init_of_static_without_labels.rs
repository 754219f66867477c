use tallymark::{Gauge, gauge};

#[gauge(init = true)]
static DEPTH: Gauge;

fn main() {}
