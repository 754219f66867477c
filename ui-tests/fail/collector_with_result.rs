use tallymark::{Collected, collector};

#[collector]
fn disks(out: &mut Collected) -> Result<(), String> {
    Ok(())
}

fn main() {}
