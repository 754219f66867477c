//! Two finite labels, given at each call.

use foundations_metrics::{LowCardinalityFamily, ThreadLocalCounter};
use metriken::ShardedCounterGroup;
use opentelemetry::KeyValue;
use prometheus::{IntCounterVec, Opts};
use tallymark::Counter;

use crate::contenders::fast_telemetry::{self as fast, shards};
use crate::contenders::opentelemetry::Provider;
use crate::contenders::{
    COUNTER, COUNTER_BASE, HELP, fastmetrics as fastmetrics_peer, foundations, measured as measured_peer,
    metrics as recorder, prometheus_client as client, tallymark as ours,
};
use crate::data::requests;
use crate::harness::{Figure, Plan, case, measure};
use crate::limit;

/// Requests served.
#[tallymark::counter(name = "enum_requests_total")]
static REQUESTS: Counter<ours::Request>;

/// Indexed by hand, since it has no labels that are types.
#[metriken::metric(name = "enum_requests")]
static METRIKEN: ShardedCounterGroup = ShardedCounterGroup::new(25);

mod fixed {
    #![allow(unreachable_pub, missing_docs, clippy::pedantic, reason = "written by the macro")]

    use prometheus_static_metric::make_static_metric;

    make_static_metric! {
        pub label_enum Method { get, post, put, patch, delete }
        pub label_enum Status { informed, succeeded, redirected, refused, failed }
        pub struct Requests: IntCounter { "method" => Method, "status" => Status }
    }
}

/// Its macro makes enums of its own.
const FIXED_METHODS: [fixed::Method; 5] =
    [fixed::Method::get, fixed::Method::post, fixed::Method::put, fixed::Method::patch, fixed::Method::delete];
const FIXED_STATUSES: [fixed::Status; 5] = [
    fixed::Status::informed,
    fixed::Status::succeeded,
    fixed::Status::redirected,
    fixed::Status::refused,
    fixed::Status::failed,
];

pub(super) fn run(threads: usize) -> Vec<Figure> {
    let walk = requests();
    let mut cases = Vec::new();

    case!(cases, "tallymark", |_, i| {
        let (method, status) = walk.at(i);
        REQUESTS.with(&ours::Request { method, status }).inc();
    });

    let family: &'static limit::Finite = Box::leak(Box::new(limit::Finite::new(25)));
    case!(cases, "limit", |_, i| {
        let (method, status) = walk.at(i);
        family.inc(method as usize * 5 + status as usize);
    });

    let family = client_family();
    case!(cases, "prometheus-client", |_, i| {
        let (method, status) = walk.at(i);
        family.get_or_create(&client::Request { method, status }).inc();
    });

    let family = prometheus_family();
    let fixed = fixed::Requests::from(&family);
    case!(cases, "prometheus", |_, i| {
        let (method, status) = walk.at(i);
        family.with_label_values(&[method.as_str(), status.as_str()]).inc();
    });
    case!(cases, "prometheus-static-metric", |_, i| {
        let (method, status) = walk.at(i);
        fixed.get(FIXED_METHODS[method as usize]).get(FIXED_STATUSES[status as usize]).inc();
    });

    recorder::global();
    case!(cases, "metrics", |_, i| {
        let (method, status) = walk.at(i);
        metrics::counter!("enum_requests_total", "method" => method.as_str(), "status" => status.as_str()).increment(1);
    });

    let family = measured_peer::requests();
    case!(cases, "measured", |_, i| {
        let (method, status) = walk.at(i);
        family.inc(measured_peer::Request { method, status });
    });

    case!(cases, "metriken", |_, i| {
        let (method, status) = walk.at(i);
        METRIKEN.increment(method as usize * 5 + status as usize);
    });

    let family = fastmetrics_family();
    case!(cases, "fastmetrics", |_, i| {
        let (method, status) = walk.at(i);
        family.with_or_new(&fastmetrics_peer::Request { method, status }, fastmetrics::metrics::counter::Counter::inc);
    });

    let family = fast_telemetry::LabeledCounter::<fast::Request>::new(shards());
    case!(cases, "fast-telemetry", |_, i| {
        let (method, status) = walk.at(i);
        family.inc(fast::Request(method, status));
    });

    let family = LowCardinalityFamily::<foundations::Request, ThreadLocalCounter>::default();
    case!(cases, "foundations-metrics", |_, i| {
        let (method, status) = walk.at(i);
        family.get_or_create(&foundations::Request { method, status }).inc();
    });

    let provider = Provider::new();
    let counter = provider.meter.u64_counter(COUNTER_BASE).build();
    case!(cases, "opentelemetry_sdk", |_, i| {
        let _ = &provider;
        let (method, status) = walk.at(i);
        counter.add(1, &[KeyValue::new("method", method.as_str()), KeyValue::new("status", status.as_str())]);
    });

    measure(Plan::HOT, threads, cases)
}

fn client_family()
-> prometheus_client::metrics::family::Family<client::Request, prometheus_client::metrics::counter::Counter> {
    prometheus_client::metrics::family::Family::default()
}

fn fastmetrics_family()
-> fastmetrics::metrics::family::Family<fastmetrics_peer::Request, fastmetrics::metrics::counter::Counter> {
    fastmetrics::metrics::family::Family::default()
}

fn prometheus_family() -> IntCounterVec {
    IntCounterVec::new(Opts::new(COUNTER, HELP), &["method", "status"]).expect("the names are good")
}
