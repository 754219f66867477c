//! A histogram with the default buckets.

use foundations_metrics::MetricConstructor;
use prometheus::HistogramOpts;
use tallymark::Histogram;

use crate::contenders::opentelemetry::Provider;
use crate::contenders::{
    HELP, HISTOGRAM, fast_telemetry as fast, foundations, measured as measured_peer, metrics as recorder,
    prometheus_client as client,
};
use crate::data::{BOUNDS, BOUNDS_MICROS, latencies, latencies_micros};
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// How long requests took.
#[tallymark::histogram(
    name = "observe_duration_seconds",
    buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
)]
static DURATION: Histogram;

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let seconds = latencies();
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| DURATION.observe(seconds.at(i)));

    let histogram: &'static limit::Histogram = Box::leak(Box::new(limit::Histogram::new()));
    case!(cases, "limit", |_, i| histogram.observe(seconds.at(i)));

    let histogram = client::histogram();
    case!(cases, "prometheus-client", |_, i| histogram.observe(seconds.at(i)));

    let options = HistogramOpts::new(HISTOGRAM, HELP).buckets(BOUNDS.to_vec());
    let histogram = prometheus::Histogram::with_opts(options).expect("the name is good");
    case!(cases, "prometheus", |_, i| histogram.observe(seconds.at(i)));

    let handle = recorder::global();
    let histogram = metrics::histogram!("observe_duration_seconds");
    // It only collects values; every five seconds its exporter puts them into buckets.
    cases.push(case!("metrics", |_, i| histogram.record(seconds.at(i))).upkeep(|| handle.run_upkeep()));

    let histogram = measured::Histogram::with_metadata(measured_peer::Buckets::with_buckets(BOUNDS));
    case!(cases, "measured", |_, i| histogram.observe(seconds.at(i)));

    let histogram = fastmetrics::metrics::histogram::Histogram::new(BOUNDS);
    case!(cases, "fastmetrics", |_, i| histogram.observe(seconds.at(i)));

    // Its histograms count integers.
    let micros = latencies_micros();
    let histogram = fast_telemetry::Histogram::new(&BOUNDS_MICROS, fast::shards());
    case!(cases, "fast-telemetry", |_, i| histogram.record(micros.at(i)));

    let histogram: foundations_metrics::Histogram = foundations::builder().new_metric();
    case!(cases, "foundations-metrics", |_, i| histogram.observe(seconds.at(i)));

    let provider = Provider::new();
    let histogram = provider.histogram().bind(&[]);
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        histogram.record(seconds.at(i));
    });
    measure(Plan::HOT, threads, cases)
}
