//! Timers.

use std::time::Duration;

use super::histogram::HistogramSeries;
use crate::clock::Reading;

/// Observes the seconds from its start until it is stopped or dropped. The clock never goes back.
///
/// ```
/// let latency = tallymark::Histogram::new("latency_seconds", "How long it took.")?;
/// let timer = latency.start_timer();
/// let took = timer.stop();
/// latency.start_timer().discard();        // nothing is recorded
/// # Ok::<(), tallymark::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a timer that is dropped at once has measured nothing"]
pub struct Timer {
    /// None once it has been stopped.
    series: Option<HistogramSeries>,
    started: Reading,
}

impl Timer {
    #[inline]
    pub(crate) fn start(series: HistogramSeries) -> Self {
        Self { series: Some(series), started: Reading::now() }
    }

    /// How long it has been running.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Observes, and says what.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it records")]
    pub fn stop(mut self) -> Duration {
        let seconds = self.started.seconds();
        if let Some(series) = self.series.take() {
            series.observe_seconds(seconds);
        }
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    /// Observes nothing.
    pub fn discard(mut self) {
        self.series = None;
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if let Some(series) = self.series.take() {
            series.observe_seconds(self.started.seconds());
        }
    }
}
