use tallymark::{Gauge, gauge};

#[gauge(callback)]
static DEPTH: Gauge;

fn main() {}
