//! The change of a series, told apart by threads.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]
#![allow(clippy::float_cmp, reason = "what is compared is exact")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tallymark::testing::{self, Change};
use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Info, LabelValue, Labels, MetricKind, Registry,
    StateSet, Summary, count_exceptions, counter, gauge, histogram,
};

#[derive(Labels)]
struct User<'a> {
    user: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

const THREADS: usize = 8;
const ROUNDS: u32 = 40;

/// Runs this in eight threads at once, each of which has its number.
fn side_by_side(test: impl Fn(u32) + Sync) {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for number in (1..).take(THREADS) {
            let (test, barrier) = (&test, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..ROUNDS {
                    test(number);
                }
            });
        }
    });
}

fn message(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    payload.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn each_thread_finds_what_it_has_counted_in_series_that_all_count_in() {
    let registry = Registry::new();
    let plain = Counter::new("plain_total", "").unwrap();
    let open = Counter::builder("open_total", "").labels::<User<'static>>().build().unwrap();
    let float = Counter::builder("float_total", "").values::<f64>().build().unwrap();
    let moved = Gauge::new("moved", "").unwrap();
    let whole = Gauge::builder("whole", "").values::<i64>().build().unwrap();
    let latency = Histogram::builder("latency", "").buckets([1.0, 4.0]).unwrap().build().unwrap();
    let sizes = Summary::builder("sizes", "").quantiles([(0.5, 0.05)]).unwrap().build().unwrap();
    registry.register(&plain).unwrap();
    registry.register(&open).unwrap();
    registry.register(&float).unwrap();
    registry.register(&moved).unwrap();
    registry.register(&whole).unwrap();
    registry.register(&latency).unwrap();
    registry.register(&sizes).unwrap();
    side_by_side(|number| {
        let of = |name: &str, labels: &[(&str, &str)]| Change::of_registry(&registry, name, labels.iter().copied());
        let user = [("user", "a")];
        let changes = [
            (of("plain_total", &[]), f64::from(number)),
            (of("open_total", &user), f64::from(number)),
            (of("open_total", &[("user", "nobody")]), 0.0),
            (of("float_total", &[]), f64::from(number) + 0.5),
            (of("moved", &[]), 1.5 - f64::from(number)),
            (of("whole", &[]), 1.0 - f64::from(number)),
            (of("latency_count", &[]), f64::from(number)),
            (of("latency_sum", &[]), f64::from(number * number)),
            (of("latency_bucket", &[("le", "4")]), f64::from(if number <= 4 { number } else { 0 })),
            (of("latency_bucket", &[("le", "+Inf")]), f64::from(number)),
            (of("sizes_count", &[]), f64::from(number)),
            (of("sizes_sum", &[]), f64::from(number * number)),
        ];
        for _ in 0..number {
            plain.inc();
            open.with(&User { user: "a" }).inc();
            latency.observe(number);
            sizes.observe(number);
        }
        float.inc_by(f64::from(number));
        float.inc_by(0.5);
        moved.inc_by(1.5);
        moved.dec_by(f64::from(number));
        whole.inc();
        whole.dec_by(i64::from(number));
        for (change, by) in changes {
            change.assert_on_this_thread(by);
        }
    });
    let all = f64::from(ROUNDS) * 36.0;
    assert_eq!(registry.value("plain_total", []), Some(all));
    assert_eq!(registry.value("open_total", [("user", "a")]), Some(all));
    assert_eq!(registry.value("latency_count", []), Some(all));
}

/// Calls.
#[counter(name = "testing_calls_total", labels(user))]
#[histogram(name = "testing_call_seconds")]
#[gauge(name = "testing_calls_inprogress", track_inprogress)]
#[count_exceptions(Err, name = "testing_failed_total")]
fn call(user: &str) -> Result<usize, ()> {
    if user.is_empty() { Err(()) } else { Ok(user.len()) }
}

#[test]
fn each_test_finds_what_its_calls_of_marked_functions_counted() {
    side_by_side(|number| {
        for user in ["", "a", "b"] {
            for _ in 0..number {
                let result = testing::assert_change("testing_calls_total", [("user", user)], 1, || call(user));
                assert_eq!(result.is_ok(), !user.is_empty());
            }
            let failed = if user.is_empty() { 1.0 } else { 0.0 };
            assert_eq!(testing::change("testing_failed_total", [], || call(user)), failed);
            assert_eq!(testing::change("testing_call_seconds_count", [], || call(user)), 1.0);
            testing::assert_change("testing_calls_inprogress", [], 0, || call(user).ok());
        }
    });
}

#[test]
fn a_counter_that_has_counted_in_its_line_is_counted_by_threads_from_then_on() {
    let registry = Registry::new();
    let open = Counter::builder("open_total", "").labels::<User<'static>>().build().unwrap();
    registry.register(&open).unwrap();
    let series = open.with(&User { user: "a" });
    series.inc_by(3);
    let change = Change::of_registry(&registry, "open_total", [("user", "a")]);
    thread::scope(|scope| scope.spawn(|| series.inc_by(4)).join().unwrap());
    change.assert_on_this_thread(0);
    series.inc_by(5);
    change.assert_on_this_thread(5);
    change.assert_in_process(9);
    drop(change);
    series.inc_by(6);
    assert_eq!(registry.value("open_total", [("user", "a")]), Some(18.0));
}

#[test]
fn a_gauge_that_is_set_changes_for_all_threads() {
    let registry = Registry::new();
    let set = Gauge::new("depth", "").unwrap();
    registry.register(&set).unwrap();
    thread::scope(|scope| scope.spawn(|| set.inc_by(7.0)).join().unwrap());
    set.inc_by(2.0);
    let before = Change::of_registry(&registry, "depth", []);
    set.set(12.0);
    assert_eq!((before.on_this_thread(), before.in_process()), (3.0, 3.0));
    let after = Change::of_registry(&registry, "depth", []);
    thread::scope(|scope| scope.spawn(|| set.dec()).join().unwrap());
    assert_eq!((after.on_this_thread(), after.in_process()), (-1.0, -1.0));
    set.set_function(|| 5.0);
    assert_eq!((after.on_this_thread(), after.in_process()), (-7.0, -7.0));
}

#[test]
fn a_series_that_comes_or_goes_reads_0_where_it_is_not_there() {
    let registry = Registry::new();
    let open = Counter::builder("open_total", "").labels::<User<'static>>().build().unwrap();
    registry.register(&open).unwrap();
    let user = |user: &'static str| Change::of_registry(&registry, "open_total", [("user", user)]);
    let made = user("a");
    open.with(&User { user: "a" }).inc_by(20);
    assert_eq!((made.on_this_thread(), made.in_process()), (20.0, 20.0));
    let removed = user("a");
    assert!(open.remove(&User { user: "a" }));
    assert_eq!((removed.on_this_thread(), removed.in_process()), (-20.0, -20.0));
    open.with(&User { user: "a" }).inc_by(3);
    assert_eq!((removed.on_this_thread(), removed.in_process()), (-17.0, -17.0));
    let never = user("b");
    open.clear();
    assert_eq!((never.on_this_thread(), never.in_process()), (0.0, 0.0));
}

#[test]
fn a_reset_is_nothing_that_a_thread_has_counted() {
    let registry = Registry::new();
    let jobs = Counter::new("jobs_total", "").unwrap();
    let float = Counter::builder("float_total", "").values::<f64>().build().unwrap();
    registry.register(&jobs).unwrap();
    registry.register(&float).unwrap();
    thread::scope(|scope| scope.spawn(|| (jobs.inc_by(100), float.inc_by(100.5))).join().unwrap());
    jobs.reset();
    float.reset();
    let changes = ["jobs_total", "float_total"].map(|name| Change::of_registry(&registry, name, []));
    jobs.inc();
    float.inc();
    for change in &changes {
        assert_eq!((change.on_this_thread(), change.in_process()), (1.0, 1.0));
    }
    jobs.reset();
    float.reset();
    for change in &changes {
        assert_eq!((change.on_this_thread(), change.in_process()), (1.0, 0.0));
    }
}

#[test]
fn what_is_not_counted_in_cells_changes_for_all_threads() {
    struct Given;

    impl Collector for Given {
        fn describe(&self) -> Vec<Descriptor> {
            Descriptor::new(MetricKind::Gauge, "given", "").into_iter().collect()
        }

        fn collect(&self, out: &mut Collected) {
            out.gauge("given", "").value(testing::value("tallymark_collisions", []).unwrap_or_default());
        }
    }

    let registry = Registry::new();
    let state = StateSet::<State>::new("job", "").unwrap();
    let info = Info::new("about", "").unwrap();
    let sizes = Summary::builder("sizes", "").quantiles([(0.5, 0.05)]).unwrap().build().unwrap();
    registry.register(&state).unwrap();
    registry.register(&info).unwrap();
    registry.register(&sizes).unwrap();
    registry.register(Given).unwrap();
    sizes.observe(1.0);
    let busy = Change::of_registry(&registry, "job", [("job", "busy")]);
    let idle = Change::of_registry(&registry, "job", [("job", "idle")]);
    let about = Change::of_registry(&registry, "about_info", []);
    let given = Change::of_registry(&registry, "given", []);
    let median = Change::of_registry(&registry, "sizes", [("quantile", "0.5")]);
    thread::scope(|scope| {
        let job = scope.spawn(|| {
            state.set(State::Busy);
            (0..9).for_each(|_| sizes.observe(5.0));
        });
        job.join().unwrap();
    });
    busy.assert_on_this_thread(1);
    idle.assert_on_this_thread(-1);
    about.assert_on_this_thread(0);
    given.assert_on_this_thread(0);
    median.assert_on_this_thread(4.0);
    state.set(State::Idle);
}

/// Mails sent.
#[counter(name = "testing_mails_total")]
async fn send() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test]
async fn futures_on_a_runtime_of_one_thread_are_counted_on_this_thread() {
    let mails = Change::of("testing_mails_total", []);
    send().await;
    let spawned = [tokio::spawn(send()), tokio::spawn(send())];
    for task in spawned {
        task.await.unwrap();
    }
    mails.assert_on_this_thread(3);
}

