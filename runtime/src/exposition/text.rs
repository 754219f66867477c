//! The text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::fmt::Write;

use super::number::{float, number};
use crate::snapshot::{MetricFamily, SeriesSnapshot, Value};

/// The format's `Content-Type`.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes families as a page.
///
/// The bounds of buckets read as `OpenMetrics` has them, `le="1.0"` and `le="1e+06"`, which Prometheus 3 makes of every
/// other spelling too. An older Prometheus keeps the text as it is: where it sums buckets over services of which others
/// write `le="1"`, let it relabel those.
///
/// ```
/// let registry = tallymark::Registry::new();
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// jobs.inc();
/// assert_eq!(
///     tallymark::exposition::text::encode(&registry.gather()),
///     "# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total 1\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn encode(families: &[MetricFamily]) -> String {
    let mut out = String::new();
    for family in families {
        encode_family(&mut out, family);
    }
    out
}

fn encode_family(out: &mut String, family: &MetricFamily) {
    if !family.help.is_empty() {
        out.push_str("# HELP ");
        out.push_str(&family.name);
        out.push(' ');
        escape(out, &family.help, false);
        out.push('\n');
    }
    line(out, &["# TYPE ", &family.name, " ", family.kind.as_str(), "\n"]);
    for series in &family.series {
        match &series.value {
            Value::Number(value) => sample(out, family, "", series, None, |out| number(out, *value)),
            Value::Histogram(value) => {
                for (bound, count) in value.buckets() {
                    sample(out, family, "_bucket", series, Some(bound), |out| write!(out, "{count}"));
                }
                // With a negative bound the sum may fall, which a counter never does (OpenMetrics 1.0.0, "Histogram").
                if value.bounds.first().is_none_or(|&first| first >= 0.0) {
                    sample(out, family, "_sum", series, None, |out| float(out, value.sum));
                    sample(out, family, "_count", series, None, |out| write!(out, "{}", value.count()));
                }
            }
        }
    }
}

fn sample(
    out: &mut String,
    family: &MetricFamily,
    suffix: &str,
    series: &SeriesSnapshot,
    bound: Option<f64>,
    value: impl FnOnce(&mut String) -> std::fmt::Result,
) {
    if !family.shows(suffix) {
        return;
    }
    line(out, &[&family.name, suffix]);
    let mut opening = '{';
    for (name, text) in series.labels() {
        out.push(std::mem::replace(&mut opening, ','));
        line(out, &[name, "=\""]);
        escape(out, text, true);
        out.push('"');
    }
    if let Some(bound) = bound {
        out.push(std::mem::replace(&mut opening, ','));
        out.push_str("le=\"");
        infallible(float(out, bound));
        out.push('"');
    }
    if opening == ',' {
        out.push('}');
    }
    out.push(' ');
    infallible(value(out));
    out.push('\n');
}

fn line(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

/// Writing to a `String` can't fail.
fn infallible(result: std::fmt::Result) {
    debug_assert!(result.is_ok());
}

/// In help texts `\` and line feeds are escaped, in label values `"` too.
fn escape(out: &mut String, text: &str, quotes: bool) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| matches!(c, '\\' | '\n') || (quotes && c == '"')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'\n' => "\\n",
            b'"' => "\\\"",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
