//! How many scrapes there may be at once, and how long one may take.

use std::sync::Arc;
use std::time::Duration;

use hyper::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// More scrapes than come at once. A collector that hangs keeps a thread a scrape, of a pool that the whole program
/// shares; so this bounds how many.
pub(super) const MAX_SCRAPES: usize = 16;

/// Prometheus says how long it waits. This is for others, and longer than it waits for anything by default.
pub(super) const SCRAPE_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a scrape waits for its turn: enough for a burst of short ones, and too little for many to pile up.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// What Prometheus says how long it waits by, in seconds.
const TIMEOUT_HEADER: &str = "x-prometheus-scrape-timeout-seconds";

#[derive(Clone, Debug)]
pub(super) struct Limits {
    places: Arc<Semaphore>,
    time: Duration,
}

impl Limits {
    pub(super) fn new(scrapes: usize, time: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(scrapes.clamp(1, Semaphore::MAX_PERMITS))), time }
    }

    /// All places for scrapes.
    pub(super) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.places)
    }

    /// A place for a scrape; none where there are as many as there may be, and stay.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }

    /// How long the scrape with these headers may take: a little less than its client waits, so that it learns why it
    /// gets nothing.
    pub(super) fn time(&self, headers: &HeaderMap) -> Duration {
        let asked = headers.get(TIMEOUT_HEADER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let asked = asked.filter(|seconds: &f64| *seconds > 0.0);
        let asked = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        asked.map_or(self.time, |asked| self.time.min(asked.mul_f64(0.95)))
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn a_client_can_only_shorten_the_time() {
        let limits = Limits::new(1, Duration::from_secs(20));
        assert_eq!(limits.time(&HeaderMap::new()), Duration::from_secs(20));
        for (asked, milliseconds) in [
            ("10", 9_500),
            ("10.000000", 9_500),
            (" 0.5 ", 475),
            ("1e1", 9_500),
            ("30", 20_000),
            ("1e300", 20_000),
            ("inf", 20_000),
            ("NaN", 20_000),
            ("0", 20_000),
            ("-1", 20_000),
            ("", 20_000),
            ("10s", 20_000),
            ("\u{ff}", 20_000),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT_HEADER, HeaderValue::from_bytes(asked.as_bytes()).expect("no control characters"));
            assert_eq!(limits.time(&headers), Duration::from_millis(milliseconds), "{asked}");
        }
    }
}
