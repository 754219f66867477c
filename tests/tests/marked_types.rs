//! Summaries, infos and state sets as marks.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tallymark::{
    Info, LabelValue, Labels, MetricKind, Registry, StateSet, Summary, count_exceptions, counter, gauge, histogram,
    info, stateset, summary,
};

#[derive(Labels)]
struct Task {
    task: &'static str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

/// Sizes.
#[summary(unit = "bytes", quantiles = [(0, 0.1), (0.5, 0.05), (1, 0.001)], max_age = 60, age_buckets = 3)]
static SIZES: Summary;

#[summary(quantiles = tallymark::quantiles::DEFAULT, name = "task_seconds", unit = "seconds")]
static TASKS: Summary<Task>;

/// What runs here.
#[info(package, const_labels(profile = if cfg!(debug_assertions) { "debug" } else { "release" }))]
static BUILD: Info;

#[info(name = "owner")]
static OWNER: Info<Task>;

#[stateset]
static JOB: StateSet<State>;

#[stateset(name = "tasks_state", const_labels(zone = "eu"))]
static TASK_STATES: StateSet<State, Task>;

/// Places an order.
#[summary(name = "orders_seconds", quantiles = [(0.5, 0.05)])]
#[histogram]
fn place_order(fail: bool) -> Result<(), String> {
    if fail { Err("sold out".to_owned()) } else { Ok(()) }
}

#[summary(unit = "bytes", observe = |page: &String| page.len(), labels(kind))]
fn render(kind: &'static str) -> String {
    kind.repeat(3)
}

#[summary(outcome, name = "fetch_seconds")]
async fn fetch(panics: bool) {
    assert!(!panics, "on purpose");
}

#[summary(unit = "seconds")]
static FED: Summary;

#[summary(into = FED)]
fn fed() {}

fn value(name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    Registry::global().value(name, labels.iter().copied())
}

#[test]
fn a_marked_summary_has_the_quantiles_that_it_asks_for() {
    for size in [1, 2, 3] {
        SIZES.observe(size);
    }
    let quantile = |quantile| value("marked_types_sizes_bytes", &[("quantile", quantile)]);
    assert_eq!((quantile("0"), quantile("0.5"), quantile("1")), (Some(1.0), Some(1.0), Some(3.0)));
    TASKS.with(&Task { task: "mail" }).observe(0.5);
    assert_eq!(value("task_seconds", &[("task", "mail"), ("quantile", "0.99")]), Some(0.5));
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == "marked_types_sizes_bytes").unwrap();
    assert_eq!((family.kind(), family.help(), family.unit()), (MetricKind::Summary, "Sizes.", Some("bytes")));
}

#[test]
fn a_summary_measures_functions_as_a_histogram_does() {
    place_order(false).unwrap();
    place_order(true).unwrap_err();
    assert_eq!(value("orders_seconds_count", &[]), Some(2.0));
    assert_eq!(value("marked_types_place_order_duration_seconds_count", &[]), Some(2.0));
    assert_eq!(render("ab"), "ababab");
    assert_eq!(value("marked_types_render_bytes_sum", &[("kind", "ab")]), Some(6.0));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(fetch(false));
    std::panic::catch_unwind(|| {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(fetch(true));
    })
    .unwrap_err();
    assert_eq!(value("fetch_seconds_count", &[("outcome", "ok")]), Some(1.0));
    assert_eq!(value("fetch_seconds_count", &[("outcome", "panic")]), Some(1.0));
}

#[test]
fn a_marked_info_says_its_package() {
    BUILD.set([("branch", "main")]).unwrap();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let labels = [("package", "tallymark-tests"), ("version", env!("CARGO_PKG_VERSION")), ("profile", profile)];
    let labels: Vec<_> = labels.into_iter().chain([("branch", "main")]).collect();
    assert_eq!(value("marked_types_build_info", &labels), Some(1.0));
    assert!(BUILD.set([("version", "2")]).is_err());
    OWNER.with(&Task { task: "mail" }).set([("team", "ops")]).unwrap();
    assert_eq!(value("owner_info", &[("task", "mail"), ("team", "ops")]), Some(1.0));
}

#[test]
fn a_marked_state_set_begins_in_its_first_state() {
    assert_eq!(value("marked_types_job", &[("marked_types_job", "idle")]), Some(1.0));
    assert!(JOB.is(State::Idle) && !JOB.is(State::Busy));
    TASK_STATES.with(&Task { task: "mail" }).set(State::Busy);
    let state = |state| value("tasks_state", &[("zone", "eu"), ("task", "mail"), ("tasks_state", state)]);
    assert_eq!((state("idle"), state("busy")), (Some(0.0), Some(1.0)));
}

#[test]
fn a_mark_feeds_a_summary_that_is_there() {
    fed();
    assert_eq!(value("marked_types_fed_seconds_count", &[]), Some(1.0));
}

#[counter(name = "types_literal_calls_total", labels(kind: &'static str = "cold"))]
#[histogram(name = "types_literal_seconds", labels(kind: &'static str = "cold"))]
#[summary(name = "types_literal_summary_seconds", labels(kind: &'static str = "cold"))]
#[gauge(name = "types_literal_last_seconds", time, labels(kind: &'static str = "cold"))]
#[count_exceptions(name = "types_literal_errors_total", Err, labels(kind: &'static str = "cold"))]
fn labelled_by_literals() -> Result<(), ()> {
    Err(())
}

#[test]
fn what_was_removed_by_name_is_there_again_with_the_next_call() {
    let registry = Registry::global();
    let counts = || {
        ["calls_total", "seconds_count", "summary_seconds_count", "errors_total"]
            .map(|rest| registry.value(&format!("types_literal_{rest}"), [("kind", "cold")]))
    };
    assert!(labelled_by_literals().is_err());
    assert_eq!(counts(), [Some(1.0); 4]);
    let families = ["calls_total", "seconds", "summary_seconds", "last_seconds", "errors_total"];
    for (family, all) in families.into_iter().zip([true, false].into_iter().cycle()) {
        let name = format!("types_literal_{family}");
        if all {
            registry.clear(&name).unwrap();
        } else {
            assert_eq!(registry.remove_by_labels(&name, [("kind", "cold")]).unwrap(), 1);
        }
    }
    assert_eq!(counts(), [None; 4]);
    for calls in [1.0, 2.0] {
        assert!(labelled_by_literals().is_err());
        assert_eq!(counts(), [Some(calls); 4]);
    }
    assert!(registry.value("types_literal_last_seconds", [("kind", "cold")]).is_some());
}
