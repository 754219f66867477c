//! A summary with the default quantiles, which promises how far their ranks may be off.
//!
//! Peers are the crates that promise the same. What they have is a sketch for one thread, with one error for all ranks;
//! so it is the least of the three, and a lock makes it a metric.

use std::cmp::Ordering;
use std::sync::{Mutex, PoisonError};

use quantiles::ckms::CKMS;
use quantiles::greenwald_khanna::Stream;
use tallymark::{MetricBuilder, Summary};
use zw_fast_quantile::UnboundEpsilonSummary;

use crate::data::latencies;
use crate::harness::{Figure, Plan, case, measure};

/// The least of the default errors.
const ERROR: f64 = 0.001;

/// A value as they want it.
#[derive(Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let seconds = latencies();
    let mut cases = Vec::new();

    let summary = Summary::builder("bench_latency_seconds", "Time a request took.")
        .quantiles(tallymark::quantiles::DEFAULT.iter().copied())
        .and_then(MetricBuilder::build)
        .expect("the name and the quantiles keep the rules");
    case!(cases, "tallymark", |_, i| summary.observe(seconds.at(i)));

    let sketch = Mutex::new(UnboundEpsilonSummary::new(ERROR).expect("the error is between 0 and 1"));
    case!(cases, "zw-fast-quantile", |_, i| {
        sketch.lock().unwrap_or_else(PoisonError::into_inner).update(Ordered(seconds.at(i)));
    });

    let sketch = Mutex::new(Stream::new(ERROR));
    case!(cases, "quantiles", |_, i| {
        sketch.lock().unwrap_or_else(PoisonError::into_inner).insert(Ordered(seconds.at(i)));
    });

    // It doesn't keep what it promises: see ARCHITECTURE.md.
    let sketch = Mutex::new(CKMS::<f64>::new(ERROR));
    case!(cases, "quantiles/CKMS", |_, i| {
        sketch.lock().unwrap_or_else(PoisonError::into_inner).insert(seconds.at(i));
    });
    // Every contender puts values aside and merges many at once, one of them seldom and for long.
    measure(Plan::SAVED_UP, threads, cases)
}
