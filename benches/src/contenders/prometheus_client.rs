//! prometheus-client.

use std::fmt::Debug;

use prometheus_client::encoding::prometheus_protobuf;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family as Metrics, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{Buffer, COUNTER_BASE, Counters, HELP, HISTOGRAM, Histograms, Messages, Page};
use crate::data::{BOUNDS, Method, Status};

/// Two finite labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) status: Status,
}

/// Two open labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Place {
    pub(crate) tenant: String,
    pub(crate) path: String,
}

pub(crate) type CounterFamily = Family<Counter, fn() -> Counter>;
pub(crate) type HistogramFamily = Family<Histogram, fn() -> Histogram>;

impl Place {
    pub(crate) fn of(tenant: &str, path: &str) -> Self {
        Self { tenant: tenant.to_owned(), path: path.to_owned() }
    }
}

pub(crate) struct Family<M, C> {
    pub(crate) metric: Metrics<Place, M, C>,
    registry: Registry,
}

pub(crate) fn histogram() -> Histogram {
    Histogram::new(BOUNDS)
}

impl<M, C> Family<M, C>
where
    M: EncodeMetric + TypedMetric + Debug + Send + Sync + 'static,
    C: MetricConstructor<M> + Clone + Send + Sync + 'static,
{
    fn of(name: &str, metric: Metrics<Place, M, C>) -> Self {
        let mut registry = Registry::default();
        registry.register(name, HELP.trim_end_matches('.'), metric.clone());
        Self { metric, registry }
    }
}

impl<M: Send + Sync + 'static, C: Send + Sync + 'static> Page for Family<M, C> {
    fn page(&self, buffer: &mut Buffer) {
        encode(&mut buffer.text, &self.registry).expect("writing to a string can't fail");
    }
}

impl<M: Send + Sync + 'static, C: Send + Sync + 'static> Messages for Family<M, C> {
    fn messages(&self, buffer: &mut Buffer) {
        for family in prometheus_protobuf::encode(&self.registry).expect("the metrics are good") {
            prost::Message::encode_length_delimited(&family, &mut buffer.bytes).expect("a `Vec` has room");
        }
    }
}

impl Counters for CounterFamily {
    const NAME: &'static str = "prometheus-client";

    fn new() -> Self {
        Self::of(COUNTER_BASE, Metrics::default())
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.get_or_create(&Place::of(tenant, path)).inc();
    }
}

impl Histograms for HistogramFamily {
    const NAME: &'static str = "prometheus-client";

    fn new() -> Self {
        Self::of(HISTOGRAM, Metrics::new_with_constructor(histogram as fn() -> Histogram))
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.get_or_create(&Place::of(tenant, path)).observe(seconds);
    }
}
