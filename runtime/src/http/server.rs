//! Connections: how they are accepted, and how they end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Error;
use super::service::Service;

/// Far more than scrapers have, and little enough that the page's clients can't take every file descriptor that the
/// program may open: 1,024 is a common limit.
pub(super) const MAX_CONNECTIONS: u32 = 512;

/// For the head of a request, so that a client that dribbles doesn't keep its place. It counts from the response
/// before, hence ends idle connections too; common scrape intervals (5, 10, 15, 30, 60 seconds) are not near it, so
/// that no scrape comes just when its connection closes.
const HEAD_TIMEOUT: Duration = Duration::from_secs(12);

/// For the head of a request: scrapers send some hundred bytes, browsers with cookies a few KiB. It bounds the memory
/// of all connections.
const HEAD_BYTES: usize = 16 * 1024;

/// How long a connection lives, so that a client that asks for the page and never reads it doesn't keep its place.
const MAX_AGE: Duration = Duration::from_mins(10);

/// How long responses on their way may take once a connection is to end: as long as Prometheus waits for them by
/// default.
const GRACE: Duration = Duration::from_secs(10);

/// Listens on the first of the addresses on which that can be done. `text` is what they were resolved from.
pub(super) fn listen(text: String, addrs: &[SocketAddr]) -> Result<(std::net::TcpListener, SocketAddr), Error> {
    if addrs.is_empty() {
        return Err(Error::resolve(text, io::Error::new(io::ErrorKind::NotFound, "it resolves to no address")));
    }
    let listen = || {
        let listener = std::net::TcpListener::bind(addrs)?;
        listener.set_nonblocking(true)?;
        let local_addr = listener.local_addr()?;
        Ok((listener, local_addr))
    };
    listen().map_err(|error| Error::listen(addrs, error))
}

/// The connections of one server.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    /// One for each connection that there may be, which it holds until its socket is closed.
    places: Arc<Semaphore>,
    most: u32,
    /// It has no places, and is closed when connections are to end.
    closing: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn new(most: u32) -> Self {
        let [places, closing] = [most as usize, 0].map(|places| Arc::new(Semaphore::new(places)));
        Self { places, most, closing }
    }

    /// Tells the connections to end.
    pub(super) fn close(&self) {
        self.closing.close();
    }

    /// Waits until connections are to end.
    pub(super) async fn closing(&self) {
        // An error says that it was closed.
        let _ = self.closing.acquire().await;
    }

    /// Waits until there is no connection, and none that is being accepted.
    pub(super) async fn closed(&self) {
        let _ = self.places.acquire_many(self.most).await;
    }
}

/// A task of the server, of one type, so that tokio's code is compiled for one.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a task in the runtime around it.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let task: Task = Box::pin(task);
    tokio::spawn(task)
}

/// Accepts connections until it is aborted, as many at once as there may be.
pub(super) async fn accept(listener: TcpListener, service: Service, connections: Connections) {
    let mut backoff = Backoff::default();
    // Nobody closes the semaphore, so this goes on.
    while let Ok(place) = Arc::clone(&connections.places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                backoff = Backoff::default();
                spawn(connection(stream, service.clone(), connections.clone(), place));
            }
            Err(error) => {
                if let Some(pause) = backoff.after(&error) {
                    sleep(pause).await;
                }
            }
        }
    }
}

/// How long to wait after errors of `accept`.
#[derive(Debug)]
struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Short enough that a scrape which comes meanwhile is still answered in time.
    const LONGEST: Duration = Duration::from_secs(1);

    fn after(&mut self, error: &io::Error) -> Option<Duration> {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        // These took one connection out of the queue. After the others it is still there, so trying again at once would
        // spin.
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return None;
        }
        let pause = self.next;
        self.next = (pause * 2).min(Self::LONGEST);
        Some(pause)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: Duration::from_millis(100) }
    }
}

/// Serves one connection while it has a place.
async fn connection(stream: TcpStream, service: Service, connections: Connections, _place: OwnedSemaphorePermit) {
    // It only makes responses faster, so it may fail.
    let _ = stream.set_nodelay(true);
    converse(TokioIo::new(stream), &service, &connections).await;
}

