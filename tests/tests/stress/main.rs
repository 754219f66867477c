//! Many threads count at once, scraped all the while, and every number is right.
//!
//! `cargo test --release -p tallymark-tests --test stress` runs the full figures; without optimisation a hundredth.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]
#![allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "counts are whole numbers below 2^53")]

mod changes;
mod counting;
mod exemplars;
mod gauges;
mod histograms;
mod native;
mod page;
mod removal;
mod types;

use std::thread::ScopedJoinHandle;

fn join<T>(threads: Vec<ScopedJoinHandle<'_, T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// A figure, smaller where the program is slow.
const fn figure(full: u64) -> u64 {
    if cfg!(debug_assertions) { full.div_ceil(100) } else { full }
}
