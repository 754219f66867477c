//! A series that is known before it counts.

use foundations_metrics::{Family, ThreadLocalCounter};
use opentelemetry::KeyValue;
use prometheus::{IntCounterVec, Opts};
use tallymark::Counter;

use crate::contenders::opentelemetry::Provider;
use crate::contenders::{
    COUNTER, COUNTER_BASE, Counters, HELP, fastmetrics as fastmetrics_peer, foundations, measured as measured_peer,
    metrics as recorder, metriken as members, prometheus_client as client, tallymark as ours,
};
use crate::harness::{Case, Figure, Plan, case, measure};
use crate::limit;

/// Requests served.
#[tallymark::counter(name = "kept_requests_total")]
static REQUESTS: Counter<ours::Place<'static>>;

/// Requests served.
#[tallymark::counter(name = "literal_requests_total", labels(tenant: &str = "acme", path: &str = "/cart/checkout"))]
fn request() {}

/// Neither is guessed by the compiler.
const TENANT: &str = "acme";
const PATH: &str = "/cart/checkout";

mod fixed {
    #![allow(unreachable_pub, missing_docs, clippy::pedantic, reason = "written by the macro")]

    use prometheus_static_metric::make_static_metric;

    make_static_metric! {
        pub struct Requests: IntCounter {
            "tenant" => { acme },
            "path" => { checkout: "/cart/checkout" },
        }
    }
}

pub(super) fn handle(threads: usize) -> Vec<Figure> {
    let mut cases = peers();
    let series = REQUESTS.with(&ours::Place { tenant: TENANT, path: PATH });
    case!(cases, "tallymark", |_, i| series.inc());

    let family = prometheus_family();
    let series = family.with_label_values(&[TENANT, PATH]);
    case!(cases, "prometheus", |_, i| series.inc());

    recorder::global();
    let series = metrics::counter!("kept_requests_total", "tenant" => TENANT, "path" => PATH);
    case!(cases, "metrics", |_, i| series.increment(1));
    measure(Plan::HOT, threads, cases)
}

pub(super) fn literal(threads: usize) -> Vec<Figure> {
    let mut cases = peers();
    case!(cases, "tallymark", |_, i| request());

    let fixed = fixed::Requests::from(&prometheus_family());
    case!(cases, "prometheus-static-metric", |_, i| fixed.acme.checkout.inc());

    recorder::global();
    case!(cases, "metrics", |_, i| {
        metrics::counter!("literal_requests_total", "tenant" => "acme", "path" => "/cart/checkout").increment(1);
    });
    measure(Plan::HOT, threads, cases)
}

fn prometheus_family() -> IntCounterVec {
    IntCounterVec::new(Opts::new(COUNTER, HELP), &["tenant", "path"]).expect("the names are good")
}

/// Those that do the same in both workloads: keep a handle.
fn peers() -> Vec<Case> {
    let mut cases = Vec::new();
    let family: &'static limit::Family = Box::leak(Box::new(limit::Family::new()));
    let series = family.series(TENANT, PATH);
    case!(cases, "limit", |_, i| series.inc());

    let family = client::CounterFamily::new();
    let series = family.metric.get_or_create_owned(&client::Place::of(TENANT, PATH));
    case!(cases, "prometheus-client", |_, i| series.inc());

    let family = measured::CounterVec::with_label_set(measured_peer::places());
    let series = family.with_labels(measured_peer::Place { tenant: TENANT, path: PATH });
    case!(cases, "measured", |_, i| family.get_metric(series).inc());

    let series = members::member((TENANT, PATH));
    case!(cases, "metriken", |_, i| series.increment());

    let family = fastmetrics_peer::Family::<fastmetrics::metrics::counter::Counter>::new();
    let series = family.metric.with_or_new(&fastmetrics_peer::Place::of(TENANT, PATH), Clone::clone);
    case!(cases, "fastmetrics", |_, i| series.inc());

    let family = fast_telemetry::DynamicCounter::new(crate::contenders::fast_telemetry::shards());
    let series = family.series(&[("tenant", TENANT), ("path", PATH)]);
    case!(cases, "fast-telemetry", |_, i| series.inc());

    let family = foundations::CounterFamily::new();
    let place = foundations::Place::of(TENANT, PATH);
    let series = family.metric.get_or_create_owned(&place);
    case!(cases, "foundations-metrics", |_, i| series.inc());
    // As fast as its unlabelled one, but a series costs a table of threads: for a few series, not for open labels.
    let family = Family::<foundations::Place, ThreadLocalCounter>::default();
    let series = family.get_or_create_owned(&place);
    case!(cases, "foundations-metrics/ThreadLocalCounter", |_, i| series.inc());

    let provider = Provider::new();
    let counter = provider.meter.u64_counter(COUNTER_BASE).build();
    let series = counter.bind(&[KeyValue::new("tenant", TENANT), KeyValue::new("path", PATH)]);
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        series.add(1);
    });
    cases
}
