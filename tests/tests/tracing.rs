//! Exemplars from spans: by hand and by marks, with whatever the subscriber is made of.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tallymark::tracing::{ExemplarLayer, current};
use tallymark::{Counter, Labels, Registry, testing};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span, subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;

/// Runs something with a layer for exemplars.
fn traced<T>(run: impl FnOnce() -> T) -> T {
    subscriber::with_default(tracing_subscriber::registry().with(ExemplarLayer::new()), run)
}

fn labels() -> Vec<(String, String)> {
    current().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Held by a test that gives exemplars or reads them: one that is given while they are read may be dropped.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The trace of the only exemplar of the series with these labels.
fn shown(family: &str, labels: &[(&str, &str)]) -> Option<String> {
    let families = Registry::global().gather();
    let family = families.iter().find(|shown| shown.name() == family).unwrap();
    let exemplars = family.find(labels).unwrap().exemplars();
    assert!(exemplars.len() <= 1, "{exemplars:?}");
    let trace = exemplars.first()?.labels().map(|(name, value)| [name, value].join("="));
    Some(trace.collect())
}

#[test]
fn a_span_says_what_it_and_those_around_it_say() {
    assert!(current().is_empty());
    traced(|| {
        assert!(current().is_empty());
        info_span!("none", other = "x").in_scope(|| assert!(current().is_empty()));
        info_span!("outer", trace_id = "1", span_id = 2, other = "x").in_scope(|| {
            assert_eq!(labels(), pairs(&[("trace_id", "1"), ("span_id", "2")]));
            info_span!("inner", span_id = %3, other = "x").in_scope(|| {
                assert_eq!(labels(), pairs(&[("span_id", "3"), ("trace_id", "1")]));
                info_span!("innermost").in_scope(|| {
                    assert_eq!(labels(), pairs(&[("span_id", "3"), ("trace_id", "1")]));
                });
            });
            info_span!(parent: None, "apart").in_scope(|| assert!(current().is_empty()));
        });
    });
    assert!(current().is_empty());
}

#[test]
fn a_field_may_be_recorded_later_and_again() {
    traced(|| {
        info_span!("late", trace_id = Empty).in_scope(|| {
            assert!(current().is_empty());
            Span::current().record("trace_id", "1");
            assert_eq!(labels(), pairs(&[("trace_id", "1")]));
            Span::current().record("trace_id", "2");
            assert_eq!(labels(), pairs(&[("trace_id", "2")]));
        });
    });
}

#[test]
fn other_fields_may_be_asked_for() {
    let layer = ExemplarLayer::of_fields(["request"]);
    subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info_span!("outer", trace_id = "1", request = true).in_scope(|| {
            assert_eq!(labels(), pairs(&[("request", "true")]));
        });
    });
}

#[test]
fn other_layers_may_stand_above_and_below() {
    struct Another;
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Another {}

    let layer = ExemplarLayer::new().with_filter(filter_fn(|metadata| metadata.name() != "hidden")).boxed();
    let subscriber = tracing_subscriber::registry().with(Another).with(Some(layer)).with(Another);
    subscriber::with_default(subscriber, || {
        info_span!("shown", trace_id = "1").in_scope(|| assert_eq!(labels(), pairs(&[("trace_id", "1")])));
        info_span!("hidden", trace_id = "1").in_scope(|| assert!(current().is_empty()));
    });
    // One without spans.
    subscriber::with_default(tracing_subscriber::registry().with(Another), || {
        info_span!("shown", trace_id = "1").in_scope(|| assert!(current().is_empty()));
    });
}

#[test]
fn a_field_that_is_too_long_is_kept_as_far_as_that_shows() {
    let counter = Counter::new("long_total", "").unwrap();
    let registry = Registry::new();
    registry.register(&counter).unwrap();
    traced(|| {
        info_span!("long", trace_id = "\u{e4}".repeat(10_000)).in_scope(|| {
            assert_eq!(labels()[0].1.chars().count(), tallymark::Exemplar::MAX_LENGTH + 1);
            counter.inc_with_exemplar(current());
        });
    });
    assert_eq!(counter.get(), 1);
    let families = registry.gather();
    assert!(families.iter().any(|family| family.name() == "tallymark_exemplars_dropped_total"));
}

#[derive(Labels)]
struct Path<'a> {
    path: &'a str,
}

/// Fed by a mark.
#[tallymark::counter(name = "fed_total")]
static FED: Counter<Path<'static>>;

#[tallymark::counter(exemplar, name = "entered_total")]
#[tallymark::counter(exemplar, name = "ended_total", outcome)]
#[tallymark::counter(exemplar, name = "pathed_total", labels(path))]
#[tallymark::counter(exemplar, name = "literal_total", labels(path: &'static str = "/"))]
#[tallymark::counter(exemplar, name = "read_total", labels(odd: bool = |n: &Result<u32, String>| matches!(n, Ok(n) if n % 2 == 1)))]
#[tallymark::counter(exemplar, into = FED.with(&Path { path }))]
#[tallymark::histogram(exemplar, name = "took_seconds", buckets = [1000.0])]
#[tallymark::histogram(exemplar, name = "took_by_path_seconds", labels(path), buckets = [1000.0])]
#[tallymark::histogram(exemplar, name = "numbers", buckets = [1000.0], observe = |n: &Result<u32, String>| n.as_ref().copied().unwrap_or(0))]
#[tallymark::count_exceptions(Err, panic, exemplar, name = "failed_total")]
#[tallymark::gauge(track_inprogress, name = "running")]
fn marked(path: &str, n: &str) -> Result<u32, String> {
    assert!(n != "panic");
    n.parse().map_err(|_| n.to_owned())
}

