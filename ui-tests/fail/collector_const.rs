use tallymark::{Collected, collector};

#[collector]
const fn disks(out: &mut Collected) {}

fn main() {}
