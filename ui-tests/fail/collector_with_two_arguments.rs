use tallymark::{Collected, collector};

#[collector]
fn disks(out: &mut Collected, path: &str) {}

fn main() {}
