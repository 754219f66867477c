#[tallymark::stateset]
fn task() {}

fn main() {}