/// Parcels.
#[counter(name = "testing_parcels_total")]
fn pack() {}

#[test]
fn the_process_counts_what_all_threads_do() {
    let packed = || thread::scope(|scope| scope.spawn(pack).join().unwrap());
    assert_eq!(testing::change("testing_parcels_total", [], packed), 0.0);
    assert_eq!(testing::process_change("testing_parcels_total", [], packed), 1.0);
    testing::assert_process_change("testing_parcels_total", [], 1, packed);
    let message = message(|| testing::assert_change("testing_parcels_total", [], 1, packed));
    assert!(message.ends_with("; the rest is what other threads counted"), "{message}");
}

#[test]
fn fractions_are_compared_to_nine_digits_and_whole_numbers_exactly() {
    let registry = Registry::new();
    let float = Counter::builder("float_total", "").values::<f64>().build().unwrap();
    registry.register(&float).unwrap();
    float.inc_by(0.1);
    let change = Change::of_registry(&registry, "float_total", []);
    (0..1000).for_each(|_| float.inc_by(0.1));
    change.assert_on_this_thread(100);
    change.assert_in_process(Duration::from_secs(100));
    message(|| change.assert_on_this_thread(100.000_01));
    let whole = Counter::new("whole_total", "").unwrap();
    registry.register(&whole).unwrap();
    whole.inc_by(1 << 60);
    let change = Change::of_registry(&registry, "whole_total", []);
    whole.inc();
    change.assert_in_process(1);
    change.assert_on_this_thread(1);
    message(|| change.assert_on_this_thread(2));
}

