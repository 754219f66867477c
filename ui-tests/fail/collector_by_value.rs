use tallymark::{Collected, collector};

#[collector]
fn disks(out: Collected) {}

fn main() {}
