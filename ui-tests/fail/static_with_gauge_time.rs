use tallymark::{Gauge, gauge};

#[gauge(time)]
static LAST: Gauge;

#[gauge(set = |n: &u32| *n)]
static ROWS: Gauge;

#[gauge(set_to_current_time)]
static SUCCESS: Gauge;

fn main() {}
