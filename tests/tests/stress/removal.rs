//! A series that is removed and made again begins at 0, whoever still counts in the old one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Barrier, RwLock};
use std::thread;

use tallymark::{Counter, CounterSeries, Gauge, GaugeSeries, Histogram, HistogramSeries, LabelValue, Labels, Registry};

use crate::figure;
use crate::page::{Done, scrape};

#[derive(Clone, Copy, LabelValue)]
enum Side {
    Left,
    Right,
}

#[derive(Labels)]
struct Finite {
    side: Side,
}

#[derive(Labels)]
struct Open<'a> {
    path: &'a str,
}

/// Families of each kind, finite and open.
struct Families {
    finite: Counter<Finite>,
    open: Counter<Open<'static>>,
    floats: Counter<Open<'static>, f64>,
    gauge: Gauge<Finite, i64>,
    histogram: Histogram<Open<'static>>,
}

/// Their series of one label set.
#[derive(Clone)]
struct Handles {
    finite: CounterSeries,
    open: CounterSeries,
    floats: CounterSeries<f64>,
    gauge: GaugeSeries<i64>,
    histogram: HistogramSeries,
}

const PATH: &str = "/a/path/that/is/longer/than/a/line/has/room/for";

impl Families {
    fn new() -> Self {
        Self {
            finite: Counter::builder("finite_total", "").labels::<Finite>().build().unwrap(),
            open: Counter::builder("open_total", "").labels::<Open<'static>>().build().unwrap(),
            floats: Counter::builder("floats_total", "").labels::<Open<'static>>().values::<f64>().build().unwrap(),
            gauge: Gauge::builder("gauge", "").labels::<Finite>().values::<i64>().build().unwrap(),
            histogram: Histogram::builder("seconds", "")
                .buckets([1.0])
                .unwrap()
                .labels::<Open<'static>>()
                .build()
                .unwrap(),
        }
    }

    fn register(&self, registry: &Registry) {
        registry.register(&self.finite).unwrap();
        registry.register(&self.open).unwrap();
        registry.register(&self.floats).unwrap();
        registry.register(&self.gauge).unwrap();
        registry.register(&self.histogram).unwrap();
    }

    fn handles(&self, side: Side) -> Handles {
        let path = match side {
            Side::Left => PATH,
            Side::Right => "/",
        };
        Handles {
            finite: self.finite.with(&Finite { side }),
            open: self.open.with(&Open { path }),
            floats: self.floats.with(&Open { path }),
            gauge: self.gauge.with(&Finite { side }),
            histogram: self.histogram.with(&Open { path }),
        }
    }

    fn remove(&self, side: Side) {
        let path = match side {
            Side::Left => PATH,
            Side::Right => "/",
        };
        assert!(self.finite.remove(&Finite { side }));
        assert!(self.open.remove(&Open { path }));
        assert!(self.floats.remove(&Open { path }));
        assert!(self.gauge.remove(&Finite { side }));
        assert!(self.histogram.remove(&Open { path }));
    }
}

impl Handles {
    fn count(&self) {
        self.finite.inc();
        self.open.inc();
        self.floats.inc_by(0.5);
        self.gauge.inc();
        self.histogram.observe(2);
    }
}

/// The samples whose value is how often [`Handles::count`] was called, each with what that is multiplied by.
fn counted(registry: &Registry, side: Side) -> [f64; 6] {
    let samples = scrape(registry);
    let (side, path) = match side {
        Side::Left => ("left", PATH),
        Side::Right => ("right", "/"),
    };
    [
        (format!("finite_total{{side=\"{side}\"}}"), 1.0),
        (format!("open_total{{path=\"{path}\"}}"), 1.0),
        (format!("floats_total{{path=\"{path}\"}}"), 0.5),
        (format!("gauge{{side=\"{side}\"}}"), 1.0),
        (format!("seconds_bucket{{path=\"{path}\",le=\"+Inf\"}}"), 1.0),
        (format!("seconds_sum{{path=\"{path}\"}}"), 2.0),
    ]
    .map(|(name, each)| samples.get(&name).map_or(0.0, |value| value / each))
}

