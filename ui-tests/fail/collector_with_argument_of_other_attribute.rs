use tallymark::{Collected, collector};

#[collector(name = "disks")]
fn disks(out: &mut Collected) {}

fn main() {}
