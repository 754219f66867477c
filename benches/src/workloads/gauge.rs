//! A gauge that goes up and down.

use tallymark::Gauge;

use crate::contenders::fast_telemetry::shards;
use crate::contenders::opentelemetry::Provider;
use crate::contenders::{HELP, metrics as recorder};
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// Requests under way.
#[tallymark::gauge(name = "up_down_requests")]
static REQUESTS: Gauge<(), i64>;

#[metriken::metric(name = "up_down_requests")]
static METRIKEN: metriken::Gauge = metriken::Gauge::new();

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| {
        REQUESTS.inc();
        REQUESTS.dec();
    });

    let gauge: &'static limit::Scalar = Box::leak(Box::new(limit::Scalar::new()));
    case!(cases, "limit", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    let gauge = prometheus_client::metrics::gauge::Gauge::<i64>::default();
    case!(cases, "prometheus-client", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    let gauge = prometheus::IntGauge::new("requests", HELP).expect("the name is good");
    case!(cases, "prometheus", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    recorder::global();
    let gauge = metrics::gauge!("up_down_requests");
    case!(cases, "metrics", |_, i| {
        gauge.increment(1.0);
        gauge.decrement(1.0);
    });

    let gauge = measured::Gauge::new();
    case!(cases, "measured", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    case!(cases, "metriken", |_, i| {
        METRIKEN.increment();
        METRIKEN.decrement();
    });

    let gauge = fastmetrics::metrics::gauge::Gauge::<i64>::default();
    case!(cases, "fastmetrics", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    // Its gauges can only be set; for this its documentation says to take a counter.
    let gauge = fast_telemetry::Counter::new(shards());
    case!(cases, "fast-telemetry", |_, i| {
        gauge.add(1);
        gauge.add(-1);
    });

    let gauge = foundations_metrics::Gauge::<u64>::default();
    case!(cases, "foundations-metrics", |_, i| {
        gauge.inc();
        gauge.dec();
    });

    let provider = Provider::new();
    let gauge = provider.meter.i64_up_down_counter("requests").build();
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        gauge.add(1, &[]);
        gauge.add(-1, &[]);
    });
    measure(Plan::HOT, threads, cases)
}
