use tallymark::{Collected, collector};

#[collector]
#[tallymark::counter]
fn disks(out: &mut Collected) {}

fn main() {}
