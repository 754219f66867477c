use tallymark::{Collected, collector};

#[collector]
async fn disks(out: &mut Collected) {}

fn main() {}
