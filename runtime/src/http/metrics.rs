//! What the exporter counts of itself.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper::StatusCode;

use crate::buckets;
use crate::collector::{Collected, Collector};
use crate::descriptor::{Descriptor, MetricKind};
use crate::error::Error;
use crate::registry::Registry;

const REQUESTS: (&str, &str) = ("tallymark_http_requests_total", "Requests answered, by status code.");
const IN_FLIGHT: (&str, &str) = ("tallymark_http_requests_in_flight", "Requests being answered.");
const DURATION: (&str, &str) =
    ("tallymark_http_request_duration_seconds", "Time from the head of a request to the last of its response.");
const BYTES: (&str, &str) = ("tallymark_http_response_bytes_total", "Bytes of the bodies of responses, as sent.");

/// All that the exporter answers.
const CODES: [(StatusCode, &str); 7] = [
    (StatusCode::OK, "200"),
    (StatusCode::NO_CONTENT, "204"),
    (StatusCode::BAD_REQUEST, "400"),
    (StatusCode::NOT_FOUND, "404"),
    (StatusCode::METHOD_NOT_ALLOWED, "405"),
    (StatusCode::INTERNAL_SERVER_ERROR, "500"),
    (StatusCode::SERVICE_UNAVAILABLE, "503"),
];

/// The metrics of all servers of a registry.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Numbers>);

#[derive(Clone, Debug, Default)]
struct Numbers {
    requests: [u64; CODES.len()],
    in_flight: u64,
    /// Behind each bound, and behind all of them.
    durations: [u64; buckets::DEFAULT.len() + 1],
    seconds: f64,
    bytes: u64,
}

impl Metrics {
    /// Those of a registry, in which they are registered when they are first asked for. None where something there has
    /// one of their names: that comes first.
    pub(super) fn of(registry: &Registry) -> Option<Arc<Self>> {
        let mut shared = registry.shared_by_servers();
        if let Some(shared) = &*shared {
            return Arc::clone(shared).downcast().ok();
        }
        let metrics = Arc::new(Self::default());
        registry.register(Arc::clone(&metrics)).ok()?;
        *shared = Some(Arc::clone(&metrics) as Arc<dyn Any + Send + Sync>);
        Some(metrics)
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn descriptors() -> Result<Vec<Descriptor>, Error> {
        Ok(vec![
            Descriptor::new(MetricKind::Counter, REQUESTS.0, REQUESTS.1)?.with_labels(["code"])?,
            Descriptor::new(MetricKind::Gauge, IN_FLIGHT.0, IN_FLIGHT.1)?,
            Descriptor::new(MetricKind::Histogram, DURATION.0, DURATION.1)?.with_unit("seconds")?,
            Descriptor::new(MetricKind::Counter, BYTES.0, BYTES.1)?.with_unit("bytes")?,
        ])
    }
}

impl Collector for Metrics {
    fn describe(&self) -> Vec<Descriptor> {
        Self::descriptors().expect("the names keep the rules")
    }

    fn collect(&self, out: &mut Collected) {
        let Numbers { requests, in_flight, durations, seconds, bytes } = self.numbers().clone();
        let mut by_code = out.counter(REQUESTS.0, REQUESTS.1);
        for ((_, code), requests) in CODES.iter().zip(requests) {
            by_code.series([("code", *code)], requests);
        }
        out.gauge(IN_FLIGHT.0, IN_FLIGHT.1).value(in_flight);
        let bounds = buckets::DEFAULT.iter().copied().chain([f64::INFINITY]);
        out.histogram(DURATION.0, DURATION.1).histogram_series(NO_LABELS, bounds.zip(durations), seconds);
        out.counter(BYTES.0, BYTES.1).value(bytes);
    }
}

const NO_LABELS: [(&str, &str); 0] = [];

/// What becomes of one request. A request whose client goes before it is answered counts nowhere.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// None once it has ended.
    metrics: Option<Arc<Metrics>>,
    began: Option<Instant>,
    code: Option<StatusCode>,
    bytes: u64,
}

impl Record {
    /// The request has come.
    pub(super) fn begin(metrics: Option<&Arc<Metrics>>) -> Self {
        let Some(metrics) = metrics else { return Self::default() };
        metrics.numbers().in_flight += 1;
        Self { metrics: Some(Arc::clone(metrics)), began: Some(Instant::now()), code: None, bytes: 0 }
    }

    /// There is an answer, which is to be sent.
    pub(super) fn answers(&mut self, code: StatusCode) {
        self.code = Some(code);
    }

    /// So much of the body goes out.
    pub(super) fn sends(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// All has gone out that will.
    pub(super) fn end(&mut self) {
        let Some(metrics) = self.metrics.take() else { return };
        let seconds = self.began.map_or(0.0, |began| began.elapsed().as_secs_f64());
        let mut numbers = metrics.numbers();
        numbers.in_flight -= 1;
        let Some(code) = self.code.and_then(|code| CODES.iter().position(|(known, _)| *known == code)) else { return };
        numbers.requests[code] += 1;
        numbers.durations[buckets::DEFAULT.iter().filter(|bound| seconds > **bound).count()] += 1;
        numbers.seconds += seconds;
        numbers.bytes += self.bytes;
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.end();
    }
}
