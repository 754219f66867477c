//! What is different on a page from what it was before.

use std::collections::HashMap;
use std::io::{self, Write};

use tallymark::{HistogramValue, MetricFamily, MetricKind, Number, SeriesSnapshot, Value};

use crate::estimate::Observations;
use crate::listing::{self, QUANTILES, mean};
use crate::number::{difference, exact, rate};
use crate::print::{Style, labels};
use crate::table::Table;

/// What has become of a series.
#[derive(Clone, Copy, Debug)]
enum Change<'a> {
    New(&'a SeriesSnapshot),
    Gone(&'a SeriesSnapshot),
    Moved(&'a SeriesSnapshot, &'a SeriesSnapshot),
}

/// Lists what is new, gone or different, with the difference and how much it is in a second; says how many series that
/// were.
pub(crate) fn write(
    out: &mut dyn Write,
    style: Style,
    (before, now): (&[MetricFamily], &[MetricFamily]),
    seconds: f64,
) -> io::Result<usize> {
    let mut changed = 0;
    for (family, changes) in between(before, now) {
        changed += changes.len();
        listing::heading(out, style, family, "")?;
        let mut table = Table::default();
        let columns = changes.iter().filter_map(|change| match change {
            Change::Moved(_, now) => columns(now.value()),
            Change::New(_) | Change::Gone(_) => None,
        });
        if let Some(columns) = columns.max_by_key(Vec::len) {
            table.row(columns);
        }
        for change in &changes {
            table.row(row(family.kind(), *change, seconds));
        }
        table.write(out)?;
    }
    Ok(changed)
}

/// What the columns are called, where that isn't plain.
fn columns(value: &Value) -> Option<Vec<String>> {
    let observed = ["", "count", "more", "", "mean of these"];
    let names = match value {
        Value::Histogram(_) => [&observed[..], &QUANTILES.map(|(name, _)| name)].concat(),
        Value::Summary(_) => observed.to_vec(),
        _ => return None,
    };
    Some(names.into_iter().map(str::to_owned).collect())
}

/// The series of two pages, by the families of the later one, and behind them those that only the earlier one has.
fn between<'a>(before: &'a [MetricFamily], now: &'a [MetricFamily]) -> Vec<(&'a MetricFamily, Vec<Change<'a>>)> {
    let mut known: HashMap<Key<'a>, &'a SeriesSnapshot> = HashMap::new();
    for family in before {
        known.extend(family.series().iter().map(|series| (key(family, series), series)));
    }
    let mut changes: Vec<(&MetricFamily, Vec<Change<'_>>)> = Vec::new();
    for family in now {
        let mut of_family = Vec::new();
        for series in family.series() {
            match known.remove(&key(family, series)) {
                None => of_family.push(Change::New(series)),
                Some(before) if is_same(before.value(), series.value()) => {}
                Some(before) => of_family.push(Change::Moved(before, series)),
            }
        }
        changes.push((family, of_family));
    }
    for family in before {
        let is_gone = |series: &&SeriesSnapshot| {
            known.get(&key(family, series)).is_some_and(|known| std::ptr::eq(*known, *series))
        };
        let gone: Vec<_> = family.series().iter().filter(is_gone).map(Change::Gone).collect();
        if gone.is_empty() {
            continue;
        }
        match changes.iter_mut().find(|(there, _)| is_same_family(there, family)) {
            Some((_, of_family)) => of_family.extend(gone),
            None => changes.push((family, gone)),
        }
    }
    changes.retain(|(_, of_family)| !of_family.is_empty());
    changes
}

/// A series is the one with the same labels, in whatever order, of the family with the same name and type.
type Key<'a> = (&'a str, MetricKind, Vec<(&'a str, &'a str)>);

fn key<'a>(family: &'a MetricFamily, series: &'a SeriesSnapshot) -> Key<'a> {
    let mut labels: Vec<_> = series.labels().collect();
    labels.sort_unstable();
    (family.name(), family.kind(), labels)
}

fn is_same_family(one: &MetricFamily, other: &MetricFamily) -> bool {
    one.name() == other.name() && one.kind() == other.kind()
}

/// Of numbers, NaN is the same as NaN.
fn is_same(one: &Value, other: &Value) -> bool {
    let same = |one: f64, other: f64| Number::from(one) == other.into() || (one.is_nan() && other.is_nan());
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.as_f64().is_nan() && other.as_f64().is_nan())
        }
        (Value::Histogram(one), Value::Histogram(other)) => {
            one.count() == other.count() && same(one.sum(), other.sum()) && one.buckets().eq(other.buckets())
        }
        (Value::Summary(one), Value::Summary(other)) => one.count() == other.count() && same(one.sum(), other.sum()),
        _ => one == other,
    }
}

fn row(kind: MetricKind, change: Change<'_>, seconds: f64) -> Vec<String> {
    let (series, word) = match change {
        Change::New(series) => (series, "new"),
        Change::Gone(series) => (series, "gone"),
        Change::Moved(before, now) => {
            let mut row = vec![labels(now.labels())];
            row.extend(moved(kind, before.value(), now.value(), seconds));
            return row;
        }
    };
    vec![labels(series.labels()), listing::text(series.value()), word.to_owned()]
}

fn moved(kind: MetricKind, before: &Value, now: &Value, seconds: f64) -> Vec<String> {
    match (before, now) {
        (Value::Number(before), Value::Number(now)) => number(kind, *before, *now, seconds),
        (Value::Histogram(before), Value::Histogram(now)) => {
            let counts = (before.count(), now.count());
            let mut row = observed(kind, counts, (before.sum(), now.sum()), seconds);
            row.extend(estimates(before, now, counts));
            row
        }
        (Value::Summary(before), Value::Summary(now)) => {
            observed(kind, (before.count(), now.count()), (before.sum(), now.sum()), seconds)
        }
        (before, now) => vec![listing::text(now), format!("was {}", listing::text(before))],
    }
}

fn number(kind: MetricKind, before: Number, now: Number, seconds: f64) -> Vec<String> {
    let more = now.as_f64() - before.as_f64();
    if kind == MetricKind::Counter && more < 0.0 {
        return vec![exact(now), format!("reset, was {}", exact(before))];
    }
    let mut row = vec![exact(now), difference(before, now)];
    if more.is_finite() {
        row.push(rate(more, seconds));
    }
    row
}

/// How many observations there are, how many of them are new, and their mean.
#[expect(clippy::cast_precision_loss, reason = "six digits are shown")]
fn observed(kind: MetricKind, (before, now): (u64, u64), sums: (f64, f64), seconds: f64) -> Vec<String> {
    if now < before && kind != MetricKind::GaugeHistogram {
        return vec![now.to_string(), format!("reset, was {before}")];
    }
    let more = difference(before.into(), now.into());
    let per_second = rate(now as f64 - before as f64, seconds);
    vec![now.to_string(), more, per_second, mean(sums.1 - sums.0, now.saturating_sub(before))]
}

/// Quantiles of the new observations.
fn estimates(before: &HistogramValue, now: &HistogramValue, counts: (u64, u64)) -> Vec<String> {
    if counts.1 <= counts.0 {
        return Vec::new();
    }
    let since = Observations::since(before, now);
    since.map_or_else(Vec::new, |since| QUANTILES.map(|(_, quantile)| since.quantile(quantile)).to_vec())
}
