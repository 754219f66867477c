//! A native histogram with a factor of 1.1 and at most 160 buckets, beside a classic one of ours.
//!
//! Peers are the crates whose histograms have buckets that follow from a number. Some of them take integers alone, and
//! have fewer buckets or more; of them all only prometheus-client, which foundations-metrics wraps, and metrics count the
//! same buckets as we. metriken's histogram is no peer, since it adds up nothing.

use ::metrics::{Key, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, NativeHistogramConfig, PrometheusBuilder};
use metriken::AtomicCounterHistogram;
use prometheus_client::metrics::histogram::{Histogram as ClientHistogram, NativeHistogramConfig as ClientConfig};
use tallymark::Histogram;

use crate::contenders::fast_telemetry as fast;
use crate::contenders::opentelemetry::Provider;
use crate::data::{BOUNDS, latencies, latencies_micros};
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// By how much a bucket ends above the one before it, at most.
const FACTOR: f64 = 1.1;
const MAX_BUCKETS: u32 = 160;

/// How long requests took.
#[tallymark::histogram(name = "observe_native_duration_seconds", native(factor = FACTOR, max_buckets = MAX_BUCKETS))]
static DURATION: Histogram;

/// How long requests took, in classic buckets too.
#[tallymark::histogram(
    name = "observe_both_duration_seconds",
    native(factor = FACTOR, max_buckets = MAX_BUCKETS),
    buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
)]
static BOTH: Histogram;

/// How long requests took, in classic buckets alone.
#[tallymark::histogram(
    name = "observe_classic_duration_seconds",
    buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
)]
static CLASSIC: Histogram;

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let seconds = latencies();
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| DURATION.observe(seconds.at(i)));
    case!(cases, "tallymark/classic-too", |_, i| BOTH.observe(seconds.at(i)));
    case!(cases, "tallymark/classic", |_, i| CLASSIC.observe(seconds.at(i)));

    let histogram: &'static limit::NativeHistogram = Box::leak(Box::new(limit::NativeHistogram::new()));
    case!(cases, "limit", |_, i| histogram.observe(seconds.at(i)));

    let config = || ClientConfig::new(FACTOR).max_buckets(MAX_BUCKETS as usize);
    let histogram = ClientHistogram::new_native(config());
    case!(cases, "prometheus-client", |_, i| histogram.observe(seconds.at(i)));

    let histogram = ClientHistogram::new_classic_and_native(BOUNDS, config());
    case!(cases, "prometheus-client/classic-too", |_, i| histogram.observe(seconds.at(i)));

    let config = NativeHistogramConfig::new(FACTOR, MAX_BUCKETS, 2.0_f64.powi(-128)).expect("the options are good");
    let recorder = PrometheusBuilder::new()
        .set_native_histogram_for_metric(Matcher::Full("request_duration_seconds".to_owned()), config)
        .build_recorder();
    let handle = recorder.handle();
    let histogram = recorder.register_histogram(&Key::from_static_name("request_duration_seconds"), &METADATA);
    // It only collects values; every five seconds its exporter puts them into buckets.
    cases.push(case!("metrics", |_, i| histogram.record(seconds.at(i))).upkeep(move || handle.run_upkeep()));

    let provider = Provider::exponential(MAX_BUCKETS);
    let histogram = provider.histogram().bind(&[]);
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        histogram.record(seconds.at(i));
    });

    // Integers, in buckets of powers of two: a tenth as fine.
    let micros = latencies_micros();
    let histogram = fast_telemetry::Distribution::new(fast::shards());
    case!(cases, "fast-telemetry", |_, i| histogram.record(micros.at(i)));

    // Integers, in eight buckets for each power of two, without a sum.
    let histogram = AtomicCounterHistogram::new(3, 32);
    case!(cases, "metriken/no-sum", |_, i| {
        let _ = histogram.increment(micros.at(i));
    });
    measure(Plan::HOT, threads, cases)
}
