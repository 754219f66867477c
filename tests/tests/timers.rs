//! What times a function: the clock is read once for all of it.

#![allow(clippy::float_cmp, reason = "what is read once is the same to the last bit")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tallymark::{
    Histogram, HistogramSeries, Labels, Registry, Summary, SummarySeries, Value, count_exceptions, gauge, histogram,
};
use tallymark_tests::{ON_PURPOSE, quiet_panics, value};
use tokio::task::yield_now;

/// The count and the sum of the one series of a histogram that has counted something.
fn timed(name: &str) -> (u64, f64) {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name).expect(name);
    let histograms = family.series().iter().filter_map(|series| match series.value() {
        Value::Histogram(histogram) if histogram.count() > 0 => Some((histogram.count(), histogram.sum())),
        _ => None,
    });
    let histograms: Vec<_> = histograms.collect();
    assert_eq!(histograms.len(), 1, "{name}");
    histograms[0]
}

fn is_timed_once(names: &[&str], calls: u64) {
    let times: Vec<_> = names.iter().map(|name| timed(name)).collect();
    assert!(times.iter().all(|time| *time == times[0]), "{names:?}: {times:?}");
    assert!(times[0].0 == calls && times[0].1 > 0.0, "{names:?}: {times:?}");
}

/// Takes long enough for any clock to see.
fn work() {
    std::thread::sleep(Duration::from_millis(1));
}

/// Fed by functions.
#[histogram(name = "timers_shared_seconds", unit = "seconds")]
static SHARED: Histogram;

#[histogram(name = "timers_plain_seconds", buckets = [0.1])]
#[histogram(name = "timers_plain_by_kind_seconds", labels(kind: &'static str = "plain"))]
#[histogram(name = "timers_plain_by_argument_seconds", labels(n))]
#[histogram(into = SHARED)]
#[gauge(track_inprogress)]
fn plain(n: u32) {
    work();
}

#[test]
fn histograms_of_one_function_record_the_same_seconds() {
    for _ in 0..3 {
        plain(1);
    }
    is_timed_once(
        &[
            "timers_plain_seconds",
            "timers_plain_by_kind_seconds",
            "timers_plain_by_argument_seconds",
            "timers_shared_seconds",
        ],
        3,
    );
}

#[histogram(name = "timers_read_seconds")]
#[histogram(name = "timers_read_by_outcome_seconds", outcome)]
#[histogram(name = "timers_read_by_result_seconds", labels(n: u32 = |result: &Result<u32, ()>| result.unwrap_or(0)))]
#[histogram(name = "timers_read_by_argument_seconds", labels(n))]
#[count_exceptions(Err, panic)]
fn read(n: u32) -> Result<u32, ()> {
    work();
    Ok(n)
}

#[test]
fn histograms_that_read_the_result_record_the_same_seconds() {
    for _ in 0..3 {
        assert_eq!(read(1), Ok(1));
    }
    is_timed_once(
        &[
            "timers_read_seconds",
            "timers_read_by_outcome_seconds",
            "timers_read_by_result_seconds",
            "timers_read_by_argument_seconds",
        ],
        3,
    );
}

#[histogram(name = "timers_later_seconds")]
#[histogram(name = "timers_later_by_outcome_seconds", outcome)]
#[histogram(name = "timers_later_by_part_seconds", labels(part: u32))]
#[histogram(name = "timers_later_by_result_seconds", labels(n: u32 = |n: &u32| *n))]
async fn later((part, _): (u32, u32)) -> u32 {
    yield_now().await;
    work();
    part
}

#[tokio::test]
async fn histograms_of_one_future_record_the_same_seconds() {
    assert_eq!((later((1, 2)).await, later((1, 3)).await), (1, 1));
    is_timed_once(
        &[
            "timers_later_seconds",
            "timers_later_by_outcome_seconds",
            "timers_later_by_part_seconds",
            "timers_later_by_result_seconds",
        ],
        2,
    );
}

#[histogram(name = "timers_panics_seconds")]
#[histogram(name = "timers_panics_by_kind_seconds", labels(kind: &'static str = "panic"))]
#[histogram(name = "timers_panics_by_outcome_seconds", outcome)]
fn panics() {
    work();
    panic_any(ON_PURPOSE);
}

#[test]
fn a_panic_is_timed_by_each() {
    quiet_panics();
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    for name in
        ["timers_panics_seconds", "timers_panics_by_kind_seconds", "timers_panics_by_outcome_seconds"].map(timed)
    {
        assert!(name.0 == 1 && name.1 > 0.0, "{name:?}");
    }
}

#[histogram(name = "timers_dropped_seconds")]
#[histogram(name = "timers_dropped_by_kind_seconds", labels(kind: &'static str = "dropped"))]
#[histogram(name = "timers_dropped_by_outcome_seconds", outcome)]
async fn dropped() {
    pending::<()>().await;
}

#[test]
fn a_cancelled_future_is_timed_by_each() {
    {
        let future = pin!(dropped());
        assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    }
    assert_eq!(timed("timers_dropped_seconds").0, 1);
    assert_eq!(timed("timers_dropped_by_kind_seconds").0, 1);
    assert_eq!(value("timers_dropped_by_outcome_seconds", &[("outcome", "cancelled")]), Some(1.0));
}

#[derive(Labels)]
struct Found {
    found: bool,
}

/// Times by hand on every way out; there are six observations then.
macro_rules! leave_every_way {
    ($series:ty) => {
        |series: &$series| {
            assert_eq!(series.time(|| 3), 3);
            let question = || -> Result<(), ()> {
                let _timer = series.start_timer();
                Err(())?;
                Ok(())
            };
            question().unwrap_err();
            catch_unwind(AssertUnwindSafe(|| series.time(|| panic_any(ON_PURPOSE)))).unwrap_err();
            // One within the other, of one series.
            series.time(|| series.start_timer().stop());
            drop(series.time_async(pending::<()>()));
            {
                let future = pin!(series.time_async(pending::<()>()));
                assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
            }
            series.start_timer().discard();
        }
    };
}

#[test]
fn histograms_and_summaries_are_timed_by_hand_on_every_way_out() {
    quiet_panics();
    let registry = Registry::new();
    let histogram = Histogram::builder("h_seconds", "").labels::<Found>().init(false).build().unwrap();
    let summary = Summary::builder("s_seconds", "").labels::<Found>().init(false).build().unwrap();
    registry.register(&histogram).unwrap();
    registry.register(&summary).unwrap();
    leave_every_way!(HistogramSeries)(&histogram.with(&Found { found: true }));
    leave_every_way!(SummarySeries)(&summary.with(&Found { found: true }));
    // The labels may be chosen at the end.
    let started = Instant::now();
    histogram.with(&Found { found: false }).observe(started.elapsed());
    summary.with(&Found { found: false }).observe(started.elapsed());
    for (name, found, times) in [("h", "true", 6.0), ("s", "true", 6.0), ("h", "false", 1.0), ("s", "false", 1.0)] {
        assert_eq!(registry.value(&format!("{name}_seconds_count"), [("found", found)]), Some(times), "{name}");
        let sum = registry.value(&format!("{name}_seconds_sum"), [("found", found)]).unwrap();
        assert!((0.0..60.0).contains(&sum), "{name}: {sum}");
    }
}
