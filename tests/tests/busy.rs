//! The time in which a future is being polled, and that in which it waits.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tallymark::{Registry, Value, gauge, histogram};
use tallymark_tests::{ON_PURPOSE, quiet_panics, value};

/// How long a poll takes.
const POLL: Duration = Duration::from_millis(5);
/// How long a future waits between two.
const WAIT: Duration = Duration::from_millis(20);

/// The count and the sum of a histogram's series with these labels.
fn timed(name: &str, labels: &[(&str, &str)]) -> (u64, f64) {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name).expect(name);
    let Some(Value::Histogram(histogram)) = family.find(labels).map(|series| series.value().clone()) else {
        panic!("{name}{labels:?}")
    };
    (histogram.count(), histogram.sum())
}

fn once(name: &str) -> f64 {
    let (count, sum) = timed(name, &[]);
    assert_eq!(count, 1, "{name}");
    sum
}

/// Takes its time in each of so many polls.
async fn works(polls: u32) {
    let mut left = polls;
    poll_fn(|_| {
        std::thread::sleep(POLL);
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Polls a future up to so often, with a wait behind each poll that gives nothing, and drops it. Says how long all of that
/// took.
fn drive(future: impl Future, most: u32) -> f64 {
    let began = Instant::now();
    {
        let mut future = pin!(future);
        for _ in 0..most {
            if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                break;
            }
            std::thread::sleep(WAIT);
        }
    }
    began.elapsed().as_secs_f64()
}

/// Holds the two against how often a future was polled and how often it waited, and all of the time. The clocks agree to
/// less than a hundredth.
#[track_caller]
fn add_up(busy: f64, idle: f64, polls: u32, waits: u32, all: f64) {
    assert!(busy >= 0.99 * (POLL * polls).as_secs_f64(), "busy: {busy}");
    assert!(idle >= 0.99 * (WAIT * waits).as_secs_f64(), "idle: {idle}");
    assert!(busy + idle <= 1.01 * all, "{busy} + {idle} of {all}");
}

#[histogram(name = "busy_ready_busy_seconds", time = busy)]
#[histogram(name = "busy_ready_idle_seconds", time = idle)]
#[histogram(name = "busy_ready_seconds", time = wall)]
#[gauge(name = "busy_ready_last_busy_seconds", time = busy)]
#[gauge(name = "busy_ready_last_idle_seconds", time = idle)]
async fn ready(polls: u32) {
    works(polls).await;
}

#[test]
fn polls_are_busy_and_the_rest_is_idle() {
    drop(ready(1));
    assert_eq!(timed("busy_ready_busy_seconds", &[]).0, 0, "never polled");
    let all = drive(ready(3), 9);
    let (busy, idle, wall) =
        (once("busy_ready_busy_seconds"), once("busy_ready_idle_seconds"), once("busy_ready_seconds"));
    add_up(busy, idle, 3, 2, all);
    assert!(busy <= wall && wall <= 1.01 * all);
    assert_eq!(value("busy_ready_last_busy_seconds", &[]), Some(busy));
    assert_eq!(value("busy_ready_last_idle_seconds", &[]), Some(idle));
}

#[histogram(time = busy)]
#[histogram(time = idle)]
async fn cancelled() {
    works(9).await;
}

#[test]
fn what_is_dropped_has_been_busy_and_idle() {
    let all = drive(cancelled(), 2);
    add_up(once("busy_cancelled_busy_seconds"), once("busy_cancelled_idle_seconds"), 2, 2, all);
}

#[histogram(time = busy, labels(kind: &'static str = "panic"))]
#[histogram(time = idle, outcome)]
#[histogram(name = "busy_by_outcome_seconds", time = busy, outcome)]
async fn panics() {
    works(2).await;
    std::thread::sleep(POLL);
    panic_any(ON_PURPOSE);
}

#[test]
fn a_poll_that_panics_is_busy() {
    quiet_panics();
    let began = Instant::now();
    catch_unwind(AssertUnwindSafe(|| drive(panics(), 9))).unwrap_err();
    let all = began.elapsed().as_secs_f64();
    let panicked = [("outcome", "panic")];
    let (count, busy) = timed("busy_panics_busy_seconds", &[("kind", "panic")]);
    assert_eq!((count, busy), timed("busy_by_outcome_seconds", &panicked));
    let (also, idle) = timed("busy_panics_idle_seconds", &panicked);
    assert_eq!((count, also), (1, 1));
    add_up(busy, idle, 3, 1, all);
}

#[histogram(time = busy, labels(part: u32))]
#[histogram(name = "busy_parts_by_result_seconds", time = idle, labels(n: u32 = |n: &u32| *n))]
async fn parts((part, polls): (u32, u32)) -> u32 {
    works(polls).await;
    part + 1
}

#[test]
fn labels_of_patterns_and_results_are_read() {
    let all = drive(parts((7, 2)), 9);
    let (busy, idle) =
        (timed("busy_parts_busy_seconds", &[("part", "7")]), timed("busy_parts_by_result_seconds", &[("n", "8")]));
    assert_eq!((busy.0, idle.0), (1, 1));
    add_up(busy.1, idle.1, 2, 1, all);
}

trait Job {
    #[histogram(name = "busy_default_seconds", time = busy)]
    async fn default(&self) {
        works(1).await;
    }

    fn boxed<'a>(&'a self, polls: &'a u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>>;
}

struct Nightly;

impl Job for Nightly {
    #[histogram(name = "busy_boxed_seconds", time = busy, labels(polls: u32 = *polls))]
    fn boxed<'a>(&'a self, polls: &'a u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
        Box::pin(async move {
            works(*polls).await;
            *polls
        })
    }
}

#[async_trait::async_trait]
trait Async {
    async fn run(&self) -> u8;
}

#[async_trait::async_trait]
impl Async for Nightly {
    #[histogram(name = "busy_async_trait_seconds", time = busy)]
    async fn run(&self) -> u8 {
        works(1).await;
        1
    }
}

#[expect(clippy::manual_async_fn, reason = "what is written out is tried here")]
#[histogram(name = "busy_made_by_hand_seconds", time = busy)]
fn made_by_hand() -> impl Future<Output = ()> {
    async { works(1).await }
}

#[tokio::test]
async fn methods_and_async_blocks_are_polled_too() {
    Nightly.default().await;
    assert_eq!(Nightly.boxed(&1).await, 1);
    assert_eq!(Nightly.run().await, 1);
    tokio::spawn(made_by_hand()).await.unwrap();
    for name in ["busy_default_seconds", "busy_async_trait_seconds", "busy_made_by_hand_seconds"] {
        assert!(once(name) > 0.0, "{name}");
    }
    assert_eq!(timed("busy_boxed_seconds", &[("polls", "1")]).0, 1);
}
