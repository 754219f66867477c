//! Counters by hand: taken back to 0, and counting what fails.

#![allow(clippy::float_cmp, reason = "what is counted is exact")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::task::{Context, Waker};

use tallymark::{Counter, CounterSeries, CounterValue, Labels, counter};
use tallymark_tests::{ON_PURPOSE, quiet_panics, value};

#[derive(Labels)]
struct Kind<'a> {
    kind: &'a str,
}

#[counter(name = "counters_reset_total")]
static RESET: Counter;
#[counter(name = "counters_reset_float_total")]
static RESET_FLOAT: Counter<(), f64>;
#[counter(name = "counters_reset_finite_total")]
static RESET_FINITE: Counter<Flag>;

#[derive(Labels)]
struct Flag {
    flag: bool,
}

#[test]
fn a_counter_that_was_reset_begins_at_0() {
    for round in 0..3 {
        for by in [3, 100_000] {
            RESET.inc_by(by);
        }
        assert_eq!(RESET.get(), 100_003, "{round}");
        assert_eq!(value("counters_reset_total", &[]), Some(100_003.0));
        RESET.reset();
        assert_eq!(RESET.get(), 0);
        assert_eq!(value("counters_reset_total", &[]), Some(0.0));
        RESET.reset();
        RESET.inc();
        assert_eq!(value("counters_reset_total", &[]), Some(1.0));
        RESET.reset();
    }
}

#[test]
fn a_float_counter_that_was_reset_begins_at_0_exactly() {
    for by in [0.1, 0.2, 1e15, 7.3] {
        RESET_FLOAT.inc_by(by);
        std::thread::scope(|scope| scope.spawn(|| RESET_FLOAT.inc_by(0.7)).join()).unwrap();
        RESET_FLOAT.reset();
        assert_eq!(RESET_FLOAT.get(), 0.0);
        RESET_FLOAT.inc_by(2.0);
        assert_eq!(RESET_FLOAT.get(), 2.0, "whole numbers stay exact");
        RESET_FLOAT.reset();
    }
    let infinite = Counter::builder("infinite_total", "").values::<f64>().build().unwrap();
    infinite.inc_by(f64::INFINITY);
    infinite.reset();
    assert_eq!(infinite.get(), f64::INFINITY);
}

#[test]
fn a_series_is_reset_alone_and_its_handles_count_on() {
    let open = Counter::builder("open_total", "").labels::<Kind<'static>>().build().unwrap();
    let [a, b] = ["a", "b"].map(|kind| open.with(&Kind { kind }));
    let (t, f) = (RESET_FINITE.with(&Flag { flag: true }), RESET_FINITE.with(&Flag { flag: false }));
    // Within their lines, and in cells.
    for by in [2, 1000] {
        for series in [&a, &b, &t, &f] {
            series.inc_by(by);
        }
        let kept = [a.clone(), t.clone()];
        a.reset();
        t.reset();
        for series in &kept {
            assert_eq!(series.get(), 0);
            series.inc();
        }
        assert_eq!([&a, &b, &t, &f].map(CounterSeries::get), [1, by, 1, by]);
        for series in [&a, &b, &t, &f] {
            series.reset();
        }
    }
    // A new series of the same labels has never been reset, and a reset of one that has gone changes nothing.
    a.inc_by(5);
    assert!(open.remove(&Kind { kind: "a" }));
    a.reset();
    let again = open.with(&Kind { kind: "a" });
    again.inc_by(3);
    assert_eq!((again.get(), a.get()), (3, 0));
}