/// Threads count in series that have been removed, while others count in those that have their labels now. With
/// `crowded`, so many threads are there that none of these has a shard of its own.
fn removed_while_written(generations: u64, crowded: bool) {
    const WRITERS: u64 = 4;
    const EACH: u64 = 100;

    let registry = Registry::new();
    let families = Families::new();
    families.register(&registry);
    let untouched = families.handles(Side::Right);
    untouched.count();
    let current = RwLock::new(families.handles(Side::Left));
    let removed = RwLock::new(None::<Handles>);
    let turn = Barrier::new(usize::try_from(WRITERS).unwrap() + 1);
    let done = AtomicBool::new(false);
    let (crowd, leave) = (if crowded { 300 } else { 0 }, AtomicBool::new(false));
    let arrived = Barrier::new(crowd + 1);

    thread::scope(|scope| {
        let leaves = Done(&leave);
        for _ in 0..crowd {
            scope.spawn(|| {
                untouched.finite.inc();
                arrived.wait();
                while !leave.load(SeqCst) {
                    thread::park_timeout(std::time::Duration::from_millis(50));
                }
            });
        }
        arrived.wait();
        // Some live long, some count only once, in a shard that another thread has just left.
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    if let Some(removed) = &*removed.read().unwrap() {
                        removed.count();
                    }
                }
            });
        }
        scope.spawn(|| {
            while !done.load(SeqCst) {
                let Some(removed) = removed.read().unwrap().clone() else { continue };
                thread::scope(|one| one.spawn(|| removed.count()).join().unwrap());
            }
        });
        for writer in 0..WRITERS {
            let (current, turn) = (&current, &turn);
            scope.spawn(move || {
                for _ in 0..generations {
                    turn.wait();
                    let handles = current.read().unwrap().clone();
                    let count = || (0..EACH).for_each(|_| handles.count());
                    if writer == 0 {
                        thread::scope(|one| one.spawn(count).join().unwrap());
                    } else {
                        count();
                    }
                    turn.wait();
                }
            });
        }
        let mut wrong = Vec::new();
        for generation in 0..generations {
            turn.wait();
            turn.wait();
            let counted = counted(&registry, Side::Left);
            if counted != [(WRITERS * EACH) as f64; 6] {
                wrong.push((generation, counted));
            }
            *removed.write().unwrap() = Some(current.read().unwrap().clone());
            families.remove(Side::Left);
            *current.write().unwrap() = families.handles(Side::Left);
        }
        drop((Done(&done), leaves));
        assert!(wrong.is_empty(), "{} of {generations}: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    });
    let mut expected = [1.0; 6];
    expected[0] += crowd as f64;
    assert_eq!(counted(&registry, Side::Right), expected);
}

#[test]
fn a_series_made_again_has_what_was_counted_in_it() {
    removed_while_written(figure(5000), false);
}

#[test]
fn a_series_made_again_has_what_was_counted_in_it_by_threads_without_shards() {
    removed_while_written(figure(5000), true);
}

#[test]
fn a_series_made_again_has_nothing_from_before() {
    let generations = figure(20_000);
    let registry = Registry::new();
    let families = Families::new();
    families.register(&registry);
    let (begun, finished) = (AtomicU64::new(0), AtomicU64::new(0));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ends = Done(&done);
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    begun.fetch_add(1, SeqCst);
                    families.handles(Side::Left).count();
                    finished.fetch_add(1, SeqCst);
                }
            });
        }
        for generation in 0..generations {
            families.handles(Side::Left);
            let before = finished.load(SeqCst);
            families.remove(Side::Left);
            let counted = counted(&registry, Side::Left);
            let most = (begun.load(SeqCst) - before) as f64;
            assert!(counted.iter().all(|&counted| counted <= most), "{generation}: {counted:?}, {most}");
        }
    });
}
