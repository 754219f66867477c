//! fast-telemetry.

use std::thread::available_parallelism;

use fast_telemetry::{DynamicCounter, DynamicHistogram, LabelEnum, PrometheusExport};

use super::{Buffer, COUNTER, Counters, HELP, HISTOGRAM, Histograms, Page};
use crate::data::{BOUNDS_MICROS, Method, Status};

/// How many shards its documentation advises: one a CPU.
pub(crate) fn shards() -> usize {
    available_parallelism().map_or(4, usize::from)
}

/// Both finite labels as one, since a family takes one enum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request(pub(crate) Method, pub(crate) Status);

impl LabelEnum for Request {
    const CARDINALITY: usize = 25;
    const LABEL_NAME: &'static str = "request";

    fn as_index(self) -> usize {
        self.0 as usize * 5 + self.1 as usize
    }

    fn from_index(index: usize) -> Self {
        Self(Method::ALL[index / 5], Status::ALL[index % 5])
    }

    fn variant_name(self) -> &'static str {
        self.0.as_str()
    }
}

/// It doesn't escape label values, so a quote in one breaks the page: not what a page is required to be compared with.
const UNESCAPED: &str = "fast-telemetry/unescaped";

impl Page for DynamicCounter {
    fn page(&self, buffer: &mut Buffer) {
        self.export_prometheus(&mut buffer.text, COUNTER, HELP);
    }
}

impl Counters for DynamicCounter {
    const NAME: &'static str = "fast-telemetry";
    const PAGE: &'static str = UNESCAPED;

    fn new() -> Self {
        Self::with_max_series(shards(), 2_000_000)
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.inc(&[("tenant", tenant), ("path", path)]);
    }
}

impl Page for DynamicHistogram {
    fn page(&self, buffer: &mut Buffer) {
        self.export_prometheus(&mut buffer.text, HISTOGRAM, HELP);
    }
}

/// Its histograms count integers: microseconds.
impl Histograms for DynamicHistogram {
    const NAME: &'static str = UNESCAPED;

    fn new() -> Self {
        Self::with_limits(&BOUNDS_MICROS, shards(), 2_000_000)
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "durations are short and positive"
        )]
        self.record(&[("tenant", tenant), ("path", path)], (seconds * 1e6) as u64);
    }
}
