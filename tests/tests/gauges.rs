//! Gauges of functions: how long the last call took, a number of its result, when one last succeeded.

#![allow(clippy::float_cmp, reason = "a gauge holds what it was set to")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use tallymark::{Gauge, LabelValue, Labels, Number, Registry, Value, gauge, histogram};
use tallymark_tests::{ON_PURPOSE, names, quiet_panics, value};

/// Takes long enough for any clock to see.
fn work() {
    std::thread::sleep(Duration::from_millis(1));
}

fn only(name: &str) -> f64 {
    value(name, &[]).expect(name)
}

fn unix_time() -> f64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs_f64()
}

/// A future that is polled once and then dropped.
fn cancel(future: impl Future) {
    let mut future = pin!(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[derive(Clone, Copy, LabelValue)]
enum Way {
    Return,
    Early,
    Question,
    Panic,
}

#[gauge(time, labels(way))]
#[gauge(set_to_current_time, labels(way))]
#[gauge(name = "gauges_way_number", set = |result: &Result<u32, String>| result.clone().unwrap_or(7), labels(way))]
fn leaves(way: Way) -> Result<u32, String> {
    work();
    match way {
        Way::Return => {}
        Way::Early => return Ok(5),
        Way::Question => Err("no".to_owned())?,
        Way::Panic => panic_any(ON_PURPOSE),
    }
    Ok(3)
}

#[test]
fn every_way_out_is_timed_and_only_a_return_is_read() {
    quiet_panics();
    let before = unix_time();
    for way in [Way::Return, Way::Early, Way::Question, Way::Panic] {
        let _ = catch_unwind(|| leaves(way));
    }
    for (way, succeeded, number) in
        [("return", true, 3.0), ("early", true, 5.0), ("question", false, 7.0), ("panic", false, 0.0)]
    {
        let of = |name| value(name, &[("way", way)]).expect(way);
        let (took, success) =
            (of("gauges_leaves_last_duration_seconds"), of("gauges_leaves_last_success_timestamp_seconds"));
        assert!((0.001..60.0).contains(&took), "{way}: {took}");
        if succeeded {
            assert!((before..before + 60.0).contains(&success), "{way}: {success}");
        } else {
            assert_eq!(success, 0.0, "{way}");
        }
        assert_eq!(of("gauges_way_number"), number, "{way}");
    }
}

#[gauge(time)]
#[gauge(set_to_current_time)]
#[gauge(set = |n: &u32| *n)]
async fn polled(n: u32) -> u32 {
    if n == 0 {
        pending::<()>().await;
    }
    work();
    n
}

#[tokio::test]
async fn a_future_is_timed_when_it_is_dropped_and_read_when_it_is_ready() {
    let all = ["gauges_polled_last_duration_seconds", "gauges_polled_last_success_timestamp_seconds", "gauges_polled"];
    drop(polled(1));
    assert_eq!(all.map(only), [0.0; 3], "never polled");
    cancel(polled(0));
    let [took, rest @ ..] = all.map(only);
    assert!(took > 0.0, "cancelled");
    assert_eq!(rest, [0.0; 2], "cancelled");
    assert_eq!(polled(4).await, 4);
    let [took, success, number] = all.map(only);
    assert!(took >= 0.001 && success > 0.0);
    assert_eq!(number, 4.0);
}

#[histogram(name = "gauges_same_seconds")]
#[gauge(name = "gauges_same_last_seconds", time)]
#[gauge(name = "gauges_same_by_result_seconds", time, labels(odd: bool = |n: &u32| !n.is_multiple_of(2)))]
fn same(n: u32) -> u32 {
    work();
    n
}

#[test]
fn a_histogram_beside_it_records_the_same_seconds() {
    same(1);
    let families = Registry::global().gather();
    let of_histogram = families.iter().find(|family| family.name() == "gauges_same_seconds").and_then(|family| {
        let Value::Histogram(histogram) = family.find(&[])?.value() else { return None };
        Some(histogram.sum())
    });
    assert_eq!(of_histogram, Some(only("gauges_same_last_seconds")));
    assert_eq!(of_histogram, value("gauges_same_by_result_seconds", &[("odd", "true")]));
    assert_eq!(value("gauges_same_by_result_seconds", &[("odd", "false")]), Some(0.0));
}

#[gauge(set_to_current_time, labels(code: u32 = |result: &Result<u32, u32>| result.unwrap_or_else(|code| code)))]
fn succeeds_by_code(result: Result<u32, u32>) -> Result<u32, u32> {
    result
}

#[test]
fn a_call_that_fails_makes_no_series_of_its_result() {
    succeeds_by_code(Err(1)).unwrap_err();
    succeeds_by_code(Ok(2)).unwrap();
    let of = |code| value("gauges_succeeds_by_code_last_success_timestamp_seconds", &[("code", code)]);
    assert_eq!(of("1"), None);
    assert!(of("2") > Some(0.0));
}

#[derive(Labels)]
struct Table {
    table: &'static str,
}

#[gauge(name = "gauges_rows")]
static ROWS: Gauge<Table, i64>;
#[gauge(name = "gauges_seconds")]
static SECONDS: Gauge;
#[gauge(name = "gauges_whole_seconds")]
static WHOLE_SECONDS: Gauge<(), i64>;

#[gauge(into = ROWS.with(&Table { table }), set = |rows: &f64| *rows)]
#[gauge(into = SECONDS, time)]
#[gauge(into = WHOLE_SECONDS, set_to_current_time)]
fn fills(table: &'static str, rows: f64) -> f64 {
    work();
    rows
}

#[test]
fn gauges_of_both_numbers_are_fed() {
    for (rows, kept) in [(12.75, 12), (-0.5, 0), (f64::NAN, 0), (1e30, i64::MAX), (f64::NEG_INFINITY, i64::MIN)] {
        fills("a", rows);
        assert_eq!(ROWS.with(&Table { table: "a" }).get(), kept, "{rows}");
    }
    assert!(SECONDS.get() >= 0.001);
    assert!(WHOLE_SECONDS.get() > 1_600_000_000);
}

#[gauge(set = |took: &Duration| *took, unit = "seconds", const_labels(zone = "eu"), help = "What it says.")]
fn says() -> Duration {
    Duration::from_millis(1500)
}

#[gauge(time, namespace = "ns")]
#[gauge(set_to_current_time, namespace = "")]
#[gauge(time, name = "gauges_whole_name")]
fn named() {}

#[test]
fn names_are_derived_as_those_of_other_marks() {
    says();
    named();
    assert_eq!(value("gauges_says_seconds", &[("zone", "eu")]), Some(1.5));
    assert!(only("named_last_success_timestamp_seconds") > 0.0);
    assert_eq!(names("ns_named"), ["ns_named_last_duration_seconds"]);
    assert_eq!(names("gauges_whole_name"), ["gauges_whole_name"]);
}

trait Job {
    #[gauge(name = "gauges_default_seconds", time)]
    fn default(&self) -> &Self {
        work();
        self
    }

    fn future(&self) -> impl Future<Output = Result<u8, ()>> + Send;
}

struct Nightly(Result<u8, ()>);

impl Job for Nightly {
    #[expect(clippy::manual_async_fn, reason = "what is written out is tried here")]
    #[gauge(name = "gauges_future_timestamp_seconds", set_to_current_time)]
    #[gauge(name = "gauges_future_number", set = |result: &Result<u8, ()>| result.is_ok())]
    fn future(&self) -> impl Future<Output = Result<u8, ()>> + Send {
        async move { self.0 }
    }
}

#[async_trait::async_trait]
trait Boxed {
    async fn boxed(self: Arc<Self>, n: u8) -> u8;
}

#[async_trait::async_trait]
impl Boxed for Nightly {
    #[gauge(name = "gauges_boxed_number", set = |n: &u8| *n)]
    #[gauge(name = "gauges_boxed_seconds", time)]
    async fn boxed(self: Arc<Self>, n: u8) -> u8 {
        work();
        n
    }
}

#[tokio::test]
async fn methods_and_futures_are_read_wherever_they_stand() {
    Nightly(Ok(1)).default();
    assert!(only("gauges_default_seconds") > 0.0);
    Nightly(Err(())).future().await.unwrap_err();
    assert_eq!((only("gauges_future_timestamp_seconds"), only("gauges_future_number")), (0.0, 0.0));
    Nightly(Ok(1)).future().await.unwrap();
    assert_eq!((only("gauges_future_timestamp_seconds") > 0.0, only("gauges_future_number")), (true, 1.0));
    assert_eq!(Arc::new(Nightly(Ok(1))).boxed(9).await, 9);
    assert_eq!((only("gauges_boxed_seconds") > 0.0, only("gauges_boxed_number")), (true, 9.0));
}

#[gauge(name = "gauges_never_seconds", time)]
fn never() -> ! {
    work();
    panic_any(ON_PURPOSE)
}

#[test]
fn what_never_returns_is_timed_when_it_panics() {
    quiet_panics();
    assert!(catch_unwind(|| never()).is_err());
    assert!(only("gauges_never_seconds") > 0.0);
}

#[tokio::test]
async fn a_gauge_is_timed_by_hand() {
    let gauge = Gauge::new("by_hand_seconds", "").unwrap();
    assert_eq!(gauge.time(|| 3), 3);
    assert!(gauge.get() > 0.0);
    gauge.set(-1.0);
    gauge.start_timer().discard();
    assert_eq!(gauge.get(), -1.0);
    let timer = gauge.start_timer();
    assert!(timer.elapsed() <= timer.stop() && gauge.get() > 0.0);
    gauge.set(-1.0);
    let handle = gauge.clone();
    let panics = || handle.time(|| panic_any(ON_PURPOSE));
    quiet_panics();
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert!(gauge.get() > 0.0);

    gauge.set(-1.0);
    drop(gauge.time_async(async {}));
    assert_eq!(gauge.get(), -1.0, "never polled");
    cancel(gauge.time_async(pending::<()>()));
    assert!(gauge.get() >= 0.0, "cancelled");
    let mut future = pin!(gauge.time_async(async { 5 }));
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(5));

    let days = Gauge::builder("days", "").values::<i64>().labels::<Table>().build().unwrap();
    let series = days.with(&Table { table: "x" });
    drop(series.start_timer());
    assert_eq!(series.get(), 0);
    series.add(5);
    series.sub(7);
    assert_eq!(series.get(), -2);
}

#[test]
fn a_function_shows_from_then_on_whatever_is_set() {
    let registry = Registry::new();
    let gauge = Gauge::new("asked", "").unwrap();
    registry.register(&gauge).unwrap();
    let asked = Arc::new(AtomicU32::new(10));
    gauge.set(5.0);
    let in_progress = gauge.track_inprogress();
    gauge.set_function({
        let asked = Arc::clone(&asked);
        move || asked.fetch_add(1, Relaxed)
    });
    gauge.set(1.0);
    gauge.add(100.0);
    gauge.time(|| gauge.inc());
    gauge.set_to_current_time();
    drop(in_progress);
    let shown = || registry.gather()[0].find(&[]).map(|series| series.value().clone());
    assert_eq!(shown(), Some(Value::Number(Number::Float(10.0))));
    assert_eq!(shown(), Some(Value::Number(Number::Float(11.0))));
    assert_eq!(gauge.get(), 12.0);
    // Another takes its place, and what it owned is gone.
    gauge.set_function(|| -0.5);
    assert_eq!((gauge.get(), Arc::strong_count(&asked)), (-0.5, 1));
}

#[test]
fn a_function_goes_with_its_series() {
    let owned = Arc::new(());
    let rows = Gauge::builder("rows", "").values::<i64>().labels::<Table>().build().unwrap();
    let function = || {
        let owned = Arc::clone(&owned);
        move || Arc::strong_count(&owned)
    };
    for table in ["a", "b", "c"] {
        rows.with(&Table { table }).set_function(function());
    }
    assert_eq!(rows.with(&Table { table: "a" }).get(), 4);
    let kept = rows.with(&Table { table: "a" });
    assert!(rows.remove(&Table { table: "a" }));
    assert_eq!((Arc::strong_count(&owned), kept.get()), (3, 0));
    kept.set_function(function());
    assert_eq!((Arc::strong_count(&owned), kept.get()), (3, 0), "of a series that has gone");
    let again = rows.with(&Table { table: "a" });
    again.set(7);
    assert_eq!(again.get(), 7);
    rows.clear();
    assert_eq!(Arc::strong_count(&owned), 1);
    rows.with(&Table { table: "b" }).set_function(function());
    drop(rows);
    assert_eq!(Arc::strong_count(&owned), 1);
}

#[test]
fn a_function_that_panics_is_left_out_of_the_page() {
    quiet_panics();
    let registry = Registry::new();
    let rows = Gauge::builder("panicking_rows", "").labels::<Table>().build().unwrap();
    registry.register(&rows).unwrap();
    rows.with(&Table { table: "a" }).set(1.0);
    rows.with(&Table { table: "b" }).set_function(|| -> f64 { panic_any(ON_PURPOSE) });
    rows.with(&Table { table: "c" }).set_function(|| true);
    let mut page = Vec::new();
    tallymark::exposition::text::write(registry.page(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let lines: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, ["panicking_rows{table=\"a\"} 1.0", "panicking_rows{table=\"c\"} 1.0"]);
    assert_eq!(rows.with(&Table { table: "b" }).get(), 0.0);
}

#[test]
fn a_function_may_use_metrics_and_pages_itself() {
    static ROWS_SEEN: OnceLock<Gauge<Table>> = OnceLock::new();
    let registry = Arc::new(Registry::new());
    let rows = ROWS_SEEN.get_or_init(|| Gauge::builder("seen_rows", "").labels::<Table>().build().unwrap());
    registry.register(rows).unwrap();
    rows.with(&Table { table: "a" }).set(2.0);
    let depth = Gauge::new("depth", "").unwrap();
    depth.set_function({
        let registry = Arc::clone(&registry);
        move || {
            rows.with(&Table { table: "b" }).inc();
            rows.remove(&Table { table: "b" });
            registry.gather().len()
        }
    });
    let own = Registry::new();
    own.register(&depth).unwrap();
    assert_eq!(own.gather()[0].series()[0].value(), &Value::Number(Number::Float(1.0)));
}

#[test]
fn functions_and_settings_meet_in_many_threads() {
    let gauge = Gauge::builder("met", "").values::<i64>().build().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_i64 {
            let gauge = &gauge;
            scope.spawn(move || {
                for round in 0..1000 {
                    match thread {
                        0 if round == 500 => gauge.set_function(|| 77),
                        0 | 1 => gauge.inc(),
                        2 => gauge.set(round),
                        _ => _ = gauge.get(),
                    }
                }
            });
        }
    });
    assert_eq!(gauge.get(), 77);
}
