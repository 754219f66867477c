use tallymark::collector;

#[collector]
struct Disks;

fn main() {}
