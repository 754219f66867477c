//! The server that lives in a tokio runtime, and the options of both servers.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::server::{self, Connections};
use super::service::Service;
use super::{BackgroundExporter, Error};
use crate::clock;
use crate::registry::Registry;

/// Makes an [`Exporter`] or a [`BackgroundExporter`] with options.
///
/// ```
/// use tallymark::http::Exporter;
/// use tallymark::{Counter, Registry};
///
/// let registry = Registry::new();
/// let jobs = Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// let exporter = Exporter::builder().registry(&registry).start("127.0.0.1:0")?;
/// exporter.shutdown();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder serves nothing until `serve` or `start`"]
pub struct ExporterBuilder {
    registry: Option<Registry>,
}

impl ExporterBuilder {
    /// The registry that is served, instead of [`Registry::global`]. What is registered later is served too.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Serves from tasks of the tokio runtime that it is awaited in, as [`serve`](super::serve) does.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), tallymark::http::Error> {
    /// let registry = tallymark::Registry::new();
    /// let exporter = tallymark::http::Exporter::builder().registry(&registry).serve(("127.0.0.1", 0)).await?;
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
    pub async fn serve(self, addr: impl tokio::net::ToSocketAddrs + fmt::Debug) -> Result<Exporter, Error> {
        let registry = self.checked()?;
        if Handle::try_current().is_err() {
            return Err(Error::no_runtime());
        }
        // A runtime without timers panics here, where the program's author sees it, and not in the task of each
        // connection.
        drop(tokio::time::sleep(Duration::ZERO));
        let text = format!("{addr:?}");
        let addrs: Vec<SocketAddr> = match tokio::net::lookup_host(addr).await {
            Ok(addrs) => addrs.collect(),
            Err(error) => return Err(Error::resolve(text, error)),
        };
        let (listener, local_addr) = server::listen(text, &addrs)?;
        Exporter::spawn(listener, local_addr, registry)
    }

    /// Serves from a thread of its own, as [`start`](super::start) does.
    ///
    /// ```
    /// let registry = tallymark::Registry::new();
    /// let exporter = tallymark::http::Exporter::builder().registry(&registry).start(("127.0.0.1", 0))?;
    /// exporter.shutdown();
    /// # Ok::<(), tallymark::http::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where metrics collide; where the address can't be resolved or listened on; where the system gives no thread.
    pub fn start(self, addr: impl std::net::ToSocketAddrs + fmt::Debug) -> Result<BackgroundExporter, Error> {
        let registry = self.checked()?;
        let text = format!("{addr:?}");
        let addrs: Vec<SocketAddr> = match addr.to_socket_addrs() {
            Ok(addrs) => addrs.collect(),
            Err(error) => return Err(Error::resolve(text, error)),
        };
        let (listener, local_addr) = server::listen(text, &addrs)?;
        BackgroundExporter::spawn(listener, local_addr, registry)
    }

    fn checked(self) -> Result<Registry, Error> {
        // So that no call that is timed has to begin it.
        clock::calibrate();
        let registry = self.registry.unwrap_or_else(|| Registry::global().clone());
        registry.check().map_err(Error::collide)?;
        Ok(registry)
    }
}

/// A handle to a server that runs in a tokio runtime, from [`serve`](super::serve).
///
/// Dropping the handle leaves the server running; [`shutdown`](Self::shutdown) stops it, and so does the end of the
/// runtime.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), tallymark::http::Error> {
/// let exporter = tallymark::http::serve("127.0.0.1:0").await?;
/// assert_ne!(exporter.local_addr().port(), 0);
/// exporter.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Exporter {
    local_addr: SocketAddr,
    accepting: JoinHandle<()>,
    connections: Connections,
}

impl Exporter {
    /// Options for a new server. Without any it serves [`Registry::global`].
    pub fn builder() -> ExporterBuilder {
        ExporterBuilder::default()
    }

    /// Must be called in a runtime.
    pub(super) fn spawn(listener: TcpListener, local_addr: SocketAddr, registry: Registry) -> Result<Self, Error> {
        let listener =
            tokio::net::TcpListener::from_std(listener).map_err(|error| Error::listen([local_addr], error))?;
        let connections = Connections::new(server::MAX_CONNECTIONS);
        let accepting = server::spawn(server::accept(listener, Service::new(registry), connections.clone()));
        Ok(Self { local_addr, accepting, connections })
    }

    /// The address that it listens on, with the port that it got where port 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Stops the server, and returns when it has stopped.
    ///
    /// No connection is accepted from now on, and idle connections are closed at once. Requests that are coming in or
    /// being answered get their responses, for which there are 10 seconds; what is not sent by then is cut off. A
    /// collector that still runs is left to itself.
    ///
    /// The server also stops if the future is dropped after it was first polled.
    pub async fn shutdown(self) {
        self.connections.close();
        self.accepting.abort();
        // It always ends as cancelled. Once it has, the port is free and no connection can come to those there are.
        let _ = self.accepting.await;
        self.connections.closed().await;
    }
}
