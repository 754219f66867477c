//! Every way out of a marked function that runs in one go.

#![allow(clippy::float_cmp, reason = "counts are whole numbers")]

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Barrier;

use tallymark::{count_exceptions, counter};
use tallymark_tests::{Ends, ON_PURPOSE, family_total, fully_marked, quiet_panics, value};

type Answer = Result<u32, String>;

fn on_purpose() -> ! {
    panic_any(ON_PURPOSE)
}

/// Whether this panics.
fn panics<T>(action: impl FnOnce() -> T) -> bool {
    quiet_panics();
    catch_unwind(AssertUnwindSafe(action)).is_err()
}

fully_marked! { Answer;
    fn returns(n: u32) -> Answer {
        Ok(n)
    }
}

#[test]
fn a_return_ends_ok() {
    assert_eq!(returns(1), Ok(1));
    assert_eq!(Ends::of("returns"), Ends { ok: 1.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn returns_early(n: u32) -> Answer {
        if n == 0 {
            return Err("none".to_owned());
        }
        for m in 1.. {
            if m * m >= n {
                return Ok(m);
            }
        }
        unreachable!()
    }
}

#[test]
fn an_early_return_ends_by_what_it_returns() {
    assert_eq!((returns_early(0), returns_early(9), returns_early(10)), (Err("none".to_owned()), Ok(3), Ok(4)));
    assert_eq!(Ends::of("returns_early"), Ends { ok: 2.0, error: 1.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn asks(text: &str) -> Answer {
        let n: u32 = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
        let half = n.checked_sub(1).ok_or("zero")?;
        Ok(half)
    }
}

#[test]
fn a_question_mark_ends_in_an_error() {
    assert_eq!((asks("2"), asks("0")), (Ok(1), Err("zero".to_owned())));
    asks("x").unwrap_err();
    assert_eq!(Ends::of("asks"), Ends { ok: 1.0, error: 2.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn may_panic(panics: bool) -> Answer {
        if panics {
            on_purpose();
        }
        Ok(1)
    }
}

#[test]
fn a_panic_ends_in_a_panic_and_goes_on() {
    quiet_panics();
    let payload = catch_unwind(|| may_panic(true)).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&ON_PURPOSE));
    may_panic(false).unwrap();
    assert_eq!(Ends::of("may_panic"), Ends { ok: 1.0, panic: 1.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn recurses(n: u32) -> Answer {
        let running = f64::from(5 - n);
        assert_eq!(Ends::of("recurses").running, running + 1.0);
        if n == 0 { Err("bottom".to_owned()) } else { recurses(n - 1).or(Ok(n)) }
    }
}

#[test]
fn each_call_of_a_recursion_counts() {
    assert_eq!(recurses(5), Ok(1));
    assert_eq!(Ends::of("recurses"), Ends { ok: 5.0, error: 1.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn panics_at_the_bottom(n: u32) -> Answer {
        if n == 0 {
            on_purpose();
        }
        if n == 3 {
            return catch_unwind(|| panics_at_the_bottom(n - 1)).unwrap_or_else(|_| Err("caught".to_owned()));
        }
        panics_at_the_bottom(n - 1)
    }
}

#[test]
fn a_panic_counts_in_each_call_that_it_leaves() {
    quiet_panics();
    panics_at_the_bottom(5).unwrap_err();
    assert_eq!(Ends::of("panics_at_the_bottom"), Ends { error: 3.0, panic: 3.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn meets(barrier: &Barrier, depth: u32) -> Answer {
        if depth > 0 {
            return meets(barrier, depth - 1);
        }
        barrier.wait();
        barrier.wait();
        Err("met".to_owned())
    }
}

#[test]
fn calls_in_many_threads_count_together() {
    const THREADS: u32 = 16;
    let barrier = Barrier::new(THREADS as usize + 1);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| meets(&barrier, 2));
        }
        barrier.wait();
        assert_eq!(Ends::of("meets"), Ends { running: f64::from(3 * THREADS), ..Ends::default() });
        barrier.wait();
    });
    assert_eq!(Ends::of("meets"), Ends { error: f64::from(3 * THREADS), ..Ends::default() });
}

fully_marked! { Answer;
    fn panics_each_time(n: u32) -> Answer {
        if n.is_multiple_of(2) {
            on_purpose();
        }
        let _bomb = Bomb;
        Ok(n)
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            on_purpose();
        }
    }
}

#[test]
fn a_hundred_thousand_panics_leave_nothing_in_progress() {
    quiet_panics();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25_000).for_each(|n| assert!(panics(|| panics_each_time(n)))));
        }
    });
    assert_eq!(Ends::of("panics_each_time"), Ends { panic: 100_000.0, ..Ends::default() });
}

fully_marked! { Answer;
    fn cleans_up(panics: bool) -> Answer {
        if panics { on_purpose() } else { Ok(1) }
    }
}

#[count_exceptions(panic)]
fn cleans_up_quickly() {}

/// Calls marked functions when it is dropped.
struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        assert!(cleans_up(false).is_ok());
        cleans_up_quickly();
        assert!(panics(|| cleans_up(true)));
    }
}

