//! The user guide of aioprometheus, and its documentation before that.

#![allow(clippy::approx_constant, reason = "3.142 seconds are no π")]

use std::fmt::Write as _;
use std::time::Duration;

use tallymark::{
    Counter, CounterSeries, Gauge, GaugeSeries, Histogram, HistogramSeries, LabelValue, Labels, Registry, Summary,
    SummarySeries, Value, count_exceptions, counter, gauge, quantiles, summary,
};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::{Pages, Program, marked, page};

pub(crate) const PROGRAMS: &[Program] = &[
    ("aioprometheus_counter", count),
    ("aioprometheus_gauge", up_and_down),
    ("aioprometheus_summary", summarize),
    ("aioprometheus_invariants", summarize_two_quantiles),
    ("aioprometheus_histogram", observe),
    ("aioprometheus_buckets", observe_in_buckets),
    ("aioprometheus_const_labels", const_labels),
    ("aioprometheus_simple_example", simple_example),
    ("aioprometheus_application", application),
    ("aioprometheus_timer", timer),
    ("aioprometheus_inprogress", in_progress),
    ("aioprometheus_count_exceptions", exceptions),
];

#[derive(Labels)]
struct Event {
    kind: &'static str,
}

#[derive(Labels)]
struct Upload {
    #[label("type")]
    kind: &'static str,
}

#[derive(Labels)]
struct Url<'a> {
    url: &'a str,
}

/// Total number of events.
#[counter(name = "events_counter")]
static EVENTS: Counter<Event>;

/// File total uploads.
#[counter(name = "file_uploads_total")]
static UPLOADS: Counter<Upload>;

/// Total requests.
#[counter(name = "total_requests")]
static REQUESTS: Counter<Url<'static>>;

fn count() -> Pages {
    EVENTS.with(&Event { kind: "event A" }).inc();
    UPLOADS.with(&Upload { kind: "png" }).inc();
    REQUESTS.with(&Url { url: "/p/user" }).inc();
    Ok(vec![marked(&["events_counter", "file_uploads_total", "total_requests"])])
}

#[derive(Clone, Copy, LabelValue)]
enum Kind {
    Virtual,
    Swap,
}

#[derive(Labels)]
struct Memory {
    #[label("type")]
    kind: Kind,
}

/// Memory usage in bytes.
#[gauge(name = "memory_usage_bytes", init = false)] // unless so, both kinds show at 0 from the start
static MEMORY: Gauge<Memory>;

fn up_and_down() -> Pages {
    let mut pages = Vec::new();
    let virt = MEMORY.with(&Memory { kind: Kind::Virtual });
    virt.set(100.0);
    virt.inc();
    pages.push(marked(&["memory_usage_bytes"]));
    virt.dec();
    virt.add(5.0);
    virt.sub(-5.0);
    pages.push(marked(&["memory_usage_bytes"]));
    MEMORY.with(&Memory { kind: Kind::Swap }).set(100.1);
    pages.push(marked(&["memory_usage_bytes"]));

    let families = Registry::global().restricted(["memory_usage_bytes"]).gather();
    let mut read = String::new();
    for series in families[0].series() {
        let (Some(kind), Value::Number(value)) = (series.label("type"), series.value()) else { continue };
        writeln!(read, "memory_usage_bytes{{type=\"{kind}\"}} {}", value.as_f64())?;
    }
    pages.push(read);
    Ok(pages)
}

#[derive(Labels)]
struct Access {
    time: &'static str,
}

/// HTTP access time
#[summary(name = "http_access_time", quantiles = quantiles::DEFAULT)]
static ACCESS: Summary<Access>;

fn summarize() -> Pages {
    ACCESS.with(&Access { time: "/static" }).observe(3.142);
    let before = marked(&["http_access_time"]);
    for seconds in [3.0, 5.2, 13.0, 4.0] {
        ACCESS.with(&Access { time: "/data" }).observe(seconds);
    }
    Ok(vec![before, marked(&["http_access_time"])])
}

fn summarize_two_quantiles() -> Pages {
    let registry = Registry::new();
    let access = Summary::builder("http_access_time", "HTTP access time")
        .quantiles([(0.50, 0.05), (0.99, 0.001)])?
        .labels::<Access>()
        .build()?;
    registry.register(&access)?;
    for seconds in [3.0, 5.2, 13.0, 4.0] {
        access.with(&Access { time: "/static" }).observe(seconds);
    }
    Ok(vec![page(&registry)])
}

fn observe() -> Pages {
    let registry = Registry::new();
    let access = Histogram::builder("http_access_time", "HTTP access time").labels::<Access>().build()?;
    registry.register(&access)?;
    access.with(&Access { time: "/static" }).observe(3.142);
    Ok(vec![page(&registry)])
}

fn observe_in_buckets() -> Pages {
    let registry = Registry::new();
    let access = Histogram::builder("http_access_time", "HTTP access time")
        .buckets([0.1, 0.5, 1.0, 5.0])?
        .labels::<Access>()
        .build()?;
    registry.register(&access)?;
    for seconds in [3.142, 0.1, 5.5] {
        access.with(&Access { time: "/static" }).observe(seconds);
    }
    Ok(vec![page(&registry)])
}

