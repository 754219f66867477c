//! Serving a registry over HTTP, for Prometheus to scrape.
//!
//! In a program that runs on tokio:
//!
//! ```no_run
//! # async fn run_the_app() {}
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let exporter = tallymark::http::serve("127.0.0.1:9464").await?;
//!     println!("metrics at http://{}/metrics", exporter.local_addr());
//!     run_the_app().await;
//!     exporter.shutdown().await;
//!     Ok(())
//! }
//! ```
//!
//! In any other program [`start`] serves from a thread of its own. [`Exporter::builder`] serves another registry than
//! the global one.
//!
//! # What it answers
//!
//! | request | response |
//! |---|---|
//! | `GET /metrics` | the page |
//! | `GET /metrics?name[]=a_total&name[]=b` | the families and samples of these names; other collectors are not asked |
//! | `GET /` | a page for people, with a link to `/metrics` |
//! | `HEAD` of either | the same without the body |
//! | `OPTIONS` of either | 204 and `Allow` |
//! | another method | 405 and `Allow` |
//! | another path | 404 and where the metrics are |
//!
//! Nothing of a request is ever repeated in a response. There is neither TLS nor a password, so let it listen where
//! only Prometheus comes: on loopback or on an inner network.
//!
//! The names are those of [`Registry::restricted`](crate::Registry::restricted).
//!
//! The format is what `Accept` asks for: [`Format::negotiate`](crate::exposition::Format::negotiate) says what gets
//! which. `Accept-Encoding` decides whether a page of 1 KiB and more is compressed, and a shorter one for who takes it in
//! no other way: with gzip, and with zstd where the feature `zstd` is on. Of equal weights zstd comes first, then gzip;
//! `*` stands for gzip.
//!
//! Collectors run on tokio's threads for blocking work, and so does all writing and compressing, so nothing of it holds
//! up a task of the program. A long page is made in pieces, each when the client has taken the one before: a scrape
//! holds about 64 KiB, and some 300 KiB more where it compresses.
//!
//! # Limits
//!
//! - 512 connections at once. Further ones wait in the listener's queue.
//! - 16 scrapes being gathered at once ([`max_scrapes`](ExporterBuilder::max_scrapes)). One that has waited a second
//!   for its turn is answered 503.
//! - A minute for gathering ([`scrape_timeout`](ExporterBuilder::scrape_timeout)), or what Prometheus says that it
//!   waits, if that is less. Then the answer is 503, and names the collector that hasn't answered. A long page whose
//!   beginning has been sent by then breaks off, so that nobody takes it for a whole.
//! - 128 names in a query, past which the answer is 400.
//! - 32 long pages being compressed at once. Further ones are sent as they are.
//! - 12 seconds for the head of a request, from the time when the connection opens or the response before it ends. Then
//!   the connection is closed; this is what ends idle ones.
//! - 16 KiB for the head of a request, past which the answer is 431.
//! - 10 minutes for a connection, whatever it does, and 10 seconds more for the response that is on its way then.
//!
//! A 503 has `Retry-After`. Errors of `accept` never end the server: it goes on at once where only that connection
//! failed, and waits between 100 milliseconds and a second where the process or the system has run out of something,
//! such as file descriptors.
//!
//! # Its own metrics
//!
//! | name | type | |
//! |---|---|---|
//! | `tallymark_http_requests_total{code}` | counter | requests answered, of any path, by status code |
//! | `tallymark_http_requests_in_flight` | gauge | requests being answered; a page counts itself |
//! | `tallymark_http_request_duration_seconds` | histogram | from the head of a request to the end of its response |
//! | `tallymark_http_response_bytes_total` | counter | bytes of bodies, as sent |
//!
//! The [global registry](crate::Registry::global) has them once it is served; another one only if that is asked for,
//! since it shows nothing but what its owner put there: [`self_metrics`](ExporterBuilder::self_metrics) says either. A
//! request that is no HTTP counts nowhere.

mod background;
mod body;
mod coding;
mod error;
mod exporter;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gzip;
mod limits;
mod metrics;
mod page;
mod query;
mod server;
mod service;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt::Debug;

pub use background::BackgroundExporter;
pub use error::Error;
pub use exporter::{Exporter, ExporterBuilder};

/// Serves [`Registry::global`](crate::Registry::global) from tasks of the tokio runtime that it is awaited in.
///
/// Metrics are checked for collisions first; then it listens. Port 0 takes a free port, which
/// [`local_addr`](Exporter::local_addr) tells. The server runs until [`Exporter::shutdown`], or as long as the runtime.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), tallymark::http::Error> {
/// let exporter = tallymark::http::serve("127.0.0.1:0").await?;
/// println!("metrics at http://{}/metrics", exporter.local_addr());
/// exporter.shutdown().await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where metrics collide; outside a tokio runtime; where the address can't be resolved or listened on.
///
/// # Panics
/// In a runtime that was built without I/O or without time: `enable_all` of its builder gives both.
pub async fn serve(addr: impl tokio::net::ToSocketAddrs + Debug) -> Result<Exporter, Error> {
    Exporter::builder().serve(addr).await
}

/// Serves [`Registry::global`](crate::Registry::global) from a thread of its own, for programs without tokio.
///
/// Metrics are checked for collisions first; then it listens. Port 0 takes a free port, which
/// [`local_addr`](BackgroundExporter::local_addr) tells. The server runs until [`BackgroundExporter::shutdown`], or as
/// long as the program.
///
/// ```
/// let exporter = tallymark::http::start("127.0.0.1:0")?;
/// println!("metrics at http://{}/metrics", exporter.local_addr());
/// exporter.shutdown();
/// # Ok::<(), tallymark::http::Error>(())
/// ```
///
/// # Errors
/// Where metrics collide; where the address can't be resolved or listened on; where the system gives no thread.
pub fn start(addr: impl std::net::ToSocketAddrs + Debug) -> Result<BackgroundExporter, Error> {
    Exporter::builder().start(addr)
}