#[test]
fn a_call_during_unwinding_ends_as_it_ends() {
    assert!(panics(|| {
        let _cleaner = Cleaner;
        on_purpose();
    }));
    assert_eq!(Ends::of("cleans_up"), Ends { ok: 1.0, panic: 1.0, ..Ends::default() });
    assert_eq!(value("ways_out_cleans_up_quickly_exceptions_total", &[]), Some(0.0));
}

#[counter]
#[count_exceptions(panic)]
fn counts_panics_alone(n: u32) -> u32 {
    if n > 0 { n } else { on_purpose() }
}

#[test]
fn a_panic_counts_where_the_result_is_not_inspected() {
    assert!(panics(|| counts_panics_alone(0)));
    assert_eq!(counts_panics_alone(1), 1);
    assert_eq!(value("ways_out_counts_panics_alone_calls_total", &[]), Some(2.0));
    assert_eq!(value("ways_out_counts_panics_alone_exceptions_total", &[]), Some(1.0));
}

#[derive(Debug)]
enum Failure {
    Timeout { after: u32 },
    Refused(&'static str),
    Lost,
}

#[count_exceptions(name = "ways_out_any_total")]
#[count_exceptions(name = "ways_out_timeouts_total", Err(Failure::Timeout { .. }))]
#[count_exceptions(name = "ways_out_long_timeouts_total", Err(Failure::Timeout { after }) if *after > 10)]
#[count_exceptions(name = "ways_out_refused_or_lost_total", Err(Failure::Refused(_) | Failure::Lost))]
#[count_exceptions(name = "ways_out_two_total", Ok(2), Err(Failure::Refused("two")))]
#[count_exceptions(name = "ways_out_lost_or_panicked_total", Err(Failure::Lost), panic)]
fn fails(n: u32) -> Result<u32, Failure> {
    match n {
        0 => Err(Failure::Timeout { after: 10 }),
        1 => Err(Failure::Timeout { after: 11 }),
        2 => Ok(2),
        3 => Err(Failure::Refused("two")),
        4 => Err(Failure::Lost),
        5 => on_purpose(),
        n => Ok(n),
    }
}

#[test]
fn exceptions_are_what_the_pattern_says() {
    for n in 0..8 {
        let _ = panics(|| fails(n));
    }
    for (name, count) in [
        ("any", 4.0),
        ("timeouts", 2.0),
        ("long_timeouts", 1.0),
        ("refused_or_lost", 2.0),
        ("two", 2.0),
        ("lost_or_panicked", 2.0),
    ] {
        assert_eq!(family_total(&format!("ways_out_{name}_total")), count, "{name}");
    }
}

type Alias<T> = Result<T, ()>;

#[counter(outcome)]
fn returns_alias(n: u32) -> Alias<u32> {
    if n == 0 { Err(()) } else { Ok(n) }
}

#[counter(outcome)]
fn returns_option(n: u32) -> Option<u32> {
    (n > 0).then_some(n)
}

#[counter(outcome)]
fn returns_generic<T>(value: T) -> T {
    value
}

#[test]
fn only_a_result_is_an_error() {
    assert_eq!((returns_alias(0), returns_alias(1)), (Err(()), Ok(1)));
    assert_eq!((returns_option(0), returns_option(1)), (None, Some(1)));
    assert_eq!(returns_generic(Err::<(), ()>(())), Err(()));
    let counts = |function: &str| {
        ["ok", "error", "panic", "cancelled"]
            .map(|outcome| value(&format!("ways_out_{function}_calls_total"), &[("outcome", outcome)]).unwrap())
    };
    assert_eq!(counts("returns_alias"), [1.0, 1.0, 0.0, 0.0]);
    assert_eq!(counts("returns_option"), [2.0, 0.0, 0.0, 0.0]);
    // Which type this stands for is not known where the mark is.
    assert_eq!(counts("returns_generic"), [1.0, 0.0, 0.0, 0.0]);
}

#[counter(name = "ways_out_label_panics_total", labels(n: u32 = n.checked_sub(1).unwrap_or_else(|| on_purpose())))]
#[counter(name = "ways_out_result_panics_total", labels(n: u32 = |n: &u32| if *n == 1 { on_purpose() } else { *n }))]
#[tallymark::gauge(name = "ways_out_around_labels", track_inprogress)]
#[tallymark::histogram(name = "ways_out_around_labels_seconds")]
fn labels_panic(n: u32) -> u32 {
    n
}

#[test]
fn a_label_that_panics_leaves_nothing_in_progress() {
    assert!(panics(|| labels_panic(0)));
    assert!(panics(|| labels_panic(1)));
    assert_eq!(labels_panic(2), 2);
    assert_eq!(family_total("ways_out_label_panics_total"), 2.0);
    assert_eq!(family_total("ways_out_result_panics_total"), 1.0);
    assert_eq!(value("ways_out_around_labels", &[]), Some(0.0));
    assert_eq!(value("ways_out_around_labels_seconds", &[]), Some(2.0));
}
