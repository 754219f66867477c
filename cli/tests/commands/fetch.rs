//! `tallymark fetch`

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use tallymark::http::{BackgroundExporter, Exporter};
use tallymark::{Collected, Collector, Descriptor, Histogram, NativeOptions, Registry};

use crate::server::{Server, answer};
use crate::{page, run};

/// Gives at each scrape what the number of scrapes says.
#[derive(Default)]
struct Scrapes {
    count: AtomicU32,
}

impl Collector for Scrapes {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        let scrape = self.count.fetch_add(1, Ordering::Relaxed);
        let label = |name, value: &str| [(name, value.to_owned())];
        let mut jobs = out.counter("jobs_total", "Jobs done.");
        jobs.series(label("queue", "mail"), 10 + 5 * scrape);
        jobs.series(label("queue", "idle"), 7_u64);
        jobs.series(label("queue", if scrape == 0 { "gone" } else { "new" }), 3_u64);
        let mut restarted = out.counter("restarted_total", "Counts anew.");
        restarted.series(label("a", "b"), if scrape == 0 { 100 } else { scrape });
        out.gauge("temperature_celsius", "How warm it is.").series(label("room", "a\x1b[2J"), 20.5 - f64::from(scrape));
        let mut latency = out.histogram("latency_seconds", "How long it takes.");
        latency.histogram_series(
            label("route", "/"),
            [(1.0, 10_u64), (3.0, 4 * u64::from(scrape))],
            5.0 + 8.0 * f64::from(scrape),
        );
        let mut sizes = out.summary("size_bytes", "How large it is.");
        sizes.summary_series(label("kind", "a"), 4 + u64::from(scrape), 10.0, [(0.5, 2.0)]);
    }
}

fn serve() -> (BackgroundExporter, String) {
    let registry = Registry::new();
    registry.register(Scrapes::default()).unwrap();
    let exporter = Exporter::builder().registry(&registry).start("127.0.0.1:0").unwrap();
    let url = exporter.local_addr().to_string();
    (exporter, url)
}

