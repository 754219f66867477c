//! Gauges that are set, and moved meanwhile.

use std::thread;

use tallymark::{Gauge, GaugeSeries, GaugeValue, Labels, Registry, gauge};

use crate::figure;
use crate::page::scrape;

const THREADS: u32 = 8;

/// Set and moved.
#[gauge(name = "stress_level")]
static LEVEL: Gauge;

#[derive(Labels)]
struct Pool {
    pool: u8,
}

fn meanwhile(run: impl Fn(u32) + Sync) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let run = &run;
            scope.spawn(move || run(thread));
        }
    });
}

fn mixed<V: GaugeValue + PartialEq>(gauge: &GaugeSeries<V>, of: fn(i32) -> V) {
    let each = figure(200_000);
    // It has never been set: every movement counts.
    meanwhile(|_| {
        for _ in 0..each {
            gauge.inc();
            gauge.inc_by(of(3));
            gauge.dec_by(of(3));
            gauge.dec();
        }
        gauge.inc();
    });
    assert!(gauge.get() == of(8));

    // What comes before a `set`, and what after it, is not told.
    meanwhile(|thread| {
        for turn in 0..each {
            match (u64::from(thread) + turn) % 5 {
                0 => gauge.set(of(100)),
                1 | 2 => gauge.inc(),
                _ => gauge.dec(),
            }
        }
    });

    gauge.set(of(-7));
    assert!(gauge.get() == of(-7));
    meanwhile(|thread| {
        for _ in 0..each {
            gauge.inc_by(of(2));
            gauge.dec();
            gauge.dec();
        }
        if thread == 0 {
            gauge.inc_by(of(10));
        }
    });
    assert!(gauge.get() == of(3));
}

#[test]
fn a_gauge_is_exact_when_nobody_moves_it() {
    let integers = Gauge::builder("integers", "").values::<i64>().labels::<Pool>().build().unwrap();
    mixed(&integers.with(&Pool { pool: 1 }), i64::from);
    let floats = Gauge::builder("floats", "").labels::<Pool>().build().unwrap();
    mixed(&floats.with(&Pool { pool: 1 }), f64::from);
}

#[test]
fn what_is_set_is_read_back() {
    let each = figure(100_000);
    let registry = Registry::new();
    registry.register(&LEVEL).unwrap();
    thread::scope(|scope| {
        // Those who only read see what was set, whole.
        let setter = scope.spawn(|| {
            for turn in 0..each {
                LEVEL.set(if turn % 2 == 0 { 1e300 } else { -0.5 });
            }
        });
        while !setter.is_finished() {
            let read = LEVEL.get();
            assert!(read == 0.0 || read == 1e300 || read == -0.5, "{read}");
        }
    });
    LEVEL.set(2.5);
    meanwhile(|_| (0..each).for_each(|_| LEVEL.track_inprogress().drop_now()));
    assert_eq!(scrape(&registry)["stress_level"], 2.5);
}

trait DropNow: Sized {
    fn drop_now(self) {}
}

impl DropNow for tallymark::InProgress {}