/// Answers what comes on a connection until that ends, by itself or because of `closing` or its age.
pub(super) async fn converse(io: impl Read + Write + Unpin, service: &Service, connections: &Connections) {
    let respond = service_fn(move |request: Request<Incoming>| async move {
        Ok::<_, Infallible>(service.respond(request.method(), request.uri(), request.headers()).await)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(io, respond);
    let mut served = pin!(served);
    let called_off = timeout(MAX_AGE, connections.closing());
    if unless(called_off, served.as_mut()).await.is_none() {
        served.as_mut().graceful_shutdown();
        let _ = timeout(GRACE, served).await;
    }
    // Where it failed, the client broke HTTP or went away; hyper has told it what can be told.
}

/// Runs a future to its end, or until `stop` ends.
async fn unless<F: Future>(stop: impl Future, mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut stop = pin!(stop);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => stop.as_mut().poll(cx).map(|_| None),
    })
    .await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use tokio::runtime::{Builder, Runtime};
    use tokio::time::Instant;

    use super::super::service::Options;
    use super::*;
    use crate::{Counter, Registry};

    #[test]
    fn an_error_of_one_connection_is_not_waited_after() {
        let mut backoff = Backoff::default();
        for kind in [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset]
        {
            assert_eq!(backoff.after(&kind.into()), None);
        }
    }

    #[test]
    fn other_errors_are_waited_after_longer_and_longer_up_to_a_second() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..6).filter_map(|_| backoff.after(&io::Error::other("no more files"))).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000].map(Duration::from_millis));
    }

    #[test]
    fn past_the_limit_a_connection_waits_until_another_ends() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (addr, _) = served(Registry::new(), 1).await;
            let first = TcpStream::connect(addr).await.unwrap();
            first.try_write(REQUEST).unwrap();
            some(&first).await;
            let second = TcpStream::connect(addr).await.unwrap();
            second.try_write(REQUEST).unwrap();
            // The server had time for the first, thus for the second too if it had let it in.
            for _ in 0..10 {
                first.try_write(REQUEST).unwrap();
                some(&first).await;
            }
            assert_eq!(second.try_read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            drop(first);
            assert!(some(&second).await.starts_with(b"HTTP/1.1 200"));
        });
    }

    #[test]
    fn a_client_that_never_ends_its_request_is_cut_off() {
        paused().block_on(async {
            let (addr, _) = served(Registry::new(), 8).await;
            let before = Instant::now();
            let client = TcpStream::connect(addr).await.unwrap();
            client.try_write(b"GET /metr").unwrap();
            while !some(&client).await.is_empty() {}
            assert!(before.elapsed() >= HEAD_TIMEOUT);
        });
    }

    #[test]
    fn a_client_that_never_reads_its_page_is_cut_off_in_the_end() {
        paused().block_on(async {
            let (addr, connections) = served(large(), 8).await;
            let before = Instant::now();
            let client = TcpStream::connect(addr).await.unwrap();
            client.try_write(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
            client.readable().await.unwrap();
            connections.gone().await;
            assert!(before.elapsed() >= MAX_AGE + GRACE);
        });
    }

    #[test]
    fn at_the_shutdown_a_client_that_does_not_read_its_page_has_a_little_time_left() {
        paused().block_on(async {
            let (addr, connections) = served(large(), 8).await;
            let client = TcpStream::connect(addr).await.unwrap();
            client.try_write(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
            client.readable().await.unwrap();
            let before = Instant::now();
            connections.close();
            connections.gone().await;
            assert!((GRACE..MAX_AGE).contains(&before.elapsed()));
        });
    }

    const REQUEST: &[u8] = b"HEAD / HTTP/1.1\r\n\r\n";

    /// A runtime whose clock jumps to the next timer when all tasks wait.
    fn paused() -> Runtime {
        Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
    }

    /// A registry whose page is larger than what sockets buffer.
    fn large() -> Registry {
        let registry = Registry::new();
        let large: Counter = Counter::new("large_total", "x".repeat(32 << 20)).unwrap();
        registry.register(&large).unwrap();
        registry
    }

    async fn served(registry: Registry, most: u32) -> (SocketAddr, Connections) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let connections = Connections::new(most);
        spawn(accept(listener, Service::new(Options::new(registry)), connections.clone()));
        (addr, connections)
    }

    impl Connections {
        /// Waits until there is none but the one that is being accepted.
        async fn gone(&self) {
            drop(self.places.acquire_many(self.most - 1).await.unwrap());
        }
    }

    /// What comes next on a connection; nothing once it has ended.
    async fn some(stream: &TcpStream) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        loop {
            stream.readable().await.unwrap();
            match stream.try_read(&mut bytes) {
                Ok(length) => {
                    bytes.truncate(length);
                    return bytes;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Vec::new(),
            }
        }
    }
}
