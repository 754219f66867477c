//! Cells of one histogram, read without tearing.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::sync::{Arc, Mutex, PoisonError};

use super::cell::{Cell, add_float};

/// The observations of one series.
///
/// The protocol is that of `client_golang`'s histogram. There are two halves, of which one is *hot*: the top bit of
/// `started` says which. An observation begins with one addition to `started`, which counts it and tells it the hot
/// half at the same instant; it writes there, and ends with one addition to that half's `finished`. A reader flips the
/// top bit, which makes the other half hot and tells how many observations began before; it waits until as many have
/// finished in the half that is now cold, reads it, and adds it to the hot one, so that each half when hot holds every
/// observation there ever was. So a reading is the state at the instant of the flip: its count, buckets and sum belong
/// to the same observations.
///
/// An observer never waits. A reader waits for the observers that are between their two additions, a few instructions.
#[derive(Debug)]
pub(crate) struct HistogramCell {
    bounds: Arc<[f64]>,
    started: AtomicU64,
    halves: [Half; 2],
    /// Held by the reader: there is one at a time.
    reading: Mutex<()>,
}

#[derive(Debug)]
struct Half {
    finished: AtomicU64,
    /// The bits of an `f64`.
    sum: AtomicU64,
    /// One for each bound and one for +Inf, not cumulative.
    buckets: Box<[AtomicU64]>,
}

/// What a histogram held at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistogramReading {
    pub(crate) bounds: Arc<[f64]>,
    /// One for each bound and one for +Inf, not cumulative.
    pub(crate) buckets: Vec<u64>,
    pub(crate) sum: f64,
}

const HOT: u64 = 1 << 63;

impl Cell for HistogramCell {
    /// The upper bounds, rising, without +Inf.
    type Shape = Arc<[f64]>;

    fn new(bounds: &Arc<[f64]>) -> Self {
        let half = || Half {
            finished: AtomicU64::new(0),
            sum: AtomicU64::new(0.0_f64.to_bits()),
            buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
        };
        Self {
            bounds: Arc::clone(bounds),
            started: AtomicU64::new(0),
            halves: [half(), half()],
            reading: Mutex::new(()),
        }
    }
}

impl HistogramCell {
    /// Counts a value that is not NaN.
    pub(crate) fn observe(&self, value: f64) {
        // `le` is inclusive: the first bound that is not below the value.
        let bucket = self.bounds.partition_point(|&bound| bound < value);
        let started = self.started.fetch_add(1, Acquire);
        let half = &self.halves[usize::from(started & HOT != 0)];
        half.buckets[bucket].fetch_add(1, Relaxed);
        add_float(&half.sum, value);
        half.finished.fetch_add(1, Release);
    }

    pub(crate) fn read(&self) -> HistogramReading {
        let _one = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let started = self.started.fetch_add(HOT, AcqRel);
        let was_hot = usize::from(started & HOT != 0);
        let (cold, hot) = (&self.halves[was_hot], &self.halves[1 - was_hot]);
        let count = started & !HOT;
        while cold.finished.load(Acquire) != count {
            std::thread::yield_now();
        }
        let reading = HistogramReading {
            bounds: Arc::clone(&self.bounds),
            buckets: cold.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect(),
            sum: f64::from_bits(cold.sum.load(Relaxed)),
        };
        for (hot, cold) in hot.buckets.iter().zip(&cold.buckets) {
            hot.fetch_add(cold.swap(0, Relaxed), Relaxed);
        }
        add_float(&hot.sum, reading.sum);
        cold.sum.store(0.0_f64.to_bits(), Relaxed);
        cold.finished.store(0, Relaxed);
        hot.finished.fetch_add(count, Release);
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Number;

    fn cell(bounds: &[f64]) -> HistogramCell {
        HistogramCell::new(&bounds.into())
    }

    #[test]
    fn an_upper_bound_is_inclusive() {
        let cell = cell(&[-1.0, 0.0, 5.0]);
        for value in [-2.0, -1.0, -0.5, -0.0, 0.0, 5.0, 5.000_000_1, f64::INFINITY, f64::NEG_INFINITY] {
            cell.observe(value);
        }
        assert_eq!(cell.read().buckets, [3, 3, 1, 2]);
    }

    #[test]
    fn reading_twice_gives_the_same() {
        let cell = cell(&[1.0]);
        cell.observe(0.25);
        cell.observe(4.0);
        let first = cell.read();
        assert_eq!((first.buckets.as_slice(), first.sum), ([1, 1].as_slice(), 4.25));
        assert_eq!(cell.read(), first);
        cell.observe(4.0);
        assert_eq!(cell.read().sum.to_bits(), 8.25_f64.to_bits());
    }

    #[test]
    fn a_reading_is_never_torn() {
        let cell = cell(&[1.0, 2.0]);
        let (threads, each) = if cfg!(miri) { (2, 50) } else { (4, 100_000) };
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        for turn in 0..each {
                            cell.observe([1.0, 2.0, 4.0][turn % 3]);
                        }
                    })
                })
                .collect();
            let mut before = 0;
            while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                let reading = cell.read();
                let weighted = reading.buckets[0] + 2 * reading.buckets[1] + 4 * reading.buckets[2];
                assert_eq!(reading.sum.to_bits(), Number::from(weighted).as_f64().to_bits());
                let count = reading.buckets.iter().sum::<u64>();
                assert!(count >= before);
                before = count;
            }
        });
        assert_eq!(cell.read().buckets.iter().sum::<u64>(), (threads * each) as u64);
    }
}
