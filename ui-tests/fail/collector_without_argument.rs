use tallymark::collector;

#[collector]
fn disks() {}

fn main() {}