/// Counts in three threads and resets in another. Nothing counts twice, and nothing that comes after a reset is lost.
fn is_reset_while_it_counts<V: CounterValue>(counter: &CounterSeries<V>, number: impl Fn(V) -> u64) {
    let (begun, done, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    begun.fetch_add(1, SeqCst);
                    counter.inc();
                    done.fetch_add(1, SeqCst);
                }
            });
        }
        for _ in 0..300 {
            let done_before = done.load(SeqCst);
            counter.reset();
            let begun_after = begun.load(SeqCst);
            for _ in 0..3 {
                let least = done.load(SeqCst).saturating_sub(begun_after);
                let value = number(counter.get());
                let most = begun.load(SeqCst) - done_before;
                assert!((least..=most).contains(&value), "{value} of {least} to {most}");
            }
        }
        stop.store(true, SeqCst);
    });
}

#[test]
fn no_increment_after_a_reset_is_lost_and_none_before_it_comes_back() {
    let counter = Counter::builder("while_total", "").labels::<Kind<'static>>().build().unwrap();
    is_reset_while_it_counts(&counter.with(&Kind { kind: "u64" }), |counted| counted);
    let counter = Counter::builder("while_float_total", "").labels::<Kind<'static>>().values::<f64>().build().unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers are counted")]
    is_reset_while_it_counts(&counter.with(&Kind { kind: "f64" }), |counted| counted as u64);
}

#[test]
fn an_error_counts_and_goes_on() {
    let counter = Counter::new("errors_total", "").unwrap();
    let parse = |text: &str| counter.count_exceptions(|| text.parse::<u8>());
    assert_eq!(parse("7"), Ok(7));
    assert!(parse("x").is_err() && parse("-1").is_err());
    assert_eq!(counter.get(), 2);

    let series = Counter::builder("errors_by_total", "").labels::<Kind<'static>>().values::<f64>().build().unwrap();
    let series = series.with(&Kind { kind: "x" });
    let odd = |result: Result<(), u8>| series.count_exceptions_if(|code| code % 2 == 1, || result);
    assert_eq!((odd(Ok(())), odd(Err(2)), odd(Err(3))), (Ok(()), Err(2), Err(3)));
    assert_eq!(series.get(), 1.0);
}

#[tokio::test]
async fn an_error_of_a_future_counts() {
    let counter = Counter::new("errors_total", "").unwrap();
    drop(counter.count_exceptions_async(async { Err::<(), ()>(()) }));
    {
        let mut cancelled = pin!(counter.count_exceptions_async(pending::<Result<(), ()>>()));
        assert!(cancelled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(counter.get(), 0, "neither never polled nor cancelled");
    assert_eq!(counter.count_exceptions_async(async { Err::<(), _>(4) }).await, Err(4));
    assert_eq!(counter.count_exceptions_async(async { Ok::<_, ()>(4) }).await, Ok(4));
    assert_eq!(counter.get(), 1);
    let is_five = |code: &u32| *code == 5;
    assert_eq!(counter.count_exceptions_if_async(is_five, async { Err::<(), _>(4) }).await, Err(4));
    assert_eq!(counter.count_exceptions_if_async(is_five, async { Err::<(), _>(5) }).await, Err(5));
    assert_eq!(counter.get(), 2);
}

#[test]
fn a_panic_that_passes_the_guard_counts() {
    quiet_panics();
    let counter = Counter::new("panics_total", "").unwrap();
    let guarded = |panics: bool| {
        catch_unwind(AssertUnwindSafe(|| {
            let _guard = counter.count_panics();
            if panics {
                panic_any(ON_PURPOSE);
            }
        }))
    };
    assert!(guarded(false).is_ok());
    assert_eq!(counter.get(), 0);
    assert!(guarded(true).is_err());
    assert_eq!(counter.get(), 1);
    // One that is caught inside does not pass.
    let _guard = counter.count_panics();
    assert!(catch_unwind(|| panic_any(ON_PURPOSE)).is_err());
    assert_eq!(counter.get(), 1);
    let all =
        catch_unwind(AssertUnwindSafe(|| counter.count_exceptions(|| -> Result<(), ()> { panic_any(ON_PURPOSE) })));
    assert!(all.is_err());
    assert_eq!(counter.get(), 1, "a panic is no error");
}
