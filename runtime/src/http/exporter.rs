//! The server that lives in a tokio runtime, and the options of both servers.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::server::{self, Connections};
use super::service::{Options, Service};
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
    created: Option<bool>,
    max_scrapes: Option<usize>,
    scrape_timeout: Option<Duration>,
    self_metrics: Option<bool>,
}

impl ExporterBuilder {
    /// The registry that is served, instead of [`Registry::global`]. What is registered later is served too.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Whether pages say since when each series counts: `_created` in `OpenMetrics`, which takes a line a series, a
    /// timestamp in protobuf. Unless stated, those two do and the text format doesn't
    /// ([`Format::with_created`](crate::exposition::Format::with_created)).
    pub fn created(mut self, created: bool) -> Self {
        self.created = Some(created);
        self
    }

    /// How many scrapes may be gathered at once: 16 unless stated, 1 at least. A scrape that comes when there are as
    /// many waits for a second; then it is answered 503, with `Retry-After`.
    ///
    /// It also bounds the threads that a collector which hangs can take. A page that is being sent has a place only
    /// while a piece of it is made, so a client that reads slowly keeps nobody away.
    pub fn max_scrapes(mut self, max_scrapes: usize) -> Self {
        self.max_scrapes = Some(max_scrapes);
        self
    }

    /// How long gathering may take: a minute unless stated. Where Prometheus says how long it waits
    /// (`X-Prometheus-Scrape-Timeout-Seconds`), that holds if it is shorter, less a twentieth, so that the answer still
    /// gets there: 503, with `Retry-After` and the place of the collector that hasn't answered, if it is one of yours.
    /// The functions of gauges are called when the page comes to them; if that is behind what has been sent, the
    /// response breaks off. The time that a client takes to read a long page doesn't count.
    ///
    /// The collector goes on until it returns, and keeps its place among [`max_scrapes`](Self::max_scrapes) so long.
    /// `Duration::MAX` sets no limit.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let registry = tallymark::Registry::new();
    /// let exporter = tallymark::http::Exporter::builder()
    ///     .registry(&registry)
    ///     .max_scrapes(4)
    ///     .scrape_timeout(Duration::from_secs(5))
    ///     .start("127.0.0.1:0")?;
    /// exporter.shutdown();
    /// # Ok::<(), tallymark::http::Error>(())
    /// ```
    pub fn scrape_timeout(mut self, scrape_timeout: Duration) -> Self {
        self.scrape_timeout = Some(scrape_timeout);
        self
    }

    /// Whether the registry gets [metrics of the exporter itself](super#its-own-metrics) when serving begins. Unless
    /// stated, the global one does, and another has nothing but what its owner puts there.
    ///
    /// All exporters of a registry count in the same metrics, which stay there when these have stopped. Where something
    /// in the registry has one of their names, none of them is there.
    pub fn self_metrics(mut self, self_metrics: bool) -> Self {
        self.self_metrics = Some(self_metrics);
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
        let options = self.checked()?;
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
        Exporter::spawn(listener, local_addr, Service::new(options))
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
        let options = self.checked()?;
        let text = format!("{addr:?}");
        let addrs: Vec<SocketAddr> = match addr.to_socket_addrs() {
            Ok(addrs) => addrs.collect(),
            Err(error) => return Err(Error::resolve(text, error)),
        };
        let (listener, local_addr) = server::listen(text, &addrs)?;
        BackgroundExporter::spawn(listener, local_addr, Service::new(options))
    }

    fn checked(self) -> Result<Options, Error> {
        // So that no call that is timed has to begin it.
        clock::calibrate();
        let registry = self.registry.unwrap_or_else(|| Registry::global().clone());
        registry.check().map_err(Error::collide)?;
        let Options { max_scrapes, scrape_timeout, .. } = Options::new(registry.clone());
        Ok(Options {
            registry,
            created: self.created,
            max_scrapes: self.max_scrapes.unwrap_or(max_scrapes),
            scrape_timeout: self.scrape_timeout.unwrap_or(scrape_timeout),
            self_metrics: self.self_metrics,
        })
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
    pub(super) fn spawn(listener: TcpListener, local_addr: SocketAddr, service: Service) -> Result<Self, Error> {
        let listener =
            tokio::net::TcpListener::from_std(listener).map_err(|error| Error::listen([local_addr], error))?;
        let connections = Connections::new(server::MAX_CONNECTIONS);
        let accepting = server::spawn(server::accept(listener, service, connections.clone()));
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
