//! Metrics by their names.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tallymark::{
    Collected, Collector, Counter, Descriptor, Histogram, Info, LabelValue, Labels, Registry, StateSet, Value,
};

#[derive(Labels)]
struct Request<'a> {
    host: &'a str,
    #[label("status")]
    ok: bool,
}

#[derive(Labels)]
struct Host<'a> {
    host: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

struct Custom;

impl Collector for Custom {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        out.summary("s", "").summary_series([("x", "1")], 4, 25.2, [(0.5, 4.0)]);
        out.gauge_histogram("g", "").histogram_series([("x", "1"); 0], [(-1.0, 1), (1.0, 2)], -0.5);
        out.histogram("below", "").histogram_series([("x", "1"); 0], [(-1.0, 1)], -0.5);
    }
}

fn registry() -> (Registry, Counter<Request<'static>>) {
    let registry = Registry::new();
    let requests = Counter::builder("requests_total", "").labels::<Request<'static>>().build().unwrap();
    registry.register(&requests).unwrap();
    for (host, ok, times) in [("a", true, 3), ("a", false, 2), ("b", true, 1)] {
        requests.with(&Request { host, ok }).inc_by(times);
    }
    (registry, requests)
}

#[test]
fn a_sample_is_found_by_its_name_and_exactly_its_labels() {
    let (registry, _) = registry();
    let latency = Histogram::builder("latency_seconds", "").buckets([0.1, 1.0]).unwrap().build().unwrap();
    let state = StateSet::<State>::new("job", "").unwrap();
    registry.register(&latency).unwrap();
    registry.register(&state).unwrap();
    registry.register(Custom).unwrap();
    latency.observe(0.5);
    state.set(State::Busy);
    assert!(!state.is(State::Idle));
    let value = |name: &str, labels: &[(&str, &str)]| registry.value(name, labels.iter().copied());
    for (name, labels, expected) in [
        ("requests_total", &[("host", "a"), ("status", "true")][..], Some(3.0)),
        ("requests_total", &[("status", "false"), ("host", "a")], Some(2.0)),
        ("requests_total", &[("host", "a")], None),
        ("requests_total", &[("host", "a"), ("host", "a")], None),
        ("requests_total", &[("host", "c"), ("status", "true")], None),
        ("requests", &[("host", "a"), ("status", "true")], None),
        ("latency_seconds", &[], None),
        ("latency_seconds_sum", &[], Some(0.5)),
        ("latency_seconds_count", &[], Some(1.0)),
        ("latency_seconds_bucket", &[("le", "0.1")], Some(0.0)),
        ("latency_seconds_bucket", &[("le", "1")], Some(1.0)),
        ("latency_seconds_bucket", &[("le", "+Inf")], Some(1.0)),
        ("latency_seconds_bucket", &[("le", "2")], None),
        ("latency_seconds_bucket", &[], None),
        ("job", &[("job", "busy")], Some(1.0)),
        ("job", &[("job", "idle")], Some(0.0)),
        ("job", &[], None),
        ("s", &[("x", "1"), ("quantile", "0.5")], Some(4.0)),
        ("s_count", &[("x", "1")], Some(4.0)),
        ("s_sum", &[("x", "1")], Some(25.2)),
        ("g_gcount", &[], Some(3.0)),
        ("g_gsum", &[], Some(-0.5)),
        ("below_count", &[], None),
        ("below_bucket", &[("le", "-1")], Some(1.0)),
        ("no_such", &[], None),
    ] {
        assert_eq!(value(name, labels), expected, "{name} {labels:?}");
    }
}

#[test]
fn a_label_that_is_asked_for_twice_does_not_stand_for_another() {
    let (registry, _) = registry();
    let twice = [("host", "a"), ("host", "a")];
    assert_eq!(registry.value("requests_total", twice), None);
    assert_eq!(registry.get("requests_total", twice).unwrap(), None);
    assert!(registry.gather()[0].find(&twice).is_none());
}

#[test]
fn an_info_is_found_by_what_it_says_whatever_the_others_say() {
    let registry = Registry::new();
    let owners = Info::builder("owner", "").labels::<Host<'static>>().build().unwrap();
    registry.register(&owners).unwrap();
    owners.with(&Host { host: "a" }).set([("team", "ops")]).unwrap();
    owners.with(&Host { host: "b" }).set([("person", "eve")]).unwrap();
    for labels in [[("host", "a"), ("team", "ops")], [("person", "eve"), ("host", "b")]] {
        assert_eq!(registry.get("owner_info", labels).unwrap(), Some(Value::Number(1_u64.into())));
    }
    assert_eq!(registry.get("owner_info", [("host", "a"), ("person", "eve")]).unwrap(), None);
    let error = registry.get("owner_info", [("host", "a"), ("crew", "ops")]).unwrap_err().to_string();
    assert!(error.contains("no label `crew`; its labels: `host`, `team`, `person`"), "{error}");
}

