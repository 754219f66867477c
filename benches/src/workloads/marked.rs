//! Empty functions that are measured.

use std::hint::black_box;
use std::time::Instant;

use foundations_metrics::{MetricConstructor, TimeHistogram};
use prometheus::HistogramOpts;

use crate::contenders::opentelemetry::Provider;
use crate::contenders::{
    HELP, HISTOGRAM, fast_telemetry as fast, foundations, measured as measured_peer, metrics as recorder,
    prometheus_client as client,
};
use crate::data::{BOUNDS, BOUNDS_MICROS};
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// What `marked-all-four` is compared with.
pub(super) const ALONE: &str = "tallymark/histogram-alone";

/// A request.
#[tallymark::histogram(buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])]
fn request() {
    black_box(());
}

/// A request.
#[tallymark::counter]
#[tallymark::histogram(buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])]
#[tallymark::gauge(track_inprogress)]
#[tallymark::count_exceptions(Err)]
fn fallible_request(number: usize) -> Result<usize, usize> {
    black_box(Ok(number))
}

/// The same with `#[histogram]` alone.
#[tallymark::histogram(buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])]
fn timed_request(number: usize) -> Result<usize, usize> {
    black_box(Ok(number))
}

pub(super) fn histogram(threads: usize) -> Vec<Figure> {
    // The first call begins to calibrate the clock, for as long as the limit does below.
    request();
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| request());

    let histogram: &'static limit::Histogram = Box::leak(Box::new(limit::Histogram::new()));
    let tick = seconds_a_tick();
    case!(cases, "limit", |_, i| {
        let start = limit::ticks();
        black_box(());
        #[expect(clippy::cast_precision_loss, reason = "it is a duration")]
        histogram.observe(limit::ticks().wrapping_sub(start) as f64 * tick);
    });

    let histogram = client::histogram();
    case!(cases, "prometheus-client", |_, i| {
        let start = Instant::now();
        black_box(());
        histogram.observe(start.elapsed().as_secs_f64());
    });

    let options = HistogramOpts::new(HISTOGRAM, HELP).buckets(BOUNDS.to_vec());
    let histogram = prometheus::Histogram::with_opts(options).expect("the name is good");
    case!(cases, "prometheus", |_, i| {
        let running = histogram.start_timer();
        black_box(());
        running.observe_duration();
    });

    let handle = recorder::global();
    let histogram = metrics::histogram!("marked_duration_seconds");
    let timed = case!("metrics", |_, i| {
        let start = Instant::now();
        black_box(());
        histogram.record(start.elapsed());
    });
    cases.push(timed.upkeep(|| handle.run_upkeep()));

    let histogram = measured::Histogram::with_metadata(measured_peer::Buckets::with_buckets(BOUNDS));
    case!(cases, "measured", |_, i| {
        let running = histogram.start_timer();
        black_box(());
        running.observe();
    });

    let histogram = fastmetrics::metrics::histogram::Histogram::new(BOUNDS);
    case!(cases, "fastmetrics", |_, i| {
        let start = Instant::now();
        black_box(());
        histogram.observe(start.elapsed().as_secs_f64());
    });

    let histogram = fast_telemetry::Histogram::new(&BOUNDS_MICROS, fast::shards());
    case!(cases, "fast-telemetry", |_, i| {
        let start = Instant::now();
        black_box(());
        histogram.record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    });

    let histogram: TimeHistogram = foundations::builder().new_metric();
    case!(cases, "foundations-metrics", |_, i| {
        let running = histogram.start_timer();
        black_box(());
        drop(running);
    });

    let provider = Provider::new();
    let histogram = provider.histogram().bind(&[]);
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        let start = Instant::now();
        black_box(());
        histogram.record(start.elapsed().as_secs_f64());
    });
    measure(Plan::HOT, threads, cases)
}

pub(super) fn all_four(threads: usize) -> Vec<Figure> {
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| {
        let _ = fallible_request(i);
    });
    case!(cases, ALONE, |_, i| {
        let _ = timed_request(i);
    });
    measure(Plan::HOT, threads, cases)
}

/// Over a tenth of a second.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a second has few ticks")]
fn seconds_a_tick() -> f64 {
    let (start, ticks) = (Instant::now(), limit::ticks());
    while start.elapsed().as_millis() < 100 {
        std::hint::spin_loop();
    }
    start.elapsed().as_secs_f64() / (limit::ticks() - ticks) as f64
}
