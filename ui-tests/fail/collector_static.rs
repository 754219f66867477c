use tallymark::{Counter, collector};

#[collector]
static DISKS: Counter;

fn main() {}
