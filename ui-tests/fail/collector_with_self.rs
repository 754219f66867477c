use tallymark::{Collected, collector};

struct Disks;

impl Disks {
    #[collector]
    fn disks(&self, out: &mut Collected) {}
}

fn main() {}
