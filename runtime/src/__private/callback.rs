//! Gauges that are read from a function at each scrape.

use crate::collector::{Collected, Collector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind};
use crate::metric::Spec;
use crate::snapshot::{MetricFamily, Number, SeriesSnapshot, Value};

/// A function that gives a number, and what the number is called.
#[derive(Debug)]
pub struct Callback {
    spec: &'static Spec,
    read: fn() -> Number,
}

impl Callback {
    #[must_use]
    pub const fn new(spec: &'static Spec, read: fn() -> Number) -> Self {
        Self { spec, read }
    }
}

impl Collector for Callback {
    fn describe(&self) -> Vec<Descriptor> {
        vec![self.spec.descriptor(MetricKind::Gauge, &[]).to_descriptor()]
    }

    fn collect(&self, out: &mut Collected) {
        let descriptor = self.spec.descriptor(MetricKind::Gauge, &[]).to_descriptor();
        let mut labels = Vec::new();
        for (name, value) in descriptor.const_labels() {
            labels.push((name.into(), value.into()));
        }
        let series = SeriesSnapshot::new(labels, Value::Number((self.read)()));
        out.push_values(MetricFamily::of(&descriptor, vec![series]));
    }

    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        Some(self.spec.descriptor(MetricKind::Gauge, &[]))
    }
}
