//! The server that brings a thread and a runtime of its own.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::runtime;
use tokio::sync::Semaphore;

use super::service::Service;
use super::{Error, Exporter};

/// What the threads are called in debuggers and process lists.
const THREAD_NAME: &str = "tallymark-http";

/// A handle to a server that runs in a thread of its own, from [`start`](super::start).
///
/// Dropping the handle leaves the server running; [`shutdown`](Self::shutdown) stops it. It never keeps a program from
/// ending.
///
/// ```
/// let exporter = tallymark::http::start("127.0.0.1:0")?;
/// assert_ne!(exporter.local_addr().port(), 0);
/// exporter.shutdown();
/// # Ok::<(), tallymark::http::Error>(())
/// ```
#[derive(Debug)]
pub struct BackgroundExporter {
    local_addr: SocketAddr,
    /// It has no places, and is closed when the server is to stop.
    stop: Arc<Semaphore>,
    thread: thread::JoinHandle<Result<(), Error>>,
}

impl BackgroundExporter {
    pub(super) fn spawn(listener: TcpListener, local_addr: SocketAddr, service: Service) -> Result<Self, Error> {
        let stop = Arc::new(Semaphore::new(0));
        let stopped = Arc::clone(&stop);
        let begun = Begun::default();
        let report = Report(Begun::clone(&begun));
        // The thread builds the runtime itself, since one can't be dropped in a thread that runs another, as the
        // caller's may.
        let thread = thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || run(listener, local_addr, service, &report, &stopped))
            .map_err(Error::thread)?;
        if *begun.wait() {
            return Ok(Self { local_addr, stop, thread });
        }
        match thread.join() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Err(Error::thread(io::Error::other("it panicked"))),
        }
    }

    /// The address that it listens on, with the port that it got where port 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Stops the server, and returns when its thread has ended.
    ///
    /// No connection is accepted from now on, and idle connections are closed at once. Requests that are coming in or
    /// being answered get their responses, for which there are 10 seconds; what is not sent by then is cut off. A
    /// collector that still runs is left to itself.
    ///
    /// This blocks the calling thread; asynchronous code calls it where blocking is allowed.
    pub fn shutdown(self) {
        self.stop.close();
        // It fails only where the thread has ended by a panic, and then nothing is left to stop.
        let _ = self.thread.join();
    }
}

/// Whether the server runs, once that is known.
type Begun = Arc<OnceLock<bool>>;

/// Says that it doesn't when it goes without having said that it does.
struct Report(Begun);

impl Drop for Report {
    fn drop(&mut self) {
        self.0.get_or_init(|| false);
    }
}

fn run(
    listener: TcpListener,
    local_addr: SocketAddr,
    service: Service,
    report: &Report,
    stopped: &Semaphore,
) -> Result<(), Error> {
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().thread_name(THREAD_NAME).build();
    let runtime = runtime.map_err(Error::thread)?;
    let ended = runtime.block_on(async {
        let exporter = Exporter::spawn(listener, local_addr, service)?;
        report.0.get_or_init(|| true);
        // An error says that it was closed; where the handle is dropped without a shutdown, it never is.
        let _ = stopped.acquire().await;
        exporter.shutdown().await;
        Ok(())
    });
    // Dropping it would wait for collectors that hang.
    runtime.shutdown_background();
    ended
}