#[test]
fn a_mark_takes_the_trace_of_the_span_in_which_it_counts() {
    let _alone = alone();
    let in_span = |trace, n| {
        let span = info_span!("request", trace_id = trace);
        span.in_scope(|| drop(catch_unwind(AssertUnwindSafe(|| marked("/", n)))));
    };
    drop(marked("/", "1"));
    let families: [(&str, &[(&str, &str)]); 9] = [
        ("entered_total", &[]),
        ("ended_total", &[("outcome", "ok")]),
        ("pathed_total", &[("path", "/")]),
        ("literal_total", &[("path", "/")]),
        ("read_total", &[("odd", "true")]),
        ("fed_total", &[("path", "/")]),
        ("took_seconds", &[]),
        ("took_by_path_seconds", &[("path", "/")]),
        ("numbers", &[]),
    ];
    // Outside of spans it counts and leaves no exemplar, and none is taken away.
    for round in 0..2 {
        for (family, labels) in families {
            assert_eq!(shown(family, labels), (round > 0).then(|| "trace_id=a".to_owned()), "{family}");
        }
        traced(|| in_span("a", "1"));
        drop(marked("/", "1"));
    }
    assert_eq!(shown("failed_total", &[]), None);
    traced(|| in_span("b", "x"));
    assert_eq!(shown("failed_total", &[]), Some("trace_id=b".to_owned()));
    assert_eq!(shown("ended_total", &[("outcome", "error")]), Some("trace_id=b".to_owned()));
    assert_eq!(shown("read_total", &[("odd", "true")]), Some("trace_id=a".to_owned()));
    traced(|| in_span("c", "panic"));
    for (family, labels) in [
        ("failed_total", &[][..]),
        ("ended_total", &[("outcome", "panic")]),
        ("took_seconds", &[]),
        ("fed_total", &[("path", "/")]),
    ] {
        assert_eq!(shown(family, labels), Some("trace_id=c".to_owned()), "{family}");
    }
    let page = testing::value("took_seconds_count", []);
    assert_eq!(page, Some(7.0));
}

#[tallymark::counter(exemplar, name = "polled_total", outcome)]
#[tallymark::histogram(exemplar, name = "polled_seconds", buckets = [1000.0])]
async fn polled(ready: bool) {
    if !ready {
        std::future::pending::<()>().await;
    }
}

#[test]
fn a_future_takes_the_trace_of_its_span_also_where_it_is_cancelled() {
    let _alone = alone();
    traced(|| {
        for (ready, trace, outcome) in [(true, "a", "ok"), (false, "b", "cancelled")] {
            {
                let mut future = pin!(polled(ready).instrument(info_span!("request", trace_id = trace)));
                let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert_eq!(poll.is_ready(), ready);
                assert_eq!(matches!(poll, Poll::Pending), !ready);
            }
            assert_eq!(shown("polled_total", &[("outcome", outcome)]), Some(format!("trace_id={trace}")));
            assert_eq!(shown("polled_seconds", &[]), Some(format!("trace_id={trace}")));
        }
    });
}

#[tallymark::measure(exemplar, namespace = "measured", buckets = [1000.0])]
fn fetch(fails: bool) -> Result<(), ()> {
    if fails { Err(()) } else { Ok(()) }
}

struct Shop;

#[tallymark::measure(exemplar, namespace = "measured")]
impl Shop {
    async fn open(&self) {}

    /// Its own words are for it alone.
    #[tallymark::measure(namespace = "measured")]
    fn close() {}
}

#[test]
fn measure_takes_the_trace_where_it_counts_and_times() {
    let _alone = alone();
    let calls = |function: &str, outcome| shown(&format!("measured_{function}_calls_total"), &[("outcome", outcome)]);
    let duration = |function: &str| shown(&format!("measured_{function}_duration_seconds"), &[]);
    let trace = |trace: &str| Some(format!("trace_id={trace}"));
    fetch(false).unwrap();
    assert_eq!((calls("fetch", "ok"), duration("fetch")), (None, None));
    traced(|| {
        info_span!("request", trace_id = "a").in_scope(|| fetch(false).unwrap());
        info_span!("request", trace_id = "b").in_scope(|| fetch(true).unwrap_err());
        let mut open = pin!(Shop.open().instrument(info_span!("request", trace_id = "c")));
        assert!(open.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        info_span!("request", trace_id = "d").in_scope(Shop::close);
    });
    assert_eq!((calls("fetch", "ok"), calls("fetch", "error")), (trace("a"), trace("b")));
    assert_eq!(duration("fetch"), trace("b"));
    assert_eq!(shown("measured_fetch_inprogress", &[]), None);
    assert_eq!((calls("shop_open", "ok"), duration("shop_open")), (trace("c"), trace("c")));
    assert_eq!((calls("shop_close", "ok"), duration("shop_close")), (None, None));
    assert_eq!(testing::value("measured_shop_close_duration_seconds_count", []), Some(1.0));
}

#[tallymark::counter(exemplar, name = "first_total")]
#[tallymark::histogram(exemplar, name = "first_seconds", buckets = [1000.0])]
fn first() {}

#[test]
fn the_first_call_may_be_in_a_span() {
    let _alone = alone();
    traced(|| info_span!("request", trace_id = "a").in_scope(first));
    for family in ["first_total", "first_seconds"] {
        assert_eq!(shown(family, &[]), Some("trace_id=a".to_owned()), "{family}");
    }
    assert_eq!(testing::value("first_total", []), Some(1.0));
}
