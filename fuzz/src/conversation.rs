//! What holds of the answers to any bytes that come on a connection.

use std::cell::RefCell;
use std::collections::HashSet;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tallymark::exposition::{self, Escaping, Format};
use tallymark::fuzzing::Server;
use tallymark::{Counter, Gauge, Histogram, MetricFamily, Registry, SeriesSnapshot, Summary, parse};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use crate::random::Random;

/// Sends the bytes to a server, and makes sure that what it answers is HTTP, and is all its own: nothing of what was sent
/// is in it, since every part of it is one that was known before.
///
/// # Panics
/// Where it isn't.
pub fn check(request: &[u8]) {
    thread_local! {
        static PEER: Peer = Peer::new();
    }
    PEER.with(|peer| peer.check(request));
}

struct Peer {
    runtime: Runtime,
    server: Server,
    /// The lines of all pages, and without their values those of what changes.
    lines: HashSet<Vec<u8>>,
    /// The names, and the texts of labels, of pages in protobuf.
    words: HashSet<String>,
    /// All bodies that are no pages.
    bodies: HashSet<Vec<u8>>,
    index: Vec<u8>,
}

/// What the numbers of the server itself are called, which change.
const OWN: &[u8] = b"tallymark_";

impl Peer {
    fn new() -> Self {
        let registry = registry();
        let server = Server::new(registry.clone());
        // Its clock stands still, and goes on where nothing else does.
        let mut runtime = Builder::new_current_thread();
        runtime.enable_time().start_paused(true).max_blocking_threads(1);
        let runtime = runtime.build().expect("it needs nothing of the system");
        let (mut lines, mut words) = (HashSet::new(), HashSet::new());
        for format in FORMATS {
            for escaping in [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values] {
                let page = exposition::encode(format.with_escaping(escaping), &registry.gather());
                if format == Format::PROTOBUF {
                    let families = parse::protobuf(&page).expect("it is ours");
                    for family in &families {
                        words_of(family, &mut |word| {
                            words.insert(word.to_owned());
                        });
                    }
                    continue;
                }
                lines.extend(page.split(|byte| *byte == b'\n').map(|line| unchanging(line).to_vec()));
            }
        }
        let mut peer = Self { runtime, server, lines, words, bodies: HashSet::from([Vec::new()]), index: Vec::new() };
        let many = ["GET /metrics?", &"name[]=a&".repeat(129), " HTTP/1.1\r\n\r\n"].concat();
        for request in ["GET / HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\n\r\n", "PUT / HTTP/1.1\r\n\r\n", &many] {
            let answer = peer.answer(request.as_bytes(), &mut Random::of(b""), false);
            let body = split(&answer, b"\r\n\r\n").expect("a head").1;
            if peer.index.is_empty() {
                peer.index = body.to_vec();
            }
            peer.bodies.insert(body.to_vec());
        }
        assert_eq!(peer.bodies.len(), 5);
        peer
    }

    fn check(&self, request: &[u8]) {
        let mut random = Random::of(request);
        let impatient = random.byte().is_multiple_of(8);
        let answer = self.answer(request, &mut random, impatient);
        if impatient {
            // It may be cut off anywhere.
            return;
        }
        let (mut rest, mut pages, mut indices) = (&answer[..], 0, 0);
        while !rest.is_empty() {
            let response = Response::read(&mut rest);
            self.check_body(&response);
            match response.status {
                "200 OK" if *response.body == *self.index => indices += 1,
                "200 OK" if response.headed => indices += 1,
                "200 OK" => pages += 1,
                _ => {}
            }
        }
        let has = |text: &[u8]| request.windows(text.len()).filter(|window| *window == text).count();
        assert!(pages <= has(b"/metrics"), "a page that nobody asked for");
        assert!(indices <= has(b"/"), "an answer that nobody asked for");
    }

