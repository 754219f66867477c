//! fastmetrics.

use fastmetrics::derive::LabelSet;
use fastmetrics::format::text::{TextProfile, encode};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family as Metrics;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::Registry;

use super::{Buffer, COUNTER_BASE, Counters, HELP, Histograms, Page};
use crate::data::{BOUNDS, Method, Status};

/// Two finite labels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, LabelSet)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) status: Status,
}

/// Two open labels.
#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
pub(crate) struct Place {
    pub(crate) tenant: String,
    pub(crate) path: String,
}

/// The same for texts that live as long as the program.
#[derive(Clone, PartialEq, Eq, Hash, LabelSet)]
pub(crate) struct StaticPlace {
    pub(crate) tenant: &'static str,
    pub(crate) path: &'static str,
}

impl Place {
    pub(crate) fn of(tenant: &str, path: &str) -> Self {
        Self { tenant: tenant.to_owned(), path: path.to_owned() }
    }
}

pub(crate) struct Family<M> {
    pub(crate) metric: Metrics<Place, M>,
    registry: Registry,
}

impl<M: Send + Sync + 'static> Page for Family<M> {
    fn page(&self, buffer: &mut Buffer) {
        encode(&mut buffer.text, &self.registry, TextProfile::default()).expect("the metrics are good");
    }
}

impl Counters for Family<Counter> {
    const NAME: &'static str = "fastmetrics";

    fn new() -> Self {
        let metric = Metrics::<Place, Counter>::default();
        let mut registry = Registry::default();
        registry.register(COUNTER_BASE, HELP, metric.clone()).expect("nothing else is there");
        Self { metric, registry }
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.with_or_new(&Place::of(tenant, path), Counter::inc);
    }
}

impl Histograms for Family<Histogram> {
    const NAME: &'static str = "fastmetrics";

    fn new() -> Self {
        let metric = Metrics::<Place, Histogram>::new(|| Histogram::new(BOUNDS));
        let mut registry = Registry::default();
        registry.register("request_duration", HELP, metric.clone()).expect("nothing else is there");
        Self { metric, registry }
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.with_or_new(&Place::of(tenant, path), |histogram| histogram.observe(seconds));
    }
}
