//! How families are listed: a line for each series, in columns.

use std::io::{self, Write};

use tallymark::{HistogramValue, MetricFamily, SeriesSnapshot, Value};

use crate::estimate::Observations;
use crate::number::{exact, plain, rounded};
use crate::print::{Style, harmless, labels, name_of};
use crate::table::Table;

/// The quantiles that are estimated of a histogram.
pub(crate) const QUANTILES: [(&str, f64); 3] = [("~p50", 0.5), ("~p90", 0.9), ("~p99", 0.99)];

/// Lists a family.
pub(crate) fn write(out: &mut dyn Write, style: Style, family: &MetricFamily) -> io::Result<()> {
    heading(out, style, family, family.help())?;
    let mut table = Table::default();
    let quantiles = quantiles(family);
    if let Some(columns) = columns(family, &quantiles) {
        table.row(columns);
    }
    for series in family.series() {
        table.row(row(series, &quantiles));
    }
    table.write(out)
}

/// The line that names a family.
pub(crate) fn heading(out: &mut dyn Write, style: Style, family: &MetricFamily, help: &str) -> io::Result<()> {
    write!(out, "{}  {}", style.strong(&name_of(family.name())), family.kind())?;
    if let Some(unit) = family.unit() {
        write!(out, "  {}", harmless(unit))?;
    }
    if !help.is_empty() {
        write!(out, "  {}", harmless(help))?;
    }
    writeln!(out)
}

/// All quantiles that summaries of the family have, in the order in which they are first seen.
fn quantiles(family: &MetricFamily) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::new();
    for series in family.series() {
        if let Value::Summary(summary) = series.value() {
            for &(quantile, _) in summary.quantiles() {
                if !all.iter().any(|known| known.total_cmp(&quantile).is_eq()) {
                    all.push(quantile);
                }
            }
        }
    }
    all
}

/// What the columns are called, where that isn't plain.
fn columns(family: &MetricFamily, quantiles: &[f64]) -> Option<Vec<String>> {
    let observed = ["", "count", "sum", "mean"].map(str::to_owned).into_iter();
    let has = |is: fn(&Value) -> bool| family.series().iter().any(|series| is(series.value()));
    if has(|value| matches!(value, Value::Histogram(_))) {
        Some(observed.chain(QUANTILES.map(|(name, _)| name.to_owned())).collect())
    } else if has(|value| matches!(value, Value::Summary(_))) {
        Some(observed.chain(quantiles.iter().map(|quantile| plain(*quantile))).collect())
    } else {
        None
    }
}

fn row(series: &SeriesSnapshot, quantiles: &[f64]) -> Vec<String> {
    let mut row = vec![labels(series.labels())];
    match series.value() {
        Value::Number(number) => row.push(exact(*number)),
        Value::Histogram(histogram) => {
            let observations = Observations::of(histogram);
            let estimate = |(_, quantile): (&str, f64)| {
                observations.as_ref().map_or_else(|| "-".to_owned(), |seen| seen.quantile(quantile))
            };
            row.extend([histogram.count().to_string(), sum(histogram), mean(histogram.sum(), histogram.count())]);
            row.extend(QUANTILES.map(estimate));
        }
        Value::Summary(summary) => {
            row.extend([summary.count().to_string(), plain(summary.sum()), mean(summary.sum(), summary.count())]);
            row.extend(quantiles.iter().map(|asked| {
                let mut there = summary.quantiles().iter();
                let found = there.find(|(quantile, _)| quantile.total_cmp(asked).is_eq());
                found.map_or_else(String::new, |(_, value)| plain(*value))
            }));
        }
        other => row.push(text(other)),
    }
    if let Some(at) = series.timestamp() {
        row.push(format!("@{}", plain(at.as_secs_f64())));
    }
    row
}

/// A value that is no number, in a word.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => exact(*number),
        Value::Histogram(histogram) => histogram.count().to_string(),
        Value::Summary(summary) => summary.count().to_string(),
        Value::StateSet(states) => {
            let on: Vec<_> = states.states().filter(|(_, on)| *on).map(|(state, _)| harmless(state)).collect();
            if on.is_empty() { "(no state)".to_owned() } else { on.join(", ") }
        }
        Value::Irregular(irregular) => {
            format!("torn: {} samples that don't make one; see `tallymark help check`", irregular.samples().len())
        }
        _ => "(unknown)".to_owned(),
    }
}

fn sum(histogram: &HistogramValue) -> String {
    if histogram.sum().is_nan() { "-".to_owned() } else { plain(histogram.sum()) }
}

#[expect(clippy::cast_precision_loss, reason = "six digits are shown")]
pub(crate) fn mean(sum: f64, count: u64) -> String {
    if count == 0 || sum.is_nan() { "-".to_owned() } else { rounded(sum / count as f64) }
}
