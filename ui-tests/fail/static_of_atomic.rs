use tallymark::counter;

use std::sync::atomic::AtomicU64;

#[counter]
static REQUESTS: AtomicU64;

fn main() {}