    fn answer(&self, request: &[u8], random: &mut Random, impatient: bool) -> Vec<u8> {
        let longest = 1 << (random.byte() % 12);
        let wire = Wire(Rc::new(RefCell::new(State {
            request: request.to_vec(),
            sent: 0,
            answer: Vec::new(),
            longest,
            random: random.fork(),
            hung_up: impatient,
            waiting: None,
        })));
        self.runtime.block_on(async {
            let mut served = pin!(self.server.converse(wire.clone()));
            let mut hang_up = pin!(async {
                // That is when the server has nothing to do any more.
                sleep(Duration::from_millis(1)).await;
                wire.hang_up();
                pending::<()>().await;
            });
            poll_fn(|cx| {
                let _ = hang_up.as_mut().poll(cx);
                served.as_mut().poll(cx)
            })
            .await;
        });
        std::mem::take(&mut wire.0.borrow_mut().answer)
    }

    /// All of a body is known.
    fn check_body(&self, response: &Response<'_>) {
        if self.bodies.contains(response.body) {
            return;
        }
        if response.status == "503 Service Unavailable" {
            const BEGINNINGS: [&[u8]; 2] =
                [b"The metrics were not gathered within ", b"As many scrapes are being gathered"];
            assert!(BEGINNINGS.iter().any(|known| response.body.starts_with(known)), "{response:?}");
            return;
        }
        assert_eq!(response.status, "200 OK");
        let body = match response.header("content-encoding") {
            None => response.body.to_vec(),
            Some("gzip") => gunzip(response.body),
            Some(_) => zstd::bulk::decompress(response.body, 1 << 20).expect("zstd"),
        };
        let r#type = response.header("content-type").expect("a page has a type");
        if r#type.starts_with("application/vnd.google.protobuf") {
            for family in parse::protobuf(&body).expect("messages") {
                words_of(&family, &mut |word| assert!(self.words.contains(word), "{word} is new"));
            }
            return;
        }
        for line in body.split(|byte| *byte == b'\n') {
            assert!(self.lines.contains(unchanging(line)), "{} is new", line.escape_ascii());
        }
        assert!(body.is_empty() || body.ends_with(b"\n"));
        assert_eq!(body.ends_with(b"# EOF\n"), r#type.starts_with("application/openmetrics-text"));
    }
}

const FORMATS: [Format; 5] =
    [Format::TEXT_0_0_4, Format::TEXT_1_0_0, Format::OPENMETRICS_0_0_1, Format::OPENMETRICS_1_0_0, Format::PROTOBUF];

/// A metric of each type that reads in a way of its own.
fn registry() -> Registry {
    let registry = Registry::new();
    let jobs = Counter::builder("jobs_total", "Jobs done.").const_label("queue", "\"print\"\n");
    let jobs: Counter = jobs.build().expect("the names are good");
    jobs.inc();
    let depth = Gauge::builder("pond.depth", "How deep.").allow_utf8().build().expect("the names are good");
    depth.set(1.5);
    let wait = Histogram::new("wait_seconds", "Waiting for a place.").expect("the names are good");
    wait.observe(0.25);
    let size = Summary::new("size_bytes", "Of requests.").expect("the names are good");
    size.observe(512);
    registry.register(&jobs).expect("nothing is there");
    registry.register(&depth).expect("no other is called so");
    registry.register(&wait).expect("no other is called so");
    registry.register(&size).expect("no other is called so");
    registry
}

/// Shows all names and texts of a family.
fn words_of(family: &MetricFamily, see: &mut dyn FnMut(&str)) {
    see(family.name());
    see(family.help());
    for (name, text) in family.series().iter().flat_map(SeriesSnapshot::labels) {
        see(name);
        see(text);
    }
}

/// A line without what changes.
fn unchanging(line: &[u8]) -> &[u8] {
    if !line.starts_with(OWN) {
        return line;
    }
    let value = line.iter().rposition(|byte| *byte == b' ').unwrap_or(line.len());
    &line[..value]
}

/// What is in front of the first such bytes, and what is behind them.
fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..start], &bytes[start + at.len()..]))
}

