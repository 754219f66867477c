//! More scrapes than there may be, and scrapes that take too long.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use tallymark::http::{BackgroundExporter, Exporter, ExporterBuilder};
use tallymark::{Collector, Counter, Gauge, Registry};

use crate::client::{Client, Response, get};
use crate::servers::{LOOPBACK, gate};

/// So short that a test waits for it.
const SHORT: Duration = Duration::from_millis(50);

fn serving(
    collector: impl Collector + 'static,
    options: impl Fn(ExporterBuilder) -> ExporterBuilder,
) -> BackgroundExporter {
    let registry = Registry::new();
    registry.register(collector).unwrap();
    options(Exporter::builder().registry(&registry)).start(LOOPBACK).unwrap()
}

#[track_caller]
fn is_refused(response: &Response, why: &str) {
    assert_eq!((response.status, response.header("retry-after")), (503, Some("5")), "{response:?}");
    assert!(response.body.starts_with(why), "{response:?}");
    let place = "The collector that is registered at runtime/tests/http/overload.rs:";
    assert!(response.body.contains(place), "{response:?}");
}

#[test]
fn past_the_limit_a_scrape_is_told_to_come_again() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate, |builder| builder.max_scrapes(2));
    let mut waiting: Vec<_> = (0..2).map(|_| Client::connect(exporter.local_addr())).collect();
    for client in &mut waiting {
        client.send("GET /metrics HTTP/1.1\r\n\r\n");
        entered.recv().unwrap();
    }
    let response = get(exporter.local_addr(), "/metrics");
    is_refused(&response, "As many scrapes are being gathered as there may be at once.");
    assert_eq!(get(exporter.local_addr(), "/").status, 200);
    for _ in 0..3 {
        open.send(()).unwrap();
    }
    for client in &mut waiting {
        assert_eq!(client.response().status, 200);
    }
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
}

#[test]
fn one_scrape_at_least_is_always_possible() {
    let (gate, _entered, open) = gate();
    let exporter = serving(gate, |builder| builder.max_scrapes(0));
    open.send(()).unwrap();
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
}

#[test]
fn a_scrape_that_takes_too_long_says_what_does_and_keeps_its_place() {
    let (gate, entered, open) = gate();
    let exporter = serving(gate, |builder| builder.max_scrapes(1).scrape_timeout(SHORT));
    is_refused(&get(exporter.local_addr(), "/metrics"), "The metrics were not gathered within 50ms.");
    entered.recv().unwrap();
    // It hangs still, so nobody else is let in.
    is_refused(&get(exporter.local_addr(), "/metrics"), "The metrics were not gathered within 50ms.");
    assert!(entered.try_recv().is_err());
    drop(open);
    while get(exporter.local_addr(), "/metrics").status != 200 {}
}

#[test]
fn prometheus_says_how_long_it_waits() {
    let (gate, _entered, open) = gate();
    let exporter = serving(gate, |builder| builder);
    let response =
        Client::connect(exporter.local_addr()).get_with("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 0.1\r\n");
    is_refused(&response, "The metrics were not gathered within 95ms.");
    drop(open);
}

#[test]
fn who_reads_slowly_keeps_nobody_away() {
    let large: Counter = Counter::new("large_total", "x".repeat(32 << 20)).unwrap();
    let registry = Registry::new();
    registry.register(&large).unwrap();
    let exporter = Exporter::builder().registry(&registry).max_scrapes(1).start(LOOPBACK).unwrap();
    let mut slow = Client::connect(exporter.local_addr());
    slow.send("GET /metrics HTTP/1.1\r\n\r\n");
    assert_eq!(slow.head().status, 200);
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
}

/// The function of a gauge is called when the page comes to it, here in a later piece. It hangs until what lets it go on
/// is dropped.
fn hanging_in_a_later_piece() -> (Registry, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (enter, entered) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let opened = Mutex::new(opened);
    let registry = Registry::new();
    let large: Counter = Counter::new("a_total", "x".repeat(100 << 10)).unwrap();
    let hangs: Gauge = Gauge::new("hangs", "").unwrap();
    hangs.set_function(move || {
        let _ = enter.send(());
        let _ = opened.lock().unwrap().recv();
        1.0
    });
    registry.register(&large).unwrap();
    registry.register(&hangs).unwrap();
    (registry, entered, open)
}

#[test]
fn a_gauge_that_hangs_in_a_later_piece_keeps_one_place_and_ends_no_page() {
    let (registry, entered, open) = hanging_in_a_later_piece();
    let exporter = Exporter::builder().registry(&registry).max_scrapes(1).start(LOOPBACK).unwrap();
    let mut first = Client::connect(exporter.local_addr());
    first.send("GET /metrics HTTP/1.1\r\n\r\n");
    entered.recv().unwrap();
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 503);
    assert_eq!(get(exporter.local_addr(), "/").status, 200);
    drop(open);
    assert!(first.response().body.ends_with("\nhangs 1.0\n"));
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 200);
}

#[test]
fn a_page_that_takes_too_long_behind_its_beginning_breaks_off() {
    let (registry, entered, open) = hanging_in_a_later_piece();
    let builder = Exporter::builder().registry(&registry).max_scrapes(1).scrape_timeout(SHORT);
    let exporter = builder.start(LOOPBACK).unwrap();
    // Where the machine is busy, the beginning alone may take too long.
    let page = loop {
        let mut client = Client::connect(exporter.local_addr());
        client.send("GET /metrics HTTP/1.1\r\n\r\n");
        if client.head().status == 200 {
            break client.rest();
        }
    };
    // So nobody takes it for a whole.
    assert!(!page.ends_with(b"\r\n0\r\n\r\n") && !page.ends_with(b"hangs 1.0\n"));
    entered.recv().unwrap();
    // It hangs still, so nobody else is let in.
    assert_eq!(get(exporter.local_addr(), "/metrics").status, 503);
    drop(open);
    while get(exporter.local_addr(), "/metrics").status != 200 {}
}
