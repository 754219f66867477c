//! What is wrong with the values and labels of a family's series.

use std::collections::{HashMap, HashSet};

use tallymark::{HistogramValue, MetricFamily, MetricKind, SeriesSnapshot, Value};

use super::Place;
use super::finding::Findings;
use super::histogram;
use super::names::underscored;
use crate::created::{Identity, identity};
use crate::number::exact;
use crate::print::{labels, quoted};

/// Checks each series of these families.
pub(super) fn check(families: &[MetricFamily], places: &[Place], findings: &mut Findings) {
    // A family may stand in several places.
    let mut seen: HashMap<&str, HashSet<Identity<'_>>> = HashMap::new();
    for (family, place) in families.iter().zip(places) {
        findings.begin(family.name(), place.line);
        check_family(family, place, seen.entry(family.name()).or_default(), findings);
    }
}

fn check_family<'a>(
    family: &'a MetricFamily,
    place: &Place,
    seen: &mut HashSet<Identity<'a>>,
    findings: &mut Findings,
) {
    for (at, series) in family.series().iter().enumerate() {
        let line = place.series.get(at).copied();
        value(family, series, line, findings);
        label_names(series, line, findings);
        if series.timestamp().is_some() {
            findings.tell_in(line, "timestamp", || {
                "has a timestamp, so that Prometheus doesn't see when the series ends, and drops what is old; leave it out, \
                 unless the value comes from elsewhere"
                    .to_owned()
            });
        }
        if !seen.insert(identity(series)) {
            findings.tell_in(line, "duplicate", || {
                let labels = labels(series.labels());
                let which = if labels.is_empty() { String::new() } else { format!(" `{labels}`") };
                format!("has the series{which} twice, of which Prometheus keeps one; write each series once")
            });
        }
    }
}

fn value(family: &MetricFamily, series: &SeriesSnapshot, line: Option<usize>, findings: &mut Findings) {
    match series.value() {
        Value::Number(number) if family.kind() == MetricKind::Counter => {
            let float = number.as_f64();
            if float.is_nan() || float < 0.0 {
                findings.tell_in(line, "counter-value", || {
                    let number = exact(*number);
                    format!(
                        "is a counter that reads {number}, though counters begin at 0 and only go up; make it a gauge"
                    )
                });
            }
        }
        Value::Histogram(histogram) if family.kind() == MetricKind::Histogram && is_negative(histogram) => {
            findings.tell_in(line, "sum", || {
                "has a negative sum, but no bucket below zero; give it such bounds, or observe nothing negative"
                    .to_owned()
            });
        }
        // A reader of protobuf gives NaN for one that isn't there.
        Value::Summary(summary) if summary.sum() < 0.0 || (summary.sum().is_nan() && line.is_some()) => {
            findings.tell_in(line, "sum", || {
                let sum = exact(summary.sum().into());
                format!(
                    "has the sum {sum}, which OpenMetrics can't say; observe only numbers from 0 on, or show a gauge"
                )
            });
        }
        Value::Irregular(irregular) => {
            findings.tell_in(line, "torn", || histogram::explained(family, irregular));
        }
        _ => {}
    }
}

/// `OpenMetrics` 1.0.0, "Histogram": what has no negative bucket has no negative sum.
fn is_negative(histogram: &HistogramValue) -> bool {
    histogram.sum() < 0.0 && !is_below_zero(histogram)
}

/// Whether it has buckets below zero.
pub(crate) fn is_below_zero(histogram: &HistogramValue) -> bool {
    histogram.buckets().next().is_some_and(|(bound, _)| bound < 0.0)
        || histogram.native().is_some_and(|native| !native.negative().is_empty())
}

/// Labels that are one when their names are escaped, as older readers get them.
fn label_names(series: &SeriesSnapshot, line: Option<usize>, findings: &mut Findings) {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if series.labels().all(|(name, _)| plain(name)) {
        return;
    }
    let escaped = |name: &str| underscored(name).replace(':', "_");
    let mut names: Vec<(String, &str)> = series.labels().map(|(name, _)| (escaped(name), name)).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        findings.tell_in(line, "escaped-label", || {
            let (name, one, other) = (&pair[0].0, quoted(pair[0].1), quoted(pair[1].1));
            format!(
                "has the labels {one} and {other}, both `{name}` for readers that know only letters, digits and `_`; call \
                 one of them something else"
            )
        });
    }
}
