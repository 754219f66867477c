use tallymark::counter;

#[counter]
pub use std::fmt::Debug;

fn main() {}
