use tallymark::{Gauge, gauge};

#[gauge(unit = "m/s")]
static SPEED: Gauge;

fn main() {}
