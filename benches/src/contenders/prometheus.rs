//! prometheus, and prometheus-static-metric on it.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, ProtobufEncoder, Registry, TextEncoder};

use super::{Buffer, COUNTER, Counters, HELP, HISTOGRAM, Histograms, Messages, Page};
use crate::data::BOUNDS;

pub(crate) struct Family<M> {
    pub(crate) metric: M,
    pub(crate) registry: Registry,
}

impl<M: Send + Sync + 'static> Page for Family<M> {
    fn page(&self, buffer: &mut Buffer) {
        let families = self.registry.gather();
        TextEncoder::new().encode(&families, &mut buffer.bytes).expect("the metrics are good");
    }
}

impl<M: Send + Sync + 'static> Messages for Family<M> {
    fn messages(&self, buffer: &mut Buffer) {
        let families = self.registry.gather();
        ProtobufEncoder::new().encode(&families, &mut buffer.bytes).expect("the metrics are good");
    }
}

impl<M: prometheus::core::Collector + Clone + 'static> Family<M> {
    fn of(metric: M) -> Self {
        let registry = Registry::new();
        registry.register(Box::new(metric.clone())).expect("nothing else is there");
        Self { metric, registry }
    }
}

impl Counters for Family<IntCounterVec> {
    const NAME: &'static str = "prometheus";

    fn new() -> Self {
        Self::of(IntCounterVec::new(Opts::new(COUNTER, HELP), &["tenant", "path"]).expect("the names are good"))
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.with_label_values(&[tenant, path]).inc();
    }
}

impl Histograms for Family<HistogramVec> {
    const NAME: &'static str = "prometheus";

    fn new() -> Self {
        let options = HistogramOpts::new(HISTOGRAM, HELP).buckets(BOUNDS.to_vec());
        Self::of(HistogramVec::new(options, &["tenant", "path"]).expect("the names are good"))
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.with_label_values(&[tenant, path]).observe(seconds);
    }
}
