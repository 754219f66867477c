use tallymark::{Gauge, gauge};

#[gauge(track_inprogress)]
static RUNNING: Gauge;

fn main() {}
