//! The text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::io;

use super::Format;
pub use super::pieces::Pieces;
use crate::snapshot::{MetricFamily, Page};

/// The format's `Content-Type`.
pub const CONTENT_TYPE: &str = Format::TEXT_0_0_4.content_type();

/// Writes families as a page. When a series was made (`_created`) isn't on it; Python's client makes gauges of that.
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
    // Nothing but `str`s were put together.
    String::from_utf8(super::encode(Format::TEXT_0_0_4, families)).unwrap_or_default()
}

/// Writes a page, reading the values when it comes to them, about 64 KiB at a time: so the memory that it takes does not
/// grow with the page. It writes what [`encode`] gives.
///
/// ```
/// let mut connection = Vec::new();
/// tallymark::exposition::text::write(tallymark::Registry::global().page(), &mut connection)?;
/// # assert!(connection.starts_with(b"# HELP"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of `out`. What has been written then is a part of the page.
pub fn write(page: Page, out: &mut impl io::Write) -> io::Result<()> {
    super::write(Format::TEXT_0_0_4, page, out)
}

/// Writes a page piece by piece, each of about 64 KiB, reading the values when it comes to them. So the memory that it
/// takes does not grow with the page. The pieces together are what [`encode`] gives.
///
/// ```
/// use std::io::Write;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut connection = Vec::new();
/// for piece in tallymark::exposition::text::pieces(tallymark::Registry::global().page()) {
///     connection.write_all(&piece)?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pieces(page: Page) -> Pieces {
    super::pieces(Format::TEXT_0_0_4, page)
}
