use tallymark::{Collected, collector};

#[collector]
fn disks<T>(out: &mut Collected) {}

fn main() {}