#[test]
fn a_page_is_shown_as_a_table() {
    let (exporter, url) = serve();
    let said = run(&["fetch", &url, "--format", "text"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let (summary, table) = said.out.split_once('\n').unwrap();
    assert!(summary.starts_with("text: 5 families, 7 series, "), "{summary}");
    assert_eq!(
        table,
        "
jobs_total  counter  Jobs done.
  {queue=\"gone\"}   3
  {queue=\"idle\"}   7
  {queue=\"mail\"}  10

latency_seconds  histogram  How long it takes.
               count  sum  mean  ~p50  ~p90  ~p99
  {route=\"/\"}     10    5   0.5   0.5   0.9  0.99

restarted_total  counter  Counts anew.
  {a=\"b\"}  100

size_bytes  summary  How large it is.
              count  sum  mean  0.5
  {kind=\"a\"}      4   10   2.5    2

temperature_celsius  gauge  How warm it is.
  {room=\"a\\u{1b}[2J\"}  20.5
"
    );
    exporter.shutdown();
}

#[test]
fn with_an_interval_it_shows_what_has_changed() {
    let (exporter, url) = serve();
    let said = run(&["fetch", "--url", &url, "--format=text", "-i", "0.02", "-n", "2"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let (_, changes) = said.out.split_once(" s later, text: ").unwrap();
    // How long it really was is anybody's guess.
    let words = |line: &str| -> Vec<String> {
        line.split_whitespace().filter(|word| !word.ends_with("/s")).map(str::to_owned).collect()
    };
    let lines: Vec<String> = changes.lines().skip(1).map(|line| words(line).join(" ")).collect();
    assert_eq!(
        lines,
        [
            "jobs_total counter",
            "{queue=\"mail\"} 15 +5",
            "{queue=\"new\"} 3 new",
            "{queue=\"gone\"} 3 gone",
            "latency_seconds histogram",
            "count more mean of these ~p50 ~p90 ~p99",
            "{route=\"/\"} 14 +4 2 2 2.8 2.98",
            "restarted_total counter",
            "{a=\"b\"} 1 reset, was 100",
            "size_bytes summary",
            "count more mean of these",
            "{kind=\"a\"} 5 +1 0",
            "temperature_celsius gauge",
            "{room=\"a\\u{1b}[2J\"} 19.5 -1",
        ]
    );
    let rates = changes.split_whitespace().filter(|word| word.ends_with("/s"));
    let rates: Vec<f64> = rates.map(|rate| rate.trim_end_matches("/s").parse().unwrap()).collect();
    assert_eq!(rates.len(), 4, "{changes}");
    // Of 5 and of 4 more in the same time.
    assert!((rates[0] / rates[1] - 1.25).abs() < 1e-3, "{changes}");
    exporter.shutdown();
}

#[test]
fn nothing_is_shown_where_nothing_changed() {
    let server = Server::page("text/plain; version=0.0.4", b"a_total{b=\"c\"} 1\nnot NaN\n");
    let said = run(&["fetch", &server.url(), "--format", "text", "--interval", "0.01", "--count", "3"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out.lines().filter(|line| line.contains("a_total")).count(), 1, "{}", said.out);
    assert_eq!(said.out.lines().filter(|line| line.contains(" s later, text: 2 families")).count(), 2, "{}", said.out);
}

#[test]
fn every_type_has_its_row() {
    let server = Server::page(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        &std::fs::read(page("all.om")).unwrap(),
    );
    let said = run(&["fetch", &server.url(), "--format", "openmetrics"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for part in [
        "openmetrics: 8 families, 9 series, ",
        "orders_total  counter  Orders placed.\n  {method=\"card\"}                17\n",
        "  {method=\"cash\"}  9007199254740991\n",
        "queue_bytes  gauge  bytes  What waits.\n    -2.5  @1520879607.789123\n",
        "  {route=\"/\"}     40   18  0.45   0.3  >0.5  >0.5\n",
        "size_bytes  summary  How large orders are.\n    count   sum  mean  0.5  0.9\n       10  1200   120  100  250\n",
        "build_info  info  What runs.\n  {version=\"1.2\\\"\\n\"}  1\n",
        "door  stateset  Whether one comes in.\n    open\n",
        "thing  unknown  Nobody knows.\n    NaN\n",
    ] {
        assert!(said.out.contains(part), "{part:?} in {}", said.out);
    }
}

#[test]
fn each_format_is_asked_for_by_its_header() {
    let server = Server::page("text/plain; version=0.0.4", b"a 1\n");
    for (format, media_type) in [
        ("text", "text/plain;version=0.0.4"),
        ("text-1.0", "text/plain;version=1.0.0;escaping=allow-utf-8,"),
        ("openmetrics", "application/openmetrics-text;version=1.0.0;"),
        ("protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"),
        ("binary", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"),
    ] {
        assert_eq!(run(&["fetch", &server.url(), "--format", format]).code, 0);
        let request = server.requests().pop().unwrap().to_ascii_lowercase();
        assert!(request.contains(&format!("\r\naccept: {media_type}").to_ascii_lowercase()), "{request}");
        assert!(request.contains("\r\naccept-encoding: gzip\r\n"), "{request}");
        assert!(
            request.contains(concat!("\r\nuser-agent: tallymark/", env!("CARGO_PKG_VERSION"), "\r\n")),
            "{request}"
        );
    }
    for arguments in [&["fetch", &server.url()][..], &["fetch", &server.url(), "--format", "random"]] {
        assert_eq!(run(arguments).code, 0);
    }
}

#[test]
fn headers_and_passwords_are_sent_and_not_shown() {
    let server = Server::page("text/plain; version=0.0.4", b"a 1\n");
    let url = format!("http://me:secret@{}/metrics", server.addr());
    let said = run(&["fetch", &url, "--debug", "-H", "X-Tenant: shop", "--header", "accept: text/plain"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let request = server.requests().pop().unwrap().to_ascii_lowercase();
    assert!(request.contains("\r\nauthorization: basic bwu6c2vjcmv0\r\n"), "{request}");
    assert!(request.contains("\r\nx-tenant: shop\r\n"), "{request}");
    assert_eq!(request.matches("\r\naccept: ").count(), 1, "{request}");
    assert!(said.err.contains("> x-tenant: shop\n"), "{}", said.err);
    assert!(!said.err.contains("secret") && !said.out.contains("secret"), "{}", said.err);

    run(&["fetch", &server.url(), "--debug", "-H", "Authorization: Bearer secret"]);
    let said = run(&["fetch", &server.url(), "--debug", "-H", "Authorization: Bearer secret"]);
    assert!(said.err.contains("> authorization: (not shown)\n"), "{}", said.err);
}

#[test]
fn debug_shows_headers_size_and_time() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all("a 1\n".repeat(1000).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let headers = [("content-type", "text/plain; version=0.0.4"), ("content-encoding", "gzip"), ("x-evil", "\x1b[2J")];
    let server = Server::answering(vec![answer(&headers[..2], &packed)]);
    let said = run(&["fetch", &server.url(), "--debug"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        format!("> GET {}\n", server.url()),
        "> accept-encoding: gzip\n".to_owned(),
        "< HTTP/1.1 200 OK\n".to_owned(),
        "< content-encoding: gzip\n".to_owned(),
        format!("= {} bytes, unpacked 4000, in ", packed.len()),
    ] {
        assert!(said.err.contains(&part), "{part:?} in {}", said.err);
    }
    assert!(said.out.contains("1000 series, 4000 bytes"), "{}", said.out);
}

#[test]
fn a_page_that_cant_be_had_is_told_with_the_cure() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = [("content-type", "text/plain; version=0.0.4")];
    let whole = answer(&plain, b"a 1\nb 2\n");
    let packed = [("content-type", "text/plain; version=0.0.4"), ("content-encoding", "gzip")];
    for (url, cure) in [
        (nobody.to_string(), "nobody listens there"),
        ("http://a b".to_owned(), "can't be fetched"),
        (
            Server::answering(vec![b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n\nno \x1b page\n".to_vec()])
                .url(),
            "answers 404 Not Found: no \\u{1b} page",
        ),
        (
            Server::answering(vec![b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n".to_vec()]).url(),
            "answers 503 Service Unavailable",
        ),
        (Server::answering(vec![b"SSH-2.0-OpenSSH\r\n".to_vec()]).url(), "can't be fetched"),
        (Server::answering(vec![Vec::new()]).url(), "can't be fetched"),
        (Server::answering(vec![whole[..whole.len() - 2].to_vec()]).url(), "came in part"),
        (Server::answering(vec![answer(&packed, b"a 1\n")]).url(), "came in part"),
        (Server::answering(vec![answer(&[("content-encoding", "br")], b"")]).url(), "in `br`"),
        (
            Server::page("text/plain; version=0.0.4", b"<html>").url(),
            "can't be read as the text format: line 1, column 1: ",
        ),
        (Server::page("application/openmetrics-text", b"a 1\n").url(), "can't be read as OpenMetrics: "),
        (Server::page("text/html", b"<html>").url(), "the server calls it `text/html`, so it may be another page"),
    ] {
        let said = run(&["fetch", &url, "--format", "text"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{url}");
        assert!(said.err.contains(cure), "{url}: {}", said.err);
        assert!(!said.err.contains('\x1b'), "{}", said.err);
    }
}

#[cfg(not(feature = "tls"))]
#[test]
fn without_tls_it_says_how_to_have_it() {
    let said = run(&["fetch", "https://localhost"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("`cargo install tallymark-cli --features tls`"), "{}", said.err);
}

#[test]
fn a_server_that_never_answers_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = listener.local_addr().unwrap().to_string();
    let said = run(&["fetch", &url, "--timeout", "0.05"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no answer within 0.05 s; `--timeout` allows more"), "{}", said.err);
}

#[test]
fn with_an_interval_it_goes_on_where_a_page_didnt_come() {
    let refusal = b"HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\n\r\n".to_vec();
    let page = |page: &[u8]| answer(&[("content-type", "text/plain; version=0.0.4")], page);
    let server = Server::answering(vec![page(b"a 1\n"), refusal, page(b"a 3\n")]);
    let said = run(&["fetch", &server.url(), "--format", "text", "--interval", "0.01", "--count", "3"]);
    assert_eq!(said.code, 1, "one of them failed");
    assert!(said.err.contains("500 Internal Server Error"), "{}", said.err);
    assert!(said.out.contains("  3  +2  "), "{}", said.out);
}

#[test]
fn changes_are_those_since_the_last_page_in_the_same_format() {
    let text = |page: &[u8]| answer(&[("content-type", "text/plain; version=0.0.4")], page);
    let openmetrics = |page: &[u8]| answer(&[("content-type", "application/openmetrics-text; version=1.0.0")], page);
    let server = Server::answering(vec![
        text(b"# TYPE a_total counter\na_total 1\n"),
        openmetrics(b"# TYPE a counter\na_total 2\na_created 5\n# EOF\n"),
        text(b"# TYPE a_total counter\na_total 4\n"),
        openmetrics(b"# TYPE a counter\na_total 8\na_created 5\n# EOF\n"),
    ]);
    let said = run(&["fetch", &server.url(), "--interval", "0.01", "--count", "4"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let words: Vec<&str> = said.out.split_whitespace().filter(|word| word.starts_with('+')).collect();
    assert_eq!(words, ["+3", "+6"], "{}", said.out);
}

#[test]
fn redirects_are_followed() {
    let target = Server::page("text/plain; version=0.0.4", b"a 1\n");
    let moved =
        format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", target.url());
    let server = Server::answering(vec![moved.into_bytes()]);
    let said = run(&["fetch", &server.url()]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(target.requests().len(), 1);
}

#[test]
fn a_page_reads_the_same_in_every_format() {
    let mut tables = Vec::new();
    for format in ["text", "text-1.0", "openmetrics", "protobuf"] {
        let (exporter, url) = serve();
        let said = run(&["fetch", &url, "--format", format]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        let (summary, table) = said.out.split_once('\n').unwrap();
        assert!(summary.starts_with(&format!("{format}: 5 families, 7 series, ")), "{summary}");
        tables.push(table.to_owned());
        exporter.shutdown();
    }
    assert!(tables.windows(2).all(|pair| pair[0] == pair[1]), "{tables:?}");
}

#[test]
fn native_histograms_have_quantiles_too() {
    let registry = Registry::new();
    let latency = Histogram::builder("latency_seconds", "How long it takes.")
        .native(NativeOptions::default())
        .unwrap()
        .build()
        .unwrap();
    registry.register(&latency).unwrap();
    for _ in 0..100 {
        latency.observe(0.5);
    }
    let exporter = Exporter::builder().registry(&registry).start("127.0.0.1:0").unwrap();
    let said = run(&["fetch", &exporter.local_addr().to_string(), "--format", "protobuf"]);
    let row = said.out.lines().last().unwrap();
    let cells: Vec<f64> = row.split_whitespace().map(|cell| cell.parse().unwrap()).collect();
    assert_eq!(cells[..3], [100.0, 50.0, 0.5], "{row}");
    assert!(cells[3..].iter().all(|quantile| (0.45..=0.5).contains(quantile)), "{row}");
    exporter.shutdown();
}
