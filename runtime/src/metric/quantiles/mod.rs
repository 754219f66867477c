//! Quantiles of what is observed, each within its error: the part of a summary besides count and sum.
//!
//! A value goes into a buffer of its thread's, behind a lock that hardly anybody else wants. Whoever fills a buffer
//! sorts it and merges it into the [`sketch`], under the sketch's own lock; meanwhile others take other buffers. A read
//! takes what is in the buffers, one after the other, and merges it before it asks the sketch. So it has every value
//! whose `observe` has returned, and an `observe` never waits while a page is written: no lock is held for longer than
//! it takes to sort and merge 256 values, some microseconds.
//!
//! Locks are taken in this order: `reading`, then a buffer's, then that of `ages`.
//!
//! # Memory
//!
//! A buffer grows to 2 KiB. There is one a series unless threads meet in it, and then up to [`stripes::most`], which is
//! 32 on the greatest machines. A tuple of a sketch has 32 bytes. So with the default targets a series takes up to 5
//! KiB over all time and 15 KiB in a window of five ages, or 70 and 80 KiB where threads have met in all buffers. That
//! is where values come as they usually do; the worst stream that was found takes 90 KiB more a sketch.

mod ages;
mod sketch;
mod stripes;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Mutex;

use self::ages::Ages;
pub(crate) use self::ages::Window;
pub(crate) use self::sketch::Targets;
use self::stripes::{BATCH, Buffer, Stripes, lock};
use crate::clock::Reading;

/// The quantiles of one series.
pub(crate) struct Quantiles {
    targets: Targets,
    clock: Option<Clock>,
    stripes: Stripes,
    ages: Mutex<Ages>,
    /// Held while values are on their way from the buffers into the sketch, so that another read doesn't miss them.
    reading: Mutex<()>,
}

/// Which age it is.
struct Clock {
    window: Window,
    started: Reading,
}

impl Quantiles {
    /// Quantiles over all time, or over a window.
    pub(crate) fn new(targets: &Targets, window: Option<Window>) -> Self {
        Self {
            targets: targets.clone(),
            clock: window.map(|window| Clock { window, started: Reading::now() }),
            stripes: Stripes::new(),
            ages: Mutex::new(Ages::new(window.map_or(1, |window| window.age_buckets))),
            reading: Mutex::new(()),
        }
    }

    /// Adds a value, which is not NaN.
    #[inline]
    pub(crate) fn observe(&self, value: f64) {
        self.observe_in(value, self.age());
    }

    #[inline]
    fn observe_in(&self, value: f64, age: u64) {
        debug_assert!(!value.is_nan(), "NaN has no rank");
        let mut buffer = self.stripes.take();
        if buffer.age != age {
            self.begin_age(&mut buffer, age);
        }
        buffer.values.push(value);
        if buffer.values.len() >= BATCH {
            self.merge(&mut buffer);
        }
    }

    #[cold]
    fn begin_age(&self, buffer: &mut Buffer, age: u64) {
        self.merge(buffer);
        buffer.age = age;
    }

    #[cold]
    #[inline(never)]
    fn merge(&self, buffer: &mut Buffer) {
        if buffer.values.is_empty() {
            return;
        }
        sort(&mut buffer.values);
        lock(&self.ages).add(&self.targets, &buffer.values, buffer.age);
        buffer.values.clear();
    }

    /// Adds each quantile that is asked for, and its value: NaN where there are no values.
    pub(crate) fn read(&self, out: &mut Vec<(f64, f64)>) {
        self.read_in(self.age(), out);
    }

    fn read_in(&self, age: u64, out: &mut Vec<(f64, f64)>) {
        let _reading = lock(&self.reading);
        for mut buffer in self.stripes.drain() {
            self.merge(&mut buffer);
        }
        let mut ages = lock(&self.ages);
        ages.advance(age);
        if let Some(sketch) = ages.oldest() {
            sketch.read(&self.targets, out);
        }
    }

    /// Without a window there is one age.
    #[inline]
    fn age(&self) -> u64 {
        self.clock.as_ref().map_or(0, |Clock { window, started }| window.age(started.seconds()))
    }
}

impl fmt::Debug for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quantiles").field("targets", &self.targets).finish_non_exhaustive()
    }
}

/// Without NaN this is an order, and twice as fast as that of `total_cmp`.
fn sort(values: &mut [f64]) {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
}
