//! What the exporter counts of itself.

use tallymark::http::{BackgroundExporter, Exporter};
use tallymark::{Counter, Registry};

use crate::client::{Client, get, wait_until};
use crate::servers::{LOOPBACK, gate, jobs};

fn serving(registry: &Registry) -> BackgroundExporter {
    Exporter::builder().registry(registry).self_metrics(true).start(LOOPBACK).unwrap()
}

/// The number that a sample of a page has.
#[track_caller]
fn number(page: &str, sample: &str) -> u64 {
    let found = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {sample} in {page}")).parse().unwrap()
}

#[test]
fn only_who_asks_for_them_has_them_in_a_registry_of_its_own() {
    let (exporter, _jobs) = jobs();
    for _ in 0..2 {
        assert!(!get(exporter.local_addr(), "/metrics").body.contains("tallymark_http"));
    }
}

#[test]
fn they_tell_of_requests_by_code_and_of_bytes_and_time() {
    let exporter = serving(&Registry::new());
    let mut client = Client::connect(exporter.local_addr());
    let first = client.get("/metrics").body;
    for sample in ["tallymark_http_requests_total{code=\"200\"}", "tallymark_http_response_bytes_total"] {
        assert_eq!(number(&first, sample), 0, "{sample}");
    }
    // That is this very request.
    assert_eq!(number(&first, "tallymark_http_requests_in_flight"), 1);
    let mut bytes = first.len() + client.get("/").body.len() + client.get("/coffee").body.len();
    bytes += client.get("/tea").body.len();
    client.send("HEAD /metrics HTTP/1.1\r\n\r\nOPTIONS / HTTP/1.1\r\n\r\nPUT / HTTP/1.1\r\n\r\n");
    assert_eq!([client.head().status, client.head().status], [200, 204]);
    bytes += client.response().body.len();
    bytes += client.get(&format!("/metrics?{}", "name[]=a&".repeat(129))).body.len();
    let page = client.get("/metrics").body;
    let codes = [("200", 3), ("204", 1), ("400", 1), ("404", 2), ("405", 1), ("500", 0), ("503", 0)];
    for (code, count) in codes {
        assert_eq!(number(&page, &format!("tallymark_http_requests_total{{code=\"{code}\"}}")), count, "{code}");
    }
    assert_eq!(number(&page, "tallymark_http_response_bytes_total"), bytes as u64);
    assert_eq!(number(&page, "tallymark_http_request_duration_seconds_count"), 8);
    assert!(page.contains("\ntallymark_http_request_duration_seconds_sum 0.0"), "{page}");
    assert!(!page.contains("\ntallymark_http_request_duration_seconds_sum 0.0\n"), "{page}");
    assert_eq!(number(&page, "tallymark_http_requests_in_flight"), 1);
}

#[test]
fn a_scrape_on_any_connection_shows_all_that_were_read_before() {
    let exporter = serving(&Registry::new());
    for done in 0..50 {
        let page = get(exporter.local_addr(), "/metrics").body;
        assert_eq!(number(&page, "tallymark_http_requests_total{code=\"200\"}"), done);
    }
}

#[test]
fn what_is_compressed_counts_as_it_is_sent() {
    let registry = Registry::new();
    let large: Counter = Counter::new("large_total", "x".repeat(1 << 20)).unwrap();
    registry.register(&large).unwrap();
    let exporter = serving(&registry);
    let mut client = Client::connect(exporter.local_addr());
    let sent = client.get_with("/metrics", "accept-encoding: gzip\r\n").bytes.len();
    assert!(sent < 1 << 15);
    let page = client.get("/metrics").body;
    assert_eq!(number(&page, "tallymark_http_response_bytes_total"), sent as u64);
}

#[test]
fn all_servers_of_a_registry_share_them() {
    let registry = Registry::new();
    let (one, other) = (serving(&registry), serving(&registry));
    for exporter in [&one, &other] {
        assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
    }
    one.shutdown();
    other.shutdown();
    let third = serving(&registry);
    let page = get(third.local_addr(), "/metrics").body;
    assert_eq!(number(&page, "tallymark_http_requests_total{code=\"200\"}"), 2);
}

#[test]
fn a_client_that_leaves_is_in_flight_no_more_and_counts_nowhere() {
    let (gate, entered, open) = gate();
    let registry = Registry::new();
    registry.register(gate).unwrap();
    let exporter = serving(&registry);
    let mut leaving = Client::connect(exporter.local_addr());
    leaving.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    drop(leaving);
    let page = || get(exporter.local_addr(), "/metrics?name[]=tallymark_http_requests_in_flight").body;
    wait_until(|| number(&page(), "tallymark_http_requests_in_flight") == 1);
    drop(open);
}

#[test]
fn what_has_one_of_their_names_stays_and_they_are_left_out() {
    let registry = Registry::new();
    let own: Counter = Counter::new("tallymark_http_requests_total", "Mine.").unwrap();
    registry.register(&own).unwrap();
    let exporter = serving(&registry);
    let expected = "# HELP tallymark_http_requests_total Mine.\n# TYPE tallymark_http_requests_total counter\n\
                    tallymark_http_requests_total 0\n";
    for _ in 0..2 {
        assert_eq!(get(exporter.local_addr(), "/metrics").body, expected);
    }
}
