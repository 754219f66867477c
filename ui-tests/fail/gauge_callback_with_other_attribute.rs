use tallymark::{counter, gauge};

#[counter]
#[gauge(callback)]
fn depth() -> usize {
    3
}

fn main() {}
