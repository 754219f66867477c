//! Timers.

use std::time::Duration;

use super::histogram::HistogramSeries;
use crate::clock::Reading;

/// What seconds that have been measured go to: a histogram observes them, a gauge is set to them.
pub trait Record {
    /// Takes them.
    fn record_seconds(&self, seconds: f64);
}

impl<T: Record> Record for &T {
    // What it stands for may be too long for it, and then the reference would be written to the stack to be called by.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is a call")]
    fn record_seconds(&self, seconds: f64) {
        T::record_seconds(self, seconds);
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    #[inline]
    fn record_seconds(&self, seconds: f64) {
        self.0.record_seconds(seconds);
        self.1.record_seconds(seconds);
    }
}

/// Measures the seconds from its start until it is stopped or dropped: a histogram observes them, a gauge is set to them.
/// The clock never goes back.
///
/// ```
/// let latency = tallymark::Histogram::new("latency_seconds", "How long it took.")?;
/// let timer = latency.start_timer();
/// let took = timer.stop();
/// latency.start_timer().stop_with_exemplar([("trace_id", "4bf92f3577b34da6")]);
/// latency.start_timer().discard();        // nothing is recorded
/// # Ok::<(), tallymark::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a timer that is dropped at once has measured nothing"]
pub struct Timer<S: Record = HistogramSeries> {
    /// None once it has been stopped.
    series: Option<S>,
    started: Reading,
}

impl<S: Record> Timer<S> {
    #[inline]
    pub(crate) fn start(series: S) -> Self {
        Self { series: Some(series), started: Reading::now() }
    }

    /// How long it has been running.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Records, and says what.
    pub fn stop(self) -> Duration {
        self.stop_by(S::record_seconds)
    }

    pub(super) fn stop_by(mut self, record: impl FnOnce(&S, f64)) -> Duration {
        let seconds = self.started.seconds();
        if let Some(series) = self.series.take() {
            record(&series, seconds);
        }
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    /// Records nothing.
    pub fn discard(mut self) {
        self.series = None;
    }
}

impl<S: Record> Drop for Timer<S> {
    #[inline]
    fn drop(&mut self) {
        if let Some(series) = self.series.take() {
            series.record_seconds(self.started.seconds());
        }
    }
}
