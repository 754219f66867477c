//! In which format pages come, how they are compressed, and which part of them comes.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::read::GzDecoder;
use tallymark::http::{BackgroundExporter, Exporter};
use tallymark::{Collected, Counter, Gauge, Histogram, Registry};

use crate::client::{Client, Response, get};
use crate::servers::{Giving, LOOPBACK, jobs, registry};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";

const PROMETHEUS: &str = "Accept: application/openmetrics-text;version=1.0.0,\
                          application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n\
                          Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n";

fn scrape(exporter: &BackgroundExporter, headers: &str) -> Response {
    Client::connect(exporter.local_addr()).get_with("/metrics", headers)
}

fn gunzipped(response: &Response) -> String {
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    let mut decoder = GzDecoder::new(&response.bytes[..]);
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "something follows");
    text
}

/// A page of so many bytes, and some.
fn serving(bytes: usize) -> BackgroundExporter {
    let registry = Registry::new();
    for number in 0..bytes.div_ceil(4096) {
        // No two alike, so that compressing them leaves something.
        let words = (0..4096 / 17).map(|word| ((number << 16) + word + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let help: Vec<String> = words.map(|word| format!("{word:016x}")).collect();
        let gauge: Gauge = Gauge::new(format!("gauge_{number}"), help.join(" ")).unwrap();
        registry.register(&gauge).unwrap();
    }
    Exporter::builder().registry(&registry).start(LOOPBACK).unwrap()
}

// --- formats ---

#[test]
fn accept_headers_choose_the_format_and_its_content_type() {
    let (exporter, _jobs) = jobs();
    for (headers, content_type) in [
        ("", TEXT),
        ("Accept: */*\r\n", TEXT),
        ("accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", TEXT),
        ("Accept: text/plain;version=0.0.4;q=1,*/*;q=0.1\r\n", TEXT),
        (PROMETHEUS, OPENMETRICS),
        ("Accept: application/openmetrics-text\r\n", "application/openmetrics-text; version=0.0.1; charset=utf-8"),
        (
            "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.3\r\n",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        ),
        (
            "Accept: text/plain;version=1.0.0;escaping=dots\r\n",
            "text/plain; version=1.0.0; charset=utf-8; escaping=dots",
        ),
        (
            "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited\r\n",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        ),
        ("Accept: text/plain;q=0.2\r\nX-Y: z\r\naccept: application/openmetrics-text;version=1.0.0\r\n", OPENMETRICS),
        ("Accept: application/openmetrics-text;version=2.0.0\r\n", TEXT),
        ("Accept: \u{ff}\u{e4},application/openmetrics-text;version=1.0.0\r\n", OPENMETRICS),
    ] {
        let response = scrape(&exporter, headers);
        assert_eq!((response.status, response.header("content-type")), (200, Some(content_type)), "{headers}");
        assert_eq!(response.body.ends_with("# EOF\n"), content_type.contains("openmetrics"), "{headers}");
    }
}

#[test]
fn nothing_that_a_client_sends_comes_back() {
    let (exporter, _jobs) = jobs();
    let headers = "Accept: text/plain;version=4711;charset=4711,x/y;escaping=4711;q=4711\r\nAccept-Encoding: 4711\r\n\
                   X-Prometheus-Scrape-Timeout-Seconds: 4711\r\nUser-Agent: 4711\r\n";
    for target in ["/metrics", "/metrics?name[]=4711&x=4711", "/4711", "/?4711", "/metrics?name[]=x4711&name[]=jobs"] {
        let response = Client::connect(exporter.local_addr()).get_with(target, headers);
        assert!(!format!("{response:?}").contains("4711"), "{response:?}");
    }
}

#[test]
fn metrics_say_that_they_vary_and_nothing_else_does() {
    let (exporter, _jobs) = jobs();
    let many = format!("/metrics?{}", "name[]=a&".repeat(129));
    for (target, vary) in [
        ("/metrics", Some("Accept, Accept-Encoding")),
        ("/metrics?name[]=x", Some("Accept, Accept-Encoding")),
        (&*many, Some("Accept, Accept-Encoding")),
        ("/", None),
        ("/coffee", None),
    ] {
        assert_eq!(get(exporter.local_addr(), target).header("vary"), vary, "{target}");
    }
}

#[test]
fn the_builder_says_whether_pages_say_since_when_series_count() {
    let (registry, _jobs) = registry();
    for (created, accept, has) in
        [(None, PROMETHEUS, true), (Some(false), PROMETHEUS, false), (None, "", false), (Some(true), "", true)]
    {
        let mut builder = Exporter::builder().registry(&registry);
        if let Some(created) = created {
            builder = builder.created(created);
        }
        let exporter = builder.start(LOOPBACK).unwrap();
        let page = scrape(&exporter, accept).body;
        assert_eq!(page.contains("jobs_created"), has, "{created:?} {page}");
    }
}

// --- compression ---

#[test]
fn a_page_of_a_piece_is_compressed_whole() {
    let exporter = serving(32 << 10);
    let plain = scrape(&exporter, "");
    let response = scrape(&exporter, "Accept-Encoding: gzip\r\n");
    assert_eq!(gunzipped(&response), plain.body);
    assert_eq!(response.header("content-length"), Some(&*response.bytes.len().to_string()));
    assert_eq!(response.header("content-type"), Some(TEXT));
    assert!(response.bytes.len() < plain.bytes.len() * 3 / 4);
}

#[test]
fn a_long_page_is_compressed_piece_by_piece() {
    let exporter = serving(1 << 20);
    let plain = scrape(&exporter, "");
    let mut client = Client::connect(exporter.local_addr());
    for _ in 0..2 {
        client.send("GET /metrics HTTP/1.1\r\naccept-encoding: gzip\r\n\r\n");
        let mut response = client.head();
        assert_eq!(response.header("transfer-encoding"), Some("chunked"));
        let chunks = client.chunks();
        assert!(chunks.len() > 5 && chunks.iter().all(|chunk| chunk.len() < 100 << 10), "{}", chunks.len());
        response.bytes = chunks.concat();
        assert!(response.bytes.len() < plain.bytes.len() * 3 / 4);
        assert!(gunzipped(&response) == plain.body);
    }
}

#[test]
fn a_short_page_and_one_that_nobody_wants_compressed_come_as_they_are() {
    let (exporter, _jobs) = jobs();
    assert_eq!(scrape(&exporter, "Accept-Encoding: gzip\r\n").header("content-encoding"), None);
    let exporter = serving(32 << 10);
    for refusal in ["identity", "gzip;q=0", "gzip;q=0.5, identity;q=0.6", "br", "*;q=0", ""] {
        let response = scrape(&exporter, &format!("Accept-Encoding: {refusal}\r\n"));
        assert_eq!((response.status, response.header("content-encoding")), (200, None), "{refusal}");
        assert!(response.body.starts_with("# HELP gauge_0 "));
    }
}

#[test]
fn head_has_the_headers_of_get_in_every_format_and_coding() {
    for bytes in [0, 32 << 10, 1 << 20] {
        let exporter = serving(bytes);
        let mut client = Client::connect(exporter.local_addr());
        for headers in ["", PROMETHEUS, "accept-encoding: gzip\r\n"] {
            let get = client.get_with("/metrics", headers);
            client.send(&format!("HEAD /metrics HTTP/1.1\r\n{headers}\r\n"));
            let head = client.head();
            let names = |response: &Response| {
                let mut known = response.headers.clone();
                // Whether the body comes in chunks is known only once it comes (RFC 9110, section 9.3.2).
                known.retain(|(name, _)| name != "date" && name != "transfer-encoding");
                known.sort();
                known
            };
            assert_eq!((head.status, names(&head)), (200, names(&get)), "{headers}");
        }
    }
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_is_written_as_its_own_library_reads_it() {
    for bytes in [32 << 10, 1 << 20] {
        let exporter = serving(bytes);
        let plain = scrape(&exporter, "");
        let response = scrape(&exporter, "Accept-Encoding: gzip, deflate, br, zstd\r\n");
        assert_eq!(response.header("content-encoding"), Some("zstd"));
        assert!(zstd::decode_all(&response.bytes[..]).unwrap() == plain.bytes);
    }
}

// --- parts of a page ---

#[test]
fn names_restrict_the_page_and_nobody_else_is_asked() {
    let registry = Registry::new();
    let jobs: Counter = Counter::new("jobs_total", "Jobs done.").unwrap();
    let free: Gauge = Gauge::new("disk_free_bytes", "Free space.").unwrap();
    let latency: Histogram = Histogram::builder("latency_seconds", "Latency.").buckets([1.0]).unwrap().build().unwrap();
    registry.register(&jobs).unwrap();
    registry.register(&free).unwrap();
    registry.register(&latency).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let asks = Arc::clone(&asked);
    let given = move |out: &mut Collected| {
        asks.fetch_add(1, Ordering::Relaxed);
        out.gauge("given", "").value(1);
    };
    registry.register(Giving(given)).unwrap();
    let exporter = Exporter::builder().registry(&registry).start(LOOPBACK).unwrap();
    let part = |query: &str, headers: &str| {
        let response = Client::connect(exporter.local_addr()).get_with(&format!("/metrics?{query}"), headers);
        assert_eq!(response.status, 200, "{query}");
        let samples = response.body.lines().filter(|line| !line.starts_with("# HELP") && !line.starts_with("# TYPE"));
        samples.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(part("name[]=jobs_total", ""), ["jobs_total 0"]);
    assert_eq!(part("name%5B%5D=jobs_total&name[]=disk_free_bytes", ""), ["disk_free_bytes 0.0", "jobs_total 0"]);
    assert_eq!(part("name[]=jobs", ""), ["jobs_total 0"]);
    assert_eq!(part("name[]=latency_seconds_count", ""), ["latency_seconds_count 0"]);
    assert_eq!(part("name[]=latency_seconds", "").len(), 4);
    assert_eq!(part("name[]=nothing", ""), [""; 0]);
    assert_eq!(part("name[]=nothing", "Accept: application/openmetrics-text;version=1.0.0\r\n"), ["# EOF"]);
    let created = part("name[]=jobs_created", "Accept: application/openmetrics-text;version=1.0.0\r\n");
    assert!(matches!(&*created, [line, end] if line.starts_with("jobs_created ") && end == "# EOF"), "{created:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(part("name[]=given", ""), ["given 1"]);
    // These name nothing.
    for query in ["", "name[]=", "name=jobs_total", "name[]&x=y"] {
        assert_eq!(part(query, "").len(), 7, "{query}");
    }
}

#[test]
fn too_many_names_are_a_bad_request() {
    let (exporter, _jobs) = jobs();
    let target = |count| format!("/metrics?{}", vec!["name[]=jobs_total"; count].join("&"));
    assert!(get(exporter.local_addr(), &target(128)).body.ends_with("\njobs_total 0\n"));
    let response = get(exporter.local_addr(), &target(129));
    assert_eq!((response.status, &*response.body), (400, "At most 128 names can be asked for at once.\n"));
}

#[test]
fn a_short_page_is_compressed_only_for_who_takes_no_other() {
    let exporter = Exporter::builder().registry(&Registry::new()).start(LOOPBACK).unwrap();
    for (accepted, coding) in
        [("gzip", None), ("gzip, identity;q=0", Some("gzip")), ("gzip;q=0.5, *;q=0", Some("gzip")), ("*;q=0", None)]
    {
        let headers = format!("accept-encoding: {accepted}\r\n");
        let response = Client::connect(exporter.local_addr()).get_with("/metrics", &headers);
        assert_eq!((response.status, response.header("content-encoding")), (200, coding), "{accepted}");
    }
}
