//! Messages `io.prometheus.client.MetricFamily`, each behind its length.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>
//!
//! - Names are those of the text format: a counter keeps `_total`. An info and a state set are gauges, and a state is a
//!   label that is called as the family.
//! - Numbers are `double`s: an integer above 2^53 is the nearest of those. Counts of buckets are exact.
//! - The bucket of +Inf is written for its exemplar alone, since every reader makes one of the count. A histogram has its
//!   count and its sum whatever its bounds are: a reader would take what is absent for 0. A sum of which nobody knows what
//!   it is reads NaN.
//! - A native histogram has the buckets that count something; if it has bounds too, the classic ones stand beside them. Its
//!   exemplars stand there and at the classic buckets.
//! - When a series began to count is said unless the [format](Format::with_created) doesn't want it.
//! - A unit is said where the name ends in it, as Prometheus demands.
//! - Where only some samples are [asked for](crate::Registry::restricted), a family comes whole if it has one of them:
//!   its parts stand in one message.
//! - What another program's page said that makes [no histogram](crate::IrregularValue) is written as it was read; counts
//!   that are fractions have fields of their own. It is left out where that can't be said: a negative count, none at all, or
//!   a fraction of a summary.
//!
//! A reader has to know the length of a message before its first byte. [`encode`] makes one message a family; what is
//! written while it is read ([`write()`], [`pieces`]) begins another one of the same name, type and help behind 448 KiB,
//! which are some 8,000 counters. Prometheus reads them as one family. Programs that put messages in a map by name
//! (Pushgateway, Telegraf) keep the last one alone: to them, send what [`encode`] gives.

use std::io;

use super::Format;
pub use super::pieces::Pieces;
use crate::snapshot::{MetricFamily, Page};

/// The format's `Content-Type`.
pub const CONTENT_TYPE: &str = Format::PROTOBUF.content_type();

/// Writes families as a page, each as one message.
///
/// ```
/// let registry = tallymark::Registry::new();
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// let page = tallymark::exposition::protobuf::encode(&registry.gather());
/// // Behind the message's length, the fields `name` and `help`, each behind its own.
/// assert!(page[1..].starts_with(b"\x0A\x0Ajobs_total\x12\x0AJobs done."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn encode(families: &[MetricFamily]) -> Vec<u8> {
    super::encode(Format::PROTOBUF, families)
}

/// Writes a page, reading the values when it comes to them, up to half a mebibyte at a time: so the memory that it takes
/// does not grow with the page.
///
/// ```
/// let mut connection = Vec::new();
/// tallymark::exposition::protobuf::write(tallymark::Registry::global().page(), &mut connection)?;
/// # assert!(!connection.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of `out`. What has been written then is a part of the page.
pub fn write(page: Page, out: &mut impl io::Write) -> io::Result<()> {
    super::write(Format::PROTOBUF, page, out)
}

/// Writes a page piece by piece, reading the values when it comes to them. A piece is whole messages: about 64 KiB of
/// them, or half a mebibyte of a large family. So the memory that it takes does not grow with the page.
///
/// ```
/// use std::io::Write;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut connection = Vec::new();
/// for piece in tallymark::exposition::protobuf::pieces(tallymark::Registry::global().page()) {
///     connection.write_all(&piece)?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pieces(page: Page) -> Pieces {
    super::pieces(Format::PROTOBUF, page)
}
