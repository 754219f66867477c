//! `opentelemetry_sdk`, with opentelemetry-prometheus.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use prometheus::{Encoder, Registry, TextEncoder};

use super::{Buffer, COUNTER_BASE, Counters, HELP, Histograms, Page};
use crate::data::BOUNDS;

/// A provider whose only reader is a Prometheus exporter.
pub(crate) struct Provider {
    /// It must be there for as long as its instruments.
    _sdk: SdkMeterProvider,
    pub(crate) meter: Meter,
    pub(crate) registry: Registry,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self::with_series(2_000)
    }

    /// One whose families have up to so many series, for which it has room from the beginning. Its default is 2,000.
    fn with_series(limit: usize) -> Self {
        Self::viewed(move |_| Stream::builder().with_cardinality_limit(limit).build().ok())
    }

    /// One whose histograms are exponential ones with so many buckets.
    pub(crate) fn exponential(max_size: u32) -> Self {
        // Eight buckets for each power of two at most.
        let aggregation = Aggregation::Base2ExponentialHistogram { max_size, max_scale: 3, record_min_max: false };
        Self::viewed(move |_| Stream::builder().with_aggregation(aggregation.clone()).build().ok())
    }

    fn viewed(view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static) -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_target_info()
            .build()
            .expect("nothing else is in the registry");
        let provider = SdkMeterProvider::builder().with_reader(exporter).with_view(view).build();
        let meter = provider.meter("benches");
        Self { _sdk: provider, meter, registry }
    }

    pub(crate) fn histogram(&self) -> Histogram<f64> {
        self.meter
            .f64_histogram("request_duration")
            .with_unit("s")
            .with_description(HELP)
            .with_boundaries(BOUNDS.to_vec())
            .build()
    }
}

pub(crate) struct Family<M> {
    pub(crate) metric: M,
    provider: Provider,
}

impl<M: Send + Sync + 'static> Page for Family<M> {
    fn page(&self, buffer: &mut Buffer) {
        let families = self.provider.registry.gather();
        TextEncoder::new().encode(&families, &mut buffer.bytes).expect("the metrics are good");
    }
}

fn labels(tenant: &str, path: &str) -> [KeyValue; 2] {
    [KeyValue::new("tenant", tenant.to_owned()), KeyValue::new("path", path.to_owned())]
}

impl Counters for Family<Counter<u64>> {
    const NAME: &'static str = "opentelemetry_sdk";

    fn new() -> Self {
        let provider = Provider::with_series(2_000_000);
        let metric = provider.meter.u64_counter(COUNTER_BASE).with_description(HELP).build();
        Self { metric, provider }
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.add(1, &labels(tenant, path));
    }
}

impl Histograms for Family<Histogram<f64>> {
    const NAME: &'static str = "opentelemetry_sdk";

    fn new() -> Self {
        let provider = Provider::with_series(20_000);
        Self { metric: provider.histogram(), provider }
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.record(seconds, &labels(tenant, path));
    }
}
