//! What a mark with `exemplar` counts by: with what the current span says of its trace.

use super::act::Observe;
use super::resolved::Counted;
use crate::metric::{Count, Counter, CounterSeries, CounterValue, Histogram, HistogramSeries, Record};
use crate::snapshot::Number;
use crate::tracing::{SpanLabels, current};

/// A metric that counts with the exemplar of the current span, if that has any.
#[derive(Clone, Debug)]
pub struct Traced<M>(M);

pub fn traced<M>(metric: M) -> Traced<M> {
    Traced(metric)
}

/// What counts calls with exemplars.
pub trait CountTraced: Count {
    fn count_traced(&self, labels: SpanLabels);
}

/// What observes with exemplars.
pub trait ObserveTraced: Observe + Record {
    fn observe_traced(&self, value: Number, labels: SpanLabels);
}

impl<M: CountTraced> Count for Traced<M> {
    fn count(&self) {
        let labels = current();
        if labels.is_empty() {
            self.0.count();
        } else {
            self.0.count_traced(labels);
        }
    }
}

impl<M: ObserveTraced> Observe for Traced<M> {
    fn observe(&self, value: impl Into<Number>) {
        let labels = current();
        if labels.is_empty() {
            self.0.observe(value);
        } else {
            self.0.observe_traced(value.into(), labels);
        }
    }
}

impl<M: ObserveTraced> Record for Traced<M> {
    fn record_seconds(&self, seconds: f64) {
        let labels = current();
        if labels.is_empty() {
            self.0.record_seconds(seconds);
        } else {
            self.0.observe_traced(seconds.into(), labels);
        }
    }
}

impl<V: CounterValue> CountTraced for Counter<(), V> {
    fn count_traced(&self, labels: SpanLabels) {
        self.inc_with_exemplar(labels);
    }
}

impl<V: CounterValue> CountTraced for CounterSeries<V> {
    fn count_traced(&self, labels: SpanLabels) {
        self.inc_with_exemplar(labels);
    }
}

impl<F: Fn() -> CounterSeries + Copy> CountTraced for Counted<'_, CounterSeries, F> {
    fn count_traced(&self, labels: SpanLabels) {
        self.series().inc_with_exemplar(labels);
    }
}

impl<T: CountTraced> CountTraced for &T {
    fn count_traced(&self, labels: SpanLabels) {
        T::count_traced(self, labels);
    }
}

impl ObserveTraced for Histogram {
    fn observe_traced(&self, value: Number, labels: SpanLabels) {
        self.observe_with_exemplar(value, labels);
    }
}

impl ObserveTraced for HistogramSeries {
    fn observe_traced(&self, value: Number, labels: SpanLabels) {
        self.observe_with_exemplar(value, labels);
    }
}

impl<T: ObserveTraced> ObserveTraced for &T {
    fn observe_traced(&self, value: Number, labels: SpanLabels) {
        T::observe_traced(self, value, labels);
    }
}
