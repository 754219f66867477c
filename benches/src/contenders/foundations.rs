//! foundations-metrics.

use std::num::NonZeroUsize;

use foundations_metrics::{
    Counter, EncodeMetric, EncodeMetricValue, Family as Metrics, Histogram, HistogramBuilder, LowCardinalityLabel,
    NamedMetric, encode_to_text,
};
use serde::Serialize;

use super::{Buffer, COUNTER, Counters, HELP, HISTOGRAM, Histograms, Page};
use crate::data::{BOUNDS, Method, Status};

/// Two finite labels, as its macro for low cardinality writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) status: Status,
}

impl LowCardinalityLabel for Request {
    const CARDINALITY: NonZeroUsize = NonZeroUsize::new(25).expect("it is 25");

    fn index(&self) -> usize {
        self.method as usize * 5 + self.status as usize
    }
}

/// Two open labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Place {
    pub(crate) tenant: String,
    pub(crate) path: String,
}

impl Place {
    pub(crate) fn of(tenant: &str, path: &str) -> Self {
        Self { tenant: tenant.to_owned(), path: path.to_owned() }
    }
}

pub(crate) struct Family<M, C> {
    pub(crate) metric: Metrics<Place, M, C>,
    name: &'static str,
}

pub(crate) type CounterFamily = Family<Counter, fn() -> Counter>;
pub(crate) type HistogramFamily = Family<Histogram, HistogramBuilder>;

pub(crate) fn builder() -> HistogramBuilder {
    HistogramBuilder { buckets: &BOUNDS }
}

/// What collecting does for one metric, without the registry of the whole process, which can't be cleared.
impl<M: 'static, C: Clone + 'static> Page for Family<M, C>
where
    Metrics<Place, M, C>: EncodeMetricValue + Send + Sync,
    NamedMetric<Metrics<Place, M, C>>: EncodeMetric,
{
    fn page(&self, buffer: &mut Buffer) {
        let families = NamedMetric::new(self.name, HELP, self.metric.clone()).encode();
        buffer.text = encode_to_text(&families);
    }
}

impl Counters for CounterFamily {
    const NAME: &'static str = "foundations-metrics";

    fn new() -> Self {
        Self { metric: Metrics::default(), name: COUNTER }
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.get_or_create(&Place::of(tenant, path)).inc();
    }
}

impl Histograms for HistogramFamily {
    const NAME: &'static str = "foundations-metrics";

    fn new() -> Self {
        Self { metric: Metrics::new_with_constructor(builder()), name: HISTOGRAM }
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.get_or_create(&Place::of(tenant, path)).observe(seconds);
    }
}
