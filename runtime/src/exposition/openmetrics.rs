//! `OpenMetrics`, version 1.0.0.
//!
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>

use std::io;

use super::{Format, Pieces};
use crate::snapshot::{MetricFamily, Page};

/// The format's `Content-Type` where the reader says nothing of names. See [`Format::content_type`] for the others.
pub const CONTENT_TYPE: &str = Format::OPENMETRICS_1_0_0.content_type();

/// Writes families as a page, with the time when each series of a counter, histogram or summary was made (`_created`),
/// with exemplars and units.
///
/// A family's unit is written where its name ends in it, as the format asks ("Unit").
///
/// Readers refuse a page with what has no place in this format, so it is left out:
///
/// - A sum that is negative or NaN, since sums are counters ("Histogram", "Summary"). Of a histogram the count goes
///   with it, which is there if and only if the sum is, and is that of the bucket of +Inf. A histogram with bounds
///   below zero has neither; a gauge histogram with such bounds may have a negative sum ("`GaugeHistogram`").
/// - A quantile that is negative ("Summary").
/// - What another program's page says that makes no histogram and no summary
///   ([`Value::Irregular`](crate::Value::Irregular)). A summary may lack its count, its sum or its quantiles here, so
///   one that lacks no more is written as it was read.
///
/// ```
/// let registry = tallymark::Registry::new();
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// jobs.inc();
/// let page = tallymark::exposition::openmetrics::encode(&registry.gather());
/// assert!(page.starts_with("# HELP jobs Jobs done.\n# TYPE jobs counter\njobs_total 1\n"));
/// assert!(page.ends_with("# EOF\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn encode(families: &[MetricFamily]) -> String {
    // Nothing but `str`s were put together.
    String::from_utf8(super::encode(Format::OPENMETRICS_1_0_0, families)).unwrap_or_default()
}

/// Writes a page, reading the values when it comes to them, about 64 KiB at a time: so the memory that it takes does not
/// grow with the page. It writes what [`encode`] gives.
///
/// ```
/// let mut connection = Vec::new();
/// tallymark::exposition::openmetrics::write(tallymark::Registry::global().page(), &mut connection)?;
/// # assert!(connection.ends_with(b"# EOF\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of `out`. What has been written then is a part of the page.
pub fn write(page: Page, out: &mut impl io::Write) -> io::Result<()> {
    super::write(Format::OPENMETRICS_1_0_0, page, out)
}

/// Writes a page piece by piece, each of about 64 KiB, reading the values when it comes to them. So the memory that it
/// takes does not grow with the page. The pieces together are what [`encode`] gives.
#[must_use]
pub fn pieces(page: Page) -> Pieces {
    super::pieces(Format::OPENMETRICS_1_0_0, page)
}
