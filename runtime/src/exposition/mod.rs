//! What a page reads: pure functions from gathered families to bytes, in every format that scrapers ask for.
//!
//! ```
//! use tallymark::exposition::{self, Format};
//!
//! let registry = tallymark::Registry::new();
//! let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
//! registry.register(&jobs)?;
//! let page = exposition::encode(Format::OPENMETRICS_1_0_0, &registry.gather());
//! assert!(page.starts_with(b"# HELP jobs Jobs done.\n# TYPE jobs counter\njobs_total 0\njobs_created "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod escaping;
mod format;
mod histograms;
mod lines;
mod messages;
#[cfg(test)]
pub(crate) mod metrics_proto;
pub(crate) mod negotiate;
mod number;
pub mod openmetrics;
mod pairs;
mod pieces;
pub mod protobuf;
pub mod text;
mod wire;

use std::io;

#[cfg(fuzzing)]
pub(crate) use escaping::{family_name as escaped_metric, label_name as escaped_label};
pub use format::{Escaping, Format};
pub use pieces::Pieces;

use crate::snapshot::{MetricFamily, Page};

/// Writes families as a page.
#[must_use]
pub fn encode(format: Format, families: &[MetricFamily]) -> Vec<u8> {
    pieces::encode(format, families)
}

/// Writes a page, reading the values when it comes to them, about 64 KiB at a time: so the memory that it takes does not
/// grow with the page. It writes what the [`pieces`] are.
///
/// # Errors
/// Those of `out`. What has been written then is a part of the page.
pub fn write(format: Format, page: Page, out: &mut impl io::Write) -> io::Result<()> {
    let mut pieces = pieces(format, page);
    while let Some(piece) = pieces.next_in_place() {
        out.write_all(piece)?;
    }
    Ok(())
}

/// Writes a page piece by piece, each of about 64 KiB, reading the values when it comes to them. So the memory that it
/// takes does not grow with the page. The pieces together are what [`encode`] gives, but that a large family is several
/// messages in [`protobuf`].
#[must_use]
pub fn pieces(format: Format, page: Page) -> Pieces {
    Pieces::new(format, page)
}