fn gunzip(body: &[u8]) -> Vec<u8> {
    // Nothing of ours has more in its head (RFC 1952, section 2.3).
    assert!(body.len() > 18 && body.starts_with(&[0x1f, 0x8b, 8, 0]), "{}", body.escape_ascii());
    let page = miniz_oxide::inflate::decompress_to_vec(&body[10..body.len() - 8]).expect("deflate");
    let length = u32::from_le_bytes(body[body.len() - 4..].try_into().expect("four bytes"));
    assert_eq!(length as usize, page.len());
    page
}

/// An answer, all of whose head is known.
#[derive(Debug)]
struct Response<'a> {
    status: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
    /// Whether it has no body, though there is one: the request was a `HEAD`.
    headed: bool,
}

impl<'a> Response<'a> {
    fn read(rest: &mut &'a [u8]) -> Self {
        const STATUSES: [&str; 9] = [
            "200 OK",
            "204 No Content",
            "400 Bad Request",
            "404 Not Found",
            "405 Method Not Allowed",
            "414 URI Too Long",
            "431 Request Header Fields Too Large",
            "500 Internal Server Error",
            "503 Service Unavailable",
        ];
        let (head, mut behind) = split(rest, b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {}", rest.escape_ascii()));
        let mut lines = str::from_utf8(head).expect("a head has letters").split("\r\n");
        let line = lines.next().expect("a first line");
        let status = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 ")).expect("a version");
        assert!(STATUSES.contains(&status), "{status} is new");
        let headers: Vec<_> = lines.map(|line| line.split_once(": ").expect("a header")).collect();
        let mut response = Self { status, headers, body: b"", headed: false };
        response.check_headers();
        let length: usize = response.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        // No body of ours begins like a response.
        response.headed = length > 0 && (behind.is_empty() || behind.starts_with(b"HTTP/1."));
        if !response.headed {
            (response.body, behind) = behind.split_at_checked(length).expect("as much as was said");
        }
        *rest = behind;
        response
    }

    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn check_headers(&self) {
        for (at, (name, value)) in self.headers.iter().enumerate() {
            assert!(!self.headers[..at].iter().any(|(before, _)| before == name), "{name} stands twice");
            let known = match *name {
                "allow" => *value == "GET, HEAD, OPTIONS",
                "connection" => matches!(*value, "close" | "keep-alive"),
                "content-encoding" => matches!(*value, "gzip" | "zstd"),
                "content-length" => value.parse::<usize>().is_ok(),
                "content-type" => is_type(value),
                "date" => value.len() == "Sun, 06 Nov 1994 08:49:37 GMT".len() && value.ends_with(" GMT"),
                "retry-after" => *value == "5",
                "vary" => *value == "Accept, Accept-Encoding",
                _ => false,
            };
            assert!(known, "{name}: {value} is new");
        }
    }
}

fn is_type(text: &str) -> bool {
    let escapings = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
    let format =
        |format: &Format| escapings.iter().any(|escaping| format.with_escaping(*escaping).content_type() == text);
    matches!(text, "text/html; charset=utf-8" | "text/plain; charset=utf-8") || FORMATS.iter().any(format)
}

/// A connection in memory, over which bytes come and go in pieces of any length.
#[derive(Clone)]
struct Wire(Rc<RefCell<State>>);

struct State {
    request: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
    longest: usize,
    random: Random,
    hung_up: bool,
    waiting: Option<Waker>,
}

impl Wire {
    fn hang_up(&self) {
        let mut state = self.0.borrow_mut();
        state.hung_up = true;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }
}

impl State {
    fn length(&mut self) -> usize {
        1 + usize::from(self.random.byte()) * 16 % self.longest
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        let length = state.length().min(state.request.len() - state.sent).min(buffer.remaining());
        if length == 0 && !state.hung_up {
            state.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        buffer.put_slice(&state.request[state.sent..state.sent + length]);
        state.sent += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        let length = state.length().min(bytes.len());
        state.answer.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
