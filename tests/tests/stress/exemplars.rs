//! Exemplars that are given, shown, reset and forgotten at once belong to what they are shown with.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use tallymark::{Counter, Histogram, Labels, MetricFamily, Registry, Value};

use crate::figure;
use crate::page::Done;

#[derive(Labels)]
struct Open<'a> {
    path: &'a str,
}

const PATHS: [&str; 3] = ["/", "/a", "/a/path/that/is/longer/than/a/line/has/room/for"];
/// So many that a bucket often has its first observation while a page is read.
const BUCKETS: u64 = 60;

/// Says how many exemplars there were.
fn check(families: &[MetricFamily]) -> u64 {
    let mut seen = 0;
    for series in families.iter().flat_map(MetricFamily::series) {
        let Some(created) = series.created() else { continue };
        let exemplars = series.exemplars();
        seen += exemplars.len() as u64;
        for exemplar in exemplars {
            assert!(exemplar.labels().eq([("path", series.label("path").unwrap())]), "{series:?}");
            assert!(exemplar.timestamp().unwrap() >= created, "{series:?}");
        }
        match series.value() {
            Value::Number(value) => assert!(exemplars.is_empty() || value.as_f64() >= 1.0, "{series:?}"),
            Value::Histogram(value) => {
                let mut below = (f64::NEG_INFINITY, 0);
                for (bound, count) in value.buckets() {
                    let within = |value: f64| below.0 < value && value <= bound;
                    let here = exemplars.iter().filter(|exemplar| within(exemplar.value().as_f64())).count();
                    assert!(here == 0 || (here == 1 && count > below.1), "{series:?}");
                    below = (bound, count);
                }
            }
            _ => {}
        }
    }
    seen
}

#[test]
fn an_exemplar_is_shown_with_what_counts_it() {
    let registry = Registry::new();
    let counter = Counter::builder("counted_total", "").labels::<Open<'static>>().build().unwrap();
    let histogram = Histogram::builder("seconds", "")
        .buckets((1..BUCKETS).map(|bound| bound as f64))
        .unwrap()
        .labels::<Open<'static>>()
        .build()
        .unwrap();
    registry.register(&counter).unwrap();
    registry.register(&histogram).unwrap();
    let rounds = figure(300_000);
    let count = |path, round: u64| {
        counter.with(&Open { path }).inc_with_exemplar([("path", path)]);
        histogram.with(&Open { path }).observe_with_exemplar(round % BUCKETS + 1, [("path", path)]);
        // One that breaks a rule.
        if round.is_multiple_of(100) {
            counter.with(&Open { path }).inc_with_exemplar([("", path)]);
        }
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for round in 0..rounds {
                        for path in PATHS {
                            count(path, round);
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(SeqCst) {
                for path in PATHS {
                    counter.remove(&Open { path });
                    histogram.remove(&Open { path });
                    thread::yield_now();
                }
                histogram.clear();
                // Until there is something to remove again.
                while counter.with(&Open { path: "/" }).get() < 2 * BUCKETS && !done.load(SeqCst) {
                    thread::yield_now();
                }
            }
        });
        let done = Done(&done);
        while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
            check(&registry.gather());
        }
        drop(done);
    });
    // Nobody is in anybody's way any more.
    for path in PATHS {
        for round in 0..BUCKETS {
            count(path, round);
        }
    }
    assert_eq!(check(&registry.gather()), PATHS.len() as u64 * (1 + BUCKETS));
}

/// A counter that is reset has either what it counted and the exemplar, or neither.
#[test]
fn a_reset_takes_the_exemplar_with_it() {
    let registry = Registry::new();
    let counter = Counter::builder("reset_total", "").labels::<Open<'static>>().build().unwrap();
    registry.register(&counter).unwrap();
    let series = counter.with(&Open { path: "/" });
    thread::scope(|scope| {
        let resetting = scope.spawn(|| {
            for _ in 0..figure(300_000) {
                series.inc_with_exemplar([("path", "/")]);
                series.reset();
            }
        });
        while !resetting.is_finished() {
            check(&registry.gather());
        }
    });
    assert_eq!(check(&registry.gather()), 0);
}
