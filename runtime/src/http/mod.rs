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
//! | `GET /metrics` | the page, in the [text format](crate::exposition::text); a query string is ignored |
//! | `GET /` | a page for people, with a link to `/metrics` |
//! | `HEAD` of either | the same without the body |
//! | `OPTIONS` of either | 204 and `Allow` |
//! | another method | 405 and `Allow` |
//! | another path | 404 and where the metrics are |
//!
//! Nothing of a request is ever repeated in a response. There is neither TLS nor a password, so let it listen where
//! only Prometheus comes: on loopback or on an inner network.
//!
//! Collectors run on tokio's threads for blocking work, so one that blocks holds up no task of the program.
//!
//! # Limits
//!
//! - 512 connections at once. Further ones wait in the listener's queue.
//! - 16 gathers at once. A scrape that has waited 10 seconds for its turn is answered 503.
//! - 12 seconds for the head of a request, from the time when the connection opens or the response before it ends. Then
//!   the connection is closed; this is what ends idle ones.
//! - 16 KiB for the head of a request, past which the answer is 431.
//! - 10 minutes for a connection, whatever it does, and 10 seconds more for the response that is on its way then.
//!
//! Errors of `accept` never end the server: it goes on at once where only that connection failed, and waits between 100
//! milliseconds and a second where the process or the system has run out of something, such as file descriptors.

mod background;
mod body;
mod error;
mod exporter;
mod server;
mod service;

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
