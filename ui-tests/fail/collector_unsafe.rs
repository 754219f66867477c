use tallymark::{Collected, collector};

#[collector]
unsafe fn disks(out: &mut Collected) {}

fn main() {}
