//! tallymark itself.

use tallymark::exposition::{openmetrics, protobuf, text};
use tallymark::{Counter, Histogram, Labels, Registry};

use super::{Buffer, COUNTER, Counters, HELP, HISTOGRAM, Histograms, Messages, Page};
use crate::data::{BOUNDS, Method, Status};

/// Two finite labels.
#[derive(Labels)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) status: Status,
}

/// Two open labels.
#[derive(Labels)]
pub(crate) struct Place<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) path: &'a str,
}

/// The one place that knows how a registry becomes a page.
pub(crate) fn page(registry: &Registry, buffer: &mut Buffer) {
    text::write(registry.page(), &mut Sink(&mut buffer.streamed)).expect("the sink takes all");
}

/// Takes what a connection would.
struct Sink<'a>(&'a mut usize);

impl std::io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        *self.0 += std::hint::black_box(bytes).len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) struct Family<M> {
    pub(crate) metric: M,
    pub(crate) registry: Registry,
}

impl<M: Send + Sync + 'static> Page for Family<M> {
    fn page(&self, buffer: &mut Buffer) {
        page(&self.registry, buffer);
    }
}

/// What writes its page in `OpenMetrics`.
pub(crate) struct OpenMetrics<M>(pub(crate) Family<M>);

impl<M: Send + Sync + 'static> Page for OpenMetrics<M> {
    fn page(&self, buffer: &mut Buffer) {
        openmetrics::write(self.0.registry.page(), &mut Sink(&mut buffer.streamed)).expect("the sink takes all");
    }
}

impl<M: Send + Sync + 'static> Messages for Family<M> {
    fn messages(&self, buffer: &mut Buffer) {
        protobuf::write(self.registry.page(), &mut Sink(&mut buffer.streamed)).expect("the sink takes all");
    }
}

impl Counters for Family<Counter<Place<'static>>> {
    const NAME: &'static str = "tallymark";

    fn new() -> Self {
        let builder = Counter::builder(COUNTER, HELP).labels::<Place<'static>>().max_series(2_000_000);
        let metric = builder.build().expect("the name is good");
        let registry = Registry::new();
        registry.register(&metric).expect("nothing else is there");
        Self { metric, registry }
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.metric.with(&Place { tenant, path }).inc();
    }
}

impl Histograms for Family<Histogram<Place<'static>>> {
    const NAME: &'static str = "tallymark";

    fn new() -> Self {
        let builder = Histogram::builder(HISTOGRAM, HELP).buckets(BOUNDS).expect("the bounds are good");
        let metric = builder.labels::<Place<'static>>().max_series(2_000_000).build().expect("the name is good");
        let registry = Registry::new();
        registry.register(&metric).expect("nothing else is there");
        Self { metric, registry }
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.metric.with(&Place { tenant, path }).observe(seconds);
    }
}