#[test]
fn a_series_is_read_and_removed_by_name() {
    let (registry, requests) = registry();
    assert_eq!(
        registry.get("requests_total", [("host", "b"), ("status", "true")]).unwrap(),
        Some(Value::Number(1_u64.into()))
    );
    assert_eq!(registry.get("requests_total", [("host", "c"), ("status", "true")]).unwrap(), None);
    assert!(registry.remove("requests_total", [("host", "b"), ("status", "true")]).unwrap());
    assert!(!registry.remove("requests_total", [("host", "b"), ("status", "true")]).unwrap());
    assert_eq!(requests.remove_by_labels([("status", "true")]).unwrap(), 1);
    assert_eq!(registry.remove_by_labels("requests_total", [("host", "a")]).unwrap(), 1);
    assert_eq!(registry.remove_by_labels("requests_total", []).unwrap(), 0);
    requests.with(&Request { host: "a", ok: true }).inc();
    assert_eq!(registry.value("requests_total", [("host", "a"), ("status", "true")]), Some(1.0));
    registry.clear("requests_total").unwrap();
    assert_eq!(registry.gather()[0].series().len(), 0);
    // A place that was taken out is free for others.
    for round in 0..3 {
        for index in 0..2000 {
            requests.with(&Request { host: &format!("{round}-{index}"), ok: true }).inc();
        }
        assert_eq!(requests.remove_by_labels([("status", "true")]).unwrap(), 2000);
    }
}

#[test]
fn a_name_or_label_that_is_not_there_is_an_error() {
    let (registry, requests) = registry();
    registry.register(Custom).unwrap();
    let text = |error: tallymark::Error| error.to_string();
    for (error, expected) in [
        (text(registry.get("no_such", []).unwrap_err()), "no metric `no_such`"),
        (text(registry.clear("no_such").unwrap_err()), "no metric `no_such`"),
        (text(registry.get("requests_total", [("hots", "a")]).unwrap_err()), "its labels: `host`, `status`"),
        (text(registry.remove("requests_total", [("host", "a")]).unwrap_err()), "`status`, which is not given"),
        (text(registry.remove_by_labels("requests_total", [("hots", "a")]).unwrap_err()), "no label `hots`"),
        (text(requests.remove_by_labels([("hots", "a")]).unwrap_err()), "no label `hots`"),
    ] {
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(registry.gather().iter().find(|family| family.name() == "requests_total").unwrap().series().len(), 3);
}

#[test]
fn an_info_is_found_by_what_it_says_whatever_others_say() {
    let registry = Registry::new();
    let hosts = Info::builder("host", "").labels::<Host<'static>>().build().unwrap();
    registry.register(&hosts).unwrap();
    hosts.with(&Host { host: "b" }).set([("version", "1")]).unwrap();
    let _ = hosts.with(&Host { host: "a" });
    let get = |labels: &[(&'static str, &'static str)]| registry.get("host_info", labels.iter().copied());
    let one = Some(Value::Number(1_u64.into()));
    assert_eq!(get(&[("host", "b"), ("version", "1")]).unwrap(), one);
    assert_eq!(get(&[("host", "a")]).unwrap(), one);
    assert_eq!(get(&[("host", "a"), ("version", "1")]).unwrap(), None);
    let error = get(&[("branch", "main")]).unwrap_err().to_string();
    assert!(error.contains("its labels: `host`, `version`"), "{error}");
}

#[test]
fn a_series_is_removed_by_the_labels_that_stand_on_the_page() {
    let registry = Registry::builder().const_label("zone", "eu").build();
    let requests = Counter::builder("requests_total", "").labels::<Request<'static>>().build().unwrap();
    registry.register(&requests).unwrap();
    for (host, ok) in [("a", true), ("a", false), ("b", true)] {
        requests.with(&Request { host, ok }).inc();
    }
    let (a, b) = ([("zone", "eu"), ("host", "a"), ("status", "true")], [("host", "b"), ("status", "true")]);
    assert!(registry.get("requests_total", a).unwrap().is_some());
    assert!(registry.remove("requests_total", a).unwrap() && !registry.remove("requests_total", a).unwrap());
    assert!(registry.remove("requests_total", b).unwrap());
    assert!(!registry.remove("requests_total", [("zone", "us"), ("host", "a"), ("status", "false")]).unwrap());
    assert_eq!(registry.remove_by_labels("requests_total", [("zone", "us")]).unwrap(), 0);
    assert_eq!(registry.remove_by_labels("requests_total", [("zone", "eu")]).unwrap(), 1);
    assert!(registry.remove("requests_total", [("zone", "eu"), ("host", "a")]).is_err());
}

#[test]
fn a_metric_that_is_described_is_read_without_asking_other_collectors() {
    static ASKED: AtomicBool = AtomicBool::new(false);

    struct Slow;

    impl Collector for Slow {
        fn describe(&self) -> Vec<Descriptor> {
            Vec::new()
        }

        fn collect(&self, out: &mut Collected) {
            ASKED.store(true, Relaxed);
            out.gauge("slow", "").value(1);
        }
    }

    let (registry, _) = registry();
    registry.register(Slow).unwrap();
    for (labels, there) in [([("host", "b"), ("status", "true")], true), ([("host", "b"), ("status", "false")], false)]
    {
        assert_eq!(registry.value("requests_total", labels).is_some(), there);
        assert_eq!(registry.get("requests_total", labels).unwrap().is_some(), there);
    }
    assert!(!ASKED.load(Relaxed));
    assert_eq!(registry.value("slow", []), Some(1.0));
    assert!(ASKED.load(Relaxed) && registry.get("slow", []).unwrap().is_some());
}