fn const_labels() -> Pages {
    #[derive(Labels)]
    struct HostMemory<'a> {
        #[label("type")]
        kind: Kind,
        host: &'a str,
    }

    let (without, with_them) = (Registry::new(), Registry::new());
    let host = "alpha";
    let memory =
        Gauge::builder("memory_usage_bytes", "Memory usage in bytes.").labels::<HostMemory<'static>>().build()?;
    without.register(&memory)?;
    for kind in [Kind::Virtual, Kind::Swap] {
        memory.with(&HostMemory { kind, host }).set(100.0);
    }

    let memory = Gauge::builder("memory_usage_bytes", "Memory usage in bytes.")
        .const_label("host", host)
        .labels::<Memory>()
        .build()?;
    with_them.register(&memory)?;
    for kind in [Kind::Virtual, Kind::Swap] {
        memory.with(&Memory { kind }).set(100.0);
    }
    Ok(vec![page(&without), page(&with_them)])
}

fn simple_example() -> Pages {
    let registry = Registry::builder().const_label("host", "alpha").build();
    let events = Counter::builder("events", "Number of events.").labels::<Event>().build()?;
    registry.register(&events)?;
    let expiries = events.with(&Event { kind: "timer_expiry" });
    for _ in 0..33 {
        expiries.inc();
    }
    Ok(vec![page(&registry)])
}

#[derive(Labels)]
struct Core {
    core: u32,
}

#[derive(Labels)]
struct Route {
    path: &'static str,
}

/// An application whose metrics are fields, as those of `ExampleApp` are.
struct Application {
    registry: Registry,
    requests: CounterSeries,
    virtual_memory: GaugeSeries,
    swap: GaugeSeries,
    cpu: Gauge<Core>,
    payload: SummarySeries,
    latency: HistogramSeries,
}

impl Application {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let registry = Registry::builder().const_label("host", "alpha").const_label("app", "ExampleApp-1").build();
        let requests = Counter::builder("requests", "Number of requests.").labels::<Route>().build()?;
        let memory = Gauge::builder("memory_usage_bytes", "Memory usage in bytes.").labels::<Memory>().build()?;
        let cpu = Gauge::builder("cpu_usage_percent", "CPU usage percent.").labels::<Core>().build()?;
        let payload = Summary::builder("request_payload_size_bytes", "Request payload size in bytes.")
            .quantiles([(0.50, 0.05), (0.99, 0.001)])?
            .labels::<Route>()
            .build()?;
        let latency = Histogram::builder("request_latency_seconds", "Request latency in seconds")
            .buckets([0.1, 0.5, 1.0, 5.0])?
            .labels::<Route>()
            .build()?;
        registry.register(&requests)?;
        registry.register(&memory)?;
        registry.register(&cpu)?;
        registry.register(&payload)?;
        registry.register(&latency)?;
        Ok(Self {
            registry,
            requests: requests.with(&Route { path: "/" }),
            virtual_memory: memory.with(&Memory { kind: Kind::Virtual }),
            swap: memory.with(&Memory { kind: Kind::Swap }),
            cpu,
            payload: payload.with(&Route { path: "/data" }),
            latency: latency.with(&Route { path: "/data" }),
        })
    }

    fn on_timer_expiry(&self, turn: f64) {
        self.virtual_memory.set(8192.0 * turn);
        self.swap.set(1024.0 * turn);
        for (core, percent) in (0..).zip([12.5 * turn, 0.5]) {
            self.cpu.with(&Core { core }).set(percent);
        }
        self.requests.inc();
        self.payload.observe(100.5 * turn);
        self.latency.observe(0.25 * turn);
    }
}

fn application() -> Pages {
    let application = Application::new()?;
    for turn in 1..6 {
        application.on_timer_expiry(turn.into());
    }
    Ok(vec![page(&application.registry)])
}

/// A handler whose summary is its own.
struct Handler {
    request_time: Summary,
}

impl Handler {
    #[summary(into = self.request_time)]
    async fn handle_request(&self, duration: Duration) {
        sleep(duration).await;
    }
}

fn timer() -> Pages {
    let registry = Registry::new();
    let request_time = Summary::builder("request_processing_seconds", "Time spent processing request")
        .quantiles(quantiles::DEFAULT.iter().copied())?
        .build()?;
    registry.register(&request_time)?;
    let handler = Handler { request_time };
    block_on(async {
        for milliseconds in [1, 3, 2] {
            handler.handle_request(Duration::from_millis(milliseconds)).await;
        }
    })?;
    Ok(vec![page(&registry)])
}

/// Number of requests in progress
#[gauge(track_inprogress, name = "request_in_progress", labels(route: &'static str = "/"))]
async fn page_inside() -> String {
    yield_now().await;
    marked(&["request_in_progress"])
}

fn in_progress() -> Pages {
    Ok(vec![block_on(page_inside())?, marked(&["request_in_progress"])])
}

/// Number of exceptions in requests
#[count_exceptions(name = "request_handler_exceptions", labels(route: &'static str = "/"), Err)]
async fn handle_request(duration: f64) -> Result<(), &'static str> {
    if duration < 0.3 { Err("Ooops") } else { Ok(()) }
}

fn exceptions() -> Pages {
    block_on(async {
        for duration in [0.1, 0.9, 0.29, 0.3, 0.0] {
            let _ = handle_request(duration).await;
        }
    })?;
    Ok(vec![marked(&["request_handler_exceptions"])])
}

fn block_on<F: Future>(future: F) -> std::io::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(future))
}
