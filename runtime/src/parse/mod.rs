//! What a page says: pages of any program, in the formats that scrapers read, back to families.
//!
//! A page is read as a whole, or piece by piece with a [`Reader`], whose memory doesn't grow with the page.
//!
//! - [`text`]: Prometheus' text format, 0.0.4 and 1.0.0, in which names may be quoted. It is read as widely as
//!   Prometheus, its Go library or Python's client read it: tabs and blanks, comments, blank lines, a comma behind the
//!   last label, missing types and help texts. A histogram or summary whose samples don't make one is not refused but
//!   kept as [`Value::Irregular`](crate::Value::Irregular).
//! - [`openmetrics`]: `OpenMetrics` 1.0.0 and 0.0.1, with quoted names too. A page is refused where it breaks what the
//!   specification says MUST.
//! - [`protobuf`](protobuf()): messages `io.prometheus.client.MetricFamily`, each behind its length.
//!
//! What this crate writes is read back equal to what [`Registry::gather`](crate::Registry::gather) gives, as far as the
//! format can say it. So a counter or an info is called as its samples are: of the `OpenMetrics` family `jobs`, which has
//! the sample `jobs_total`, the name is `jobs_total`.
//!
//! ```
//! let families = tallymark::parse::openmetrics("# TYPE jobs counter\njobs_total{queue=\"mail\"} 3\n# EOF\n")?;
//! assert_eq!(families[0].name(), "jobs_total");
//! assert_eq!(families[0].sample("jobs_total", &[("queue", "mail")]), Some(3_u64.into()));
//!
//! let error = tallymark::parse::text("jobs_total{queue=mail} 3\n").unwrap_err();
//! assert_eq!((error.line(), error.column()), (Some(1), Some(18)));
//! # Ok::<(), tallymark::parse::Error>(())
//! ```

// Every function here is `#[inline]`, so that it is compiled by who calls it and not with this crate.

mod descriptor;
mod error;
mod family;
mod hash;
mod label;
mod lines;
mod number;
mod openmetrics;
mod page;
mod point;
mod protobuf;
mod reader;
mod sample;
mod scan;
mod text;
mod told;
mod unfinished;

pub use error::Error;
pub use reader::{Event, Reader};

use crate::snapshot::MetricFamily;

/// Reads a page in Prometheus' text format.
///
/// Samples of a family that stand apart, with another family's between them, give a family each. Timestamps are in
/// milliseconds.
///
/// ```
/// use tallymark::{MetricKind, Value};
///
/// let page = "\
/// ## TYPE latency_seconds histogram
/// latency_seconds_bucket{le=\"0.1\"} 2
/// latency_seconds_bucket{le=\"+Inf\"} 3
/// latency_seconds_sum 1.5
/// latency_seconds_count 3
/// ";
/// let families = tallymark::parse::text(page)?;
/// assert_eq!(families[0].kind(), MetricKind::Histogram);
/// let Value::Histogram(latency) = families[0].series()[0].value() else { panic!("it is regular") };
/// assert_eq!(latency.buckets().collect::<Vec<_>>(), [(0.1, 2), (f64::INFINITY, 3)]);
/// # Ok::<(), tallymark::parse::Error>(())
/// ```
///
/// # Errors
/// Where the page isn't in that format, with the place and what would be.
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>)
#[inline]
pub fn text(page: impl AsRef<[u8]>) -> Result<Vec<MetricFamily>, Error> {
    reader::families(page.as_ref(), page::Format::Text)
}

/// Reads a page in `OpenMetrics`.
///
/// Of a series with several points there are as many [`SeriesSnapshot`](crate::SeriesSnapshot)s, with the same labels and
/// a [`timestamp`](crate::SeriesSnapshot::timestamp) each.
///
/// ```
/// use tallymark::Timestamp;
///
/// let page = "\
/// ## TYPE backup_bytes gauge
/// ## UNIT backup_bytes bytes
/// ## HELP backup_bytes The size of the last backup.
/// backup_bytes 1024 1520879607.789
/// backup_bytes 2048 1520966007.789
/// ## EOF
/// ";
/// let families = tallymark::parse::openmetrics(page)?;
/// assert_eq!(families[0].unit(), Some("bytes"));
/// assert_eq!(families[0].series()[1].timestamp(), Some(Timestamp::from_millis(1_520_966_007_789)));
/// # Ok::<(), tallymark::parse::Error>(())
/// ```
///
/// # Errors
/// Where the page breaks a rule of the specification, with the place, the rule, and what would keep it.
/// (<https://prometheus.io/docs/specs/om/open_metrics_spec/>)
#[inline]
pub fn openmetrics(page: impl AsRef<[u8]>) -> Result<Vec<MetricFamily>, Error> {
    reader::families(page.as_ref(), page::Format::OpenMetrics)
}

/// Reads a page in protobuf: messages `io.prometheus.client.MetricFamily`, each behind its length.
///
/// - Numbers are floats; counts are integers. An info or a state set is told as gauges.
/// - Messages of the same name and type one behind the other are one family, as this crate writes large ones.
/// - A histogram whose buckets aren't cumulative counts up to its count is [`Irregular`](crate::Value::Irregular), and so
///   is one with counts that are fractions. A bucket of +Inf may be there or not. A sum that is absent is 0, as every
///   reader takes it, and one that is NaN isn't said.
/// - Native buckets count integers: a page with fractions there, as a Prometheus gives that computed them, is refused.
/// - A type that isn't said is that of counters, and fields that metrics.proto doesn't have are passed over. A message or a
///   text that may be there once and is there twice is refused.
///
/// ```
/// let registry = tallymark::Registry::new();
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// let families = registry.gather();
/// let page = tallymark::exposition::protobuf::encode(&families);
/// assert_eq!(tallymark::parse::protobuf(&page)?, families);
///
/// let error = tallymark::parse::protobuf(&page[..page.len() - 1]).unwrap_err();
/// assert!(error.to_string().contains("the page ends within `metric`"));
/// assert!(error.offset().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the page isn't in that format, with the byte, the fields in which it is, and what is wrong there.
/// (<https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>)
#[inline]
pub fn protobuf(page: impl AsRef<[u8]>) -> Result<Vec<MetricFamily>, Error> {
    protobuf::families(page.as_ref())
}

#[cfg(test)]
mod tests;
