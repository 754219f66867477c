//! What is taken back while others go on: counters that are reset, functions that give way to others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

use tallymark::{Counter, CounterSeries, CounterValue, Gauge, Labels, Registry};

use crate::page::{Done, scrape};
use crate::{figure, join};

const THREADS: u64 = 4;

#[derive(Labels)]
struct Open<'a> {
    path: &'a str,
}

/// How often threads have begun to count, and how often they have.
#[derive(Default)]
struct Tally {
    begun: AtomicU64,
    finished: AtomicU64,
}

impl Tally {
    fn count(&self, count: impl FnOnce()) {
        self.begun.fetch_add(1, SeqCst);
        count();
        self.finished.fetch_add(1, SeqCst);
    }
}

fn reset_while_counted<V: CounterValue + PartialEq + std::fmt::Debug>(
    counter: &CounterSeries<V>,
    read: impl Fn() -> f64 + Sync,
    of: fn(u32) -> V,
) {
    let resets = figure(50_000);
    let tally = Tally::default();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(SeqCst) {
                        tally.count(|| counter.inc_by(of(1)));
                    }
                })
            })
            .collect();
        let ends = Done(&done);
        let mut last = (0, 0);
        for turn in 0..resets {
            // What had been counted before this is gone; what begins after the reset isn't.
            let finished = tally.finished.load(SeqCst);
            counter.reset();
            let begun = tally.begun.load(SeqCst);
            let value = read();
            let most = tally.begun.load(SeqCst) - finished;
            assert!(value <= most as f64, "{turn}: {value} of {most}");
            last = (finished, begun);
        }
        drop(ends);
        join(writers);
        let ((finished, begun), all) = (last, tally.finished.load(SeqCst));
        let value = read();
        assert!(value >= (all - begun) as f64 && value <= (all - finished) as f64, "{value}: {last:?}, {all}");
    });

    // Nobody counts at the last reset, and all of what comes after it is there.
    counter.reset();
    assert_eq!((counter.get(), read()), (of(0), 0.0));
    let each = figure(500_000);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..each).for_each(|_| counter.inc_by(of(3))));
        }
    });
    assert_eq!(read(), (3 * THREADS * each) as f64);
}

#[test]
fn a_counter_that_is_reset_shows_what_was_counted_since() {
    let registry = Registry::new();
    let integers = Counter::builder("integers_total", "").labels::<Open<'static>>().build().unwrap();
    let floats = Counter::builder("floats_total", "").values::<f64>().labels::<Open<'static>>().build().unwrap();
    registry.register(&integers).unwrap();
    registry.register(&floats).unwrap();
    let path = "/";
    let (a, b) = ("integers_total{path=\"/\"}", "floats_total{path=\"/\"}");
    reset_while_counted(&integers.with(&Open { path }), || scrape(&registry)[a], u64::from);
    reset_while_counted(&floats.with(&Open { path }), || scrape(&registry)[b], f64::from);
}

/// Threads reset at once: nobody finds less than nothing, and nothing that was counted once counts again.
#[test]
fn a_counter_that_several_threads_reset_never_goes_beyond_what_was_counted() {
    let each = figure(200_000);
    let registry = Registry::new();
    let counter = Counter::new("counted_total", "").unwrap();
    registry.register(&counter).unwrap();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    for turn in 0..each {
                        counter.inc();
                        if turn % 64 == 0 {
                            counter.reset();
                        }
                        let value = counter.get();
                        assert!(value <= THREADS * each, "{value}");
                    }
                })
            })
            .collect();
        join(threads);
    });
    counter.reset();
    counter.inc();
    assert_eq!(scrape(&registry)["counted_total"], 1.0);
}

#[test]
fn a_function_that_gives_way_to_another_is_shown_or_the_other_is() {
    let scrapes = figure(50_000);
    let registry = Registry::new();
    let plain = Gauge::new("plain", "").unwrap();
    let open = Gauge::builder("open", "").values::<i64>().labels::<Open<'static>>().build().unwrap();
    registry.register(&plain).unwrap();
    registry.register(&open).unwrap();
    let held = Arc::new(());
    let number = |number: u64| {
        let held = Arc::clone(&held);
        move || {
            assert!(Arc::strong_count(&held) > 1);
            number
        }
    };
    plain.set_function(number(1000));
    open.with(&Open { path: "/" }).set_function(number(1000));

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (plain, open, number, done) = (&plain, &open, &number, &done);
            scope.spawn(move || {
                let mut turn = 0;
                while !done.load(SeqCst) {
                    plain.set_function(number(1000 + thread));
                    open.with(&Open { path: "/" }).set_function(number(1000 + thread));
                    // What is set or moved otherwise changes nothing.
                    plain.set(-1.0);
                    open.with(&Open { path: "/" }).inc();
                    open.with(&Open { path: "/gone" }).set_function(number(2000 + thread));
                    if turn % 3 == 0 {
                        open.remove(&Open { path: "/gone" });
                    }
                    turn += 1;
                }
            });
        }
        let _ends = Done(&done);
        for _ in 0..scrapes {
            let samples = scrape(&registry);
            let shown = |sample: &str| samples[sample] >= 1000.0 && samples[sample] < (1000 + THREADS) as f64;
            assert!(shown("plain") && shown("open{path=\"/\"}"), "{samples:?}");
            // It is there before it has been given a function.
            let gone = samples.get("open{path=\"/gone\"}").copied().unwrap_or_default();
            assert!(gone == 0.0 || (2000.0..(2000 + THREADS) as f64).contains(&gone), "{gone}");
        }
    });
    plain.set_function(number(5));
    open.with(&Open { path: "/" }).set_function(number(7));
    open.remove(&Open { path: "/gone" });
    let samples = scrape(&registry);
    assert_eq!((samples["plain"], samples["open{path=\"/\"}"]), (5.0, 7.0));
    // Those that gave way are gone, and so are those of series that went.
    assert_eq!(Arc::strong_count(&held), 3);
}
