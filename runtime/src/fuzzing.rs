//! What fuzzing reaches that programs don't: families with any values, and what `http` makes of any bytes. It is only there
//! under `--cfg fuzzing`, which cargo-fuzz sets.

use std::sync::Arc;

use crate::descriptor::MetricKind;
use crate::exposition::{Escaping, escaped_label, escaped_metric};
#[cfg(feature = "http")]
pub use crate::http::fuzzing::{Server, coding, names};
use crate::snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, MetricFamily, NativeBuckets, Number, SeriesSnapshot,
    StateSetValue, SummaryValue, Timestamp, Value,
};

/// Names with their texts.
pub type Pairs = Vec<(String, String)>;

/// A family with these series.
#[must_use]
pub fn family(
    kind: MetricKind,
    name: &str,
    help: &str,
    unit: Option<&str>,
    series: Vec<SeriesSnapshot>,
) -> MetricFamily {
    MetricFamily {
        name: name.to_owned(),
        help: help.to_owned(),
        kind,
        unit: unit.map(ToOwned::to_owned),
        series,
        only: None,
    }
}

/// A series with these labels and all that can be said of one.
#[must_use]
pub fn series(
    labels: Pairs,
    value: Value,
    created: Option<Timestamp>,
    timestamp: Option<Timestamp>,
    exemplars: Vec<Exemplar>,
) -> SeriesSnapshot {
    let labels = labels.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
    SeriesSnapshot { labels, value, created, timestamp, exemplars }
}

/// An exemplar.
#[must_use]
pub fn exemplar(labels: Pairs, value: Number, timestamp: Option<Timestamp>) -> Exemplar {
    let labels = labels.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
    Exemplar { labels, value, timestamp }
}

/// A histogram; its counts are those of each bucket alone, the last is that of +Inf.
#[must_use]
pub fn histogram(bounds: &[f64], counts: Vec<u64>, sum: Option<f64>, native: Option<NativeBuckets>) -> Value {
    Value::Histogram(HistogramValue { bounds: bounds.into(), counts, sum, native: native.map(Box::new) })
}

/// Native buckets, by rising indices.
#[must_use]
pub fn native(
    schema: i32,
    (zero_threshold, zero_count): (f64, u64),
    positive: Vec<(i32, u64)>,
    negative: Vec<(i32, u64)>,
) -> NativeBuckets {
    NativeBuckets { schema, zero_threshold, zero_count, positive, negative }
}

/// A summary.
#[must_use]
pub fn summary(count: u64, sum: f64, quantiles: Vec<(f64, f64)>) -> Value {
    Value::Summary(SummaryValue { count, sum, quantiles })
}

/// The samples of another program's histogram or summary that don't make one: what each adds to the family's name, its
/// own label, and its value.
#[must_use]
pub fn irregular(samples: Vec<(&'static str, Option<String>, Number)>, timestamp: Option<Timestamp>) -> Value {
    let sample = |(suffix, own, value): (&'static str, Option<String>, Number)| IrregularSample {
        suffix,
        own: own.map(String::into_boxed_str),
        value,
        timestamp,
        exemplar: None,
    };
    Value::Irregular(IrregularValue { samples: samples.into_iter().map(sample).collect() })
}

/// A state set.
#[must_use]
pub fn state_set(states: Vec<(String, bool)>) -> Value {
    let (states, on): (Vec<Arc<str>>, Vec<bool>) = states.into_iter().map(|(state, on)| (state.into(), on)).unzip();
    Value::StateSet(StateSetValue { states: states.into(), on })
}

/// The name of a family, as a reader is given it.
#[must_use]
pub fn metric_name(name: &str, kind: MetricKind, escaping: Escaping) -> String {
    escaped_metric(name, kind, escaping).into_owned()
}

/// The name of a label, as a reader is given it.
#[must_use]
pub fn label_name(name: &str, escaping: Escaping) -> String {
    escaped_label(name, escaping).into_owned()
}