#[test]
fn a_panic_says_what_changed_by_how_much_and_what_is_near() {
    let registry = Registry::new();
    let orders = Counter::builder("orders_total", "").labels::<User<'static>>().build().unwrap();
    let latency = Histogram::builder("latency_seconds", "").buckets([0.1, 1.0]).unwrap().build().unwrap();
    registry.register(&orders).unwrap();
    registry.register(&latency).unwrap();
    let says = |name: &str, labels: &[(&str, &str)]| {
        message(|| Change::of_registry(&registry, name, labels.iter().copied()).assert_on_this_thread(1))
    };
    // Labels are known before there is a series.
    assert_eq!(
        says("orders_total", &[("usr", "a")]),
        "`orders_total` has no label `usr`; `user` is near; its labels: `user`"
    );
    orders.with(&User { user: "anna" }).inc();
    for (name, labels, expected) in [
        (
            "orders_total",
            &[("user", "anna")][..],
            "`orders_total{user=\"anna\"}` changed by 0 on this thread, not by 1; it read 1, and reads 1",
        ),
        (
            "orders_total",
            &[("user", "ana")],
            "`orders_total{user=\"ana\"}` changed by 0 on this thread, not by 1; it read 0, and reads 0; there is no such \
             series, but `orders_total{user=\"anna\"}`",
        ),
        ("orders_total", &[], "`orders_total` has a label `user` too; give all of them: `user`"),
        ("ordres_total", &[], "there is no metric `ordres_total` in the registry; near is `orders_total`"),
        ("orders", &[], "there is no metric `orders` in the registry; near is `orders_total`"),
        (
            "nothing_like_that",
            &[],
            "there is no metric `nothing_like_that` in the registry; register it, or correct the name",
        ),
        (
            "latency_seconds",
            &[],
            "`latency_seconds` is of the type histogram, whose samples are `latency_seconds_bucket`, \
             `latency_seconds_sum`, `latency_seconds_count`",
        ),
        (
            "latency_seconds_bucket",
            &[("le", "0.3")],
            "`latency_seconds_bucket` has no sample for `0.3`; there are `0.1`, `1`, `+Inf`",
        ),
        ("latency_seconds_bucket", &[], "`latency_seconds_bucket` has a label `le` too; give all of them: `le`"),
    ] {
        assert_eq!(says(name, labels), expected);
    }
}

#[test]
fn a_panic_names_the_line_of_the_test() {
    use std::cell::Cell;
    use std::panic;

    thread_local!(static LINE: Cell<u32> = const { Cell::new(0) });
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().unwrap();
        LINE.set(if place.file().ends_with("tests/testing.rs") { place.line() } else { 0 });
        before(info);
    }));
    let registry = Registry::new();
    let change = Change::of_registry(&registry, "no_such", []);
    for (asserted, line) in [
        (&(|| testing::assert_change("no_such", [], 1, || ())) as &dyn Fn(), line!()),
        (&|| testing::assert_process_change("no_such", [], 1, || ()), line!()),
        (&|| _ = testing::change("no_such", [], || ()), line!()),
        (&|| _ = testing::process_change("no_such", [], || ()), line!()),
        (&|| _ = change.on_this_thread(), line!()),
        (&|| _ = change.in_process(), line!()),
        (&|| change.assert_on_this_thread(1), line!()),
        (&|| change.assert_in_process(1), line!()),
        (&|| testing::assert_text(&registry, &[], "x"), line!()),
    ] {
        message(asserted);
        assert_eq!(LINE.get(), line);
    }
}
