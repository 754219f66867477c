use tallymark::{Gauge, counter, gauge};

#[gauge]
static RUNNING: Gauge;

#[counter(into = RUNNING)]
fn serve() {}

fn main() {}
