//! An unlabelled counter.

use foundations_metrics::ThreadLocalCounter;
use metriken::ShardedCounterGroup;
use tallymark::Counter;

use crate::contenders::fast_telemetry::shards;
use crate::contenders::opentelemetry::Provider;
use crate::contenders::{COUNTER, COUNTER_BASE, HELP, metrics as recorder};
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// Requests served.
#[tallymark::counter(name = "inc_requests_total")]
static REQUESTS: Counter;

/// One entry of a sharded group, which is its answer to contention.
#[metriken::metric(name = "inc_requests")]
static METRIKEN: ShardedCounterGroup = ShardedCounterGroup::new(1);

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let mut cases = Vec::new();
    case!(cases, "tallymark", |_, i| REQUESTS.inc());

    let counter: &'static limit::Scalar = Box::leak(Box::new(limit::Scalar::new()));
    case!(cases, "limit", |_, i| counter.inc());

    let counter = prometheus_client::metrics::counter::Counter::<u64>::default();
    case!(cases, "prometheus-client", |_, i| counter.inc());

    let counter = prometheus::IntCounter::new(COUNTER, HELP).expect("the name is good");
    case!(cases, "prometheus", |_, i| counter.inc());

    recorder::global();
    let counter = metrics::counter!("inc_requests_total");
    case!(cases, "metrics", |_, i| counter.increment(1));

    let counter = measured::Counter::new();
    case!(cases, "measured", |_, i| counter.inc());

    case!(cases, "metriken", |_, i| METRIKEN.increment(0));

    let counter = fastmetrics::metrics::counter::Counter::<u64>::default();
    case!(cases, "fastmetrics", |_, i| counter.inc());

    let counter = fast_telemetry::Counter::new(shards());
    case!(cases, "fast-telemetry", |_, i| counter.inc());

    let counter = ThreadLocalCounter::<u64>::default();
    case!(cases, "foundations-metrics", |_, i| counter.inc());

    let provider = Provider::new();
    let counter = provider.meter.u64_counter(COUNTER_BASE).build();
    let bound = counter.bind(&[]);
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        bound.add(1);
    });

    measure(Plan::HOT, threads, cases)
}
