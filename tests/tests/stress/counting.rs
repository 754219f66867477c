//! No increment is lost.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

use tallymark::{Counter, LabelValue, Labels, Registry, counter};

use crate::page::{Done, scrape, scrape_until, total};
use crate::{figure, join};

#[derive(Clone, Copy, LabelValue)]
enum Kind {
    Read,
    Write,
}

#[derive(Labels)]
struct Finite {
    kind: Kind,
    cached: bool,
}

#[derive(Labels)]
struct Open<'a> {
    path: &'a str,
    kind: Kind,
}

/// Counted in threads' lives.
#[counter(name = "stress_alive_total")]
static ALIVE: Counter;

/// Counted in destructors of thread-locals.
#[counter(name = "stress_ending_total")]
static ENDING: Counter;

/// The same, by what was counted.
#[counter(name = "stress_ending_by_path_total")]
static ENDING_BY_PATH: Counter<Open<'static>>;

const IN_DESTRUCTOR: u64 = 5;

/// Counts when its thread ends.
struct Late(&'static str);

impl Drop for Late {
    fn drop(&mut self) {
        for _ in 0..IN_DESTRUCTOR {
            ENDING.inc();
            ENDING_BY_PATH.with(&Open { path: self.0, kind: Kind::Read }).inc();
        }
    }
}

thread_local! {
    static BEFORE: Late = const { Late("before") };
    static AFTER: Late = const { Late("after") };
}

#[test]
fn threads_that_come_and_go_lose_nothing() {
    const WORKERS: u64 = 8;
    const LIVES: u64 = 400;
    let each = figure(10_000_000) / LIVES;

    let registry = Registry::new();
    let unlabelled = Counter::new("unlabelled_total", "").unwrap();
    let floats = Counter::builder("floats_total", "").values::<f64>().build().unwrap();
    let finite = Counter::builder("finite_total", "").labels::<Finite>().build().unwrap();
    let kept = Counter::builder("kept_total", "").labels::<Open<'static>>().build().unwrap();
    let found = Counter::builder("found_total", "").labels::<Open<'static>>().build().unwrap();
    registry.register(&ALIVE).unwrap();
    registry.register(&ENDING).unwrap();
    registry.register(&ENDING_BY_PATH).unwrap();
    registry.register(&unlabelled).unwrap();
    registry.register(&floats).unwrap();
    registry.register(&finite).unwrap();
    registry.register(&kept).unwrap();
    registry.register(&found).unwrap();

    let live = |worker: u64, life: u64| {
        // The destructors of the one run after that of the shard's lease where they run in the order of the last first,
        // those of the other where they run in that of the first.
        if life.is_multiple_of(2) {
            BEFORE.with(|_| ());
        }
        ALIVE.inc();
        AFTER.with(|_| ());
        let path = format!("/{}", life % 7);
        let handle = kept.with(&Open { path: &path, kind: Kind::Write });
        for turn in 1..each {
            ALIVE.inc();
            if turn % 4 == 0 {
                unlabelled.inc();
                floats.inc_by(0.5);
                finite.with(&Finite { kind: Kind::Read, cached: worker.is_multiple_of(2) }).inc();
                handle.inc();
                found.with(&Open { path: &path, kind: Kind::Read }).inc();
            }
        }
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let live = &live;
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                scope.spawn(move || {
                    for life in 0..LIVES {
                        // Joined by hand, since that waits for the destructors of thread-locals too.
                        thread::scope(|one| one.spawn(|| live(worker, life)).join().unwrap());
                    }
                })
            })
            .collect();
        let scrapers = [(); 2].map(|()| scope.spawn(|| scrape_until(&registry, &done)));
        let ends = Done(&done);
        join(workers);
        drop(ends);
        for scraper in scrapers {
            assert!(scraper.join().unwrap() > 2);
        }
    });

    let samples = scrape(&registry);
    let lives = (WORKERS * LIVES) as f64;
    assert_eq!(total(&samples, "stress_alive_total"), lives * each as f64);
    let late = lives * 1.5 * IN_DESTRUCTOR as f64;
    assert_eq!(total(&samples, "stress_ending_total"), late);
    assert_eq!(samples[r#"stress_ending_by_path_total{path="before",kind="read"}"#], late / 3.0);
    assert_eq!(samples[r#"stress_ending_by_path_total{path="after",kind="read"}"#], late / 1.5);
    let quarter = lives * ((each - 1) / 4) as f64;
    for name in ["unlabelled_total", "finite_total", "kept_total", "found_total"] {
        assert_eq!(total(&samples, name), quarter, "{name}");
    }
    assert_eq!(total(&samples, "floats_total"), quarter / 2.0);
}

#[test]
fn more_threads_than_there_are_shards_lose_nothing() {
    const THREADS: u64 = 200;
    let each = figure(50_000);

    let registry = Registry::new();
    let unlabelled = Counter::new("unlabelled_total", "").unwrap();
    let finite = Counter::builder("finite_total", "").labels::<Finite>().build().unwrap();
    let open = Counter::builder("open_total", "").labels::<Open<'static>>().build().unwrap();
    registry.register(&unlabelled).unwrap();
    registry.register(&finite).unwrap();
    registry.register(&open).unwrap();

    let done = AtomicBool::new(false);
    let all_there = Barrier::new(usize::try_from(THREADS).unwrap());
    thread::scope(|scope| {
        let (unlabelled, finite, open, all_there) = (&unlabelled, &finite, &open, &all_there);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    // So that each has its shard, or none, before any gives one back.
                    unlabelled.inc();
                    all_there.wait();
                    let path = format!("/{}", thread % 3);
                    for turn in 0..each {
                        unlabelled.inc();
                        finite.with(&Finite { kind: Kind::Read, cached: turn % 2 == 0 }).inc();
                        open.with(&Open { path: &path, kind: Kind::Write }).inc();
                    }
                    all_there.wait();
                })
            })
            .collect();
        let scraper = scope.spawn(|| scrape_until(&registry, &done));
        let ends = Done(&done);
        join(threads);
        drop(ends);
        scraper.join().unwrap();
    });

    let samples = scrape(&registry);
    assert_eq!(total(&samples, "unlabelled_total"), (THREADS * (each + 1)) as f64);
    assert_eq!(samples[r#"finite_total{kind="read",cached="true"}"#], (THREADS * each.div_ceil(2)) as f64);
    assert_eq!(total(&samples, "finite_total"), (THREADS * each) as f64);
    assert_eq!(total(&samples, "open_total"), (THREADS * each) as f64);
}

#[test]
fn past_the_limit_of_series_totals_stay_exact() {
    const THREADS: u64 = 8;
    let each = figure(1_000_000);

    let registry = Registry::new();
    let open = Counter::builder("open_total", "").labels::<Open<'static>>().max_series(100).build().unwrap();
    registry.register(&open).unwrap();

    let done = AtomicBool::new(false);
    let reading_other = AtomicU64::new(0);
    thread::scope(|scope| {
        let (open, reading_other) = (&open, &reading_other);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let mut random = thread + 1;
                    for _ in 0..each {
                        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        let number = random >> 55;
                        let kind = if number.is_multiple_of(2) { Kind::Read } else { Kind::Write };
                        if number == 0 {
                            reading_other.fetch_add(1, Relaxed);
                            open.with(&Open { path: "other", kind }).inc();
                        } else {
                            let long = "a path so long that its line has no room for all of it";
                            open.with(&Open { path: &format!("{long}: {number}"), kind }).inc();
                        }
                    }
                })
            })
            .collect();
        let scraper = scope.spawn(|| scrape_until(&registry, &done));
        let ends = Done(&done);
        join(threads);
        drop(ends);
        scraper.join().unwrap();
    });

    let samples = scrape(&registry);
    assert_eq!(total(&samples, "open_total"), (THREADS * each) as f64);
    let series = samples.keys().filter(|name| name.starts_with("open_total")).count();
    assert!((100..=102).contains(&series), "{series}");
    assert!(samples[r#"open_total{path="other",kind="read"}"#] >= reading_other.load(Relaxed) as f64);
}
