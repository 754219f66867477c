//! Native histograms: nothing is torn, lost or somebody else's, also while buckets become fewer and series go.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use tallymark::{Histogram, HistogramValue, Labels, NativeOptions, Registry, Value};

use crate::page::Done;
use crate::{figure, join};

fn gathered(registry: &Registry, labels: &[(&str, &str)]) -> Option<HistogramValue> {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "seconds")?;
    match family.find(labels)?.value() {
        Value::Histogram(histogram) => Some(histogram.clone()),
        other => panic!("{other:?}"),
    }
}

/// How many observations its native buckets have.
fn natively(histogram: &HistogramValue) -> u64 {
    let native = histogram.native().unwrap();
    let buckets = native.positive().iter().chain(native.negative());
    native.zero_count() + buckets.map(|(_, count)| count).sum::<u64>()
}

fn populated(histogram: &HistogramValue) -> usize {
    let native = histogram.native().unwrap();
    native.positive().len() + native.negative().len()
}

/// One value for each classic bucket, and such that their sum tells whether each was added as often as it was counted.
const VALUES: [f64; 3] = [1.0, 2.0, 1024.0];

#[test]
fn both_kinds_of_buckets_and_the_sum_are_of_the_same_observations() {
    let reads = figure(100_000);
    let registry = Registry::new();
    let builder = Histogram::builder("seconds", "").native(NativeOptions::new()).unwrap();
    let histogram = builder.buckets([1.0, 2.0]).unwrap().build().unwrap();
    registry.register(&histogram).unwrap();

    let done = AtomicBool::new(false);
    let observed: u64 = thread::scope(|scope| {
        let writers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut observed = 0_u64;
                while !done.load(Relaxed) {
                    for value in VALUES {
                        histogram.observe(value);
                        observed += 1;
                    }
                }
                observed
            })
        });
        let ends = Done(&done);
        for _ in 0..reads {
            let now = gathered(&registry, &[]).unwrap();
            let upto: Vec<u64> = now.buckets().map(|(_, count)| count).collect();
            let own = [upto[0], upto[1] - upto[0], upto[2] - upto[1]];
            let sum: f64 = VALUES.iter().zip(own).map(|(value, count)| value * count as f64).sum();
            assert_eq!(now.sum(), sum, "{now:?}");
            // 2^(i / 8) ends bucket i.
            let native: Vec<(i32, u64)> = [0, 8, 80].into_iter().zip(own).filter(|(_, count)| *count > 0).collect();
            assert_eq!(now.native().unwrap().positive(), native, "{now:?}");
        }
        drop(ends);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert_eq!(gathered(&registry, &[]).unwrap().count(), observed);
}

/// Whole numbers over many powers of two, so that their sum is exact.
fn spread(seed: u64, turn: u64) -> f64 {
    let random = (seed ^ turn).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    // Ever farther from one another.
    let power = (random >> 32) % (1 + turn / 64).min(32);
    (1_u64 << power) as f64
}

#[test]
fn nothing_is_lost_while_buckets_become_fewer() {
    const MAX_BUCKETS: usize = 10;
    let (threads, each) = (4_u64, figure(1_000_000));
    let options = NativeOptions::new().factor(1.003).max_buckets(10).min_reset(Duration::ZERO);
    for _ in 0..figure(10) {
        let registry = Registry::new();
        let histogram = Histogram::builder("seconds", "").native(options).unwrap().build().unwrap();
        registry.register(&histogram).unwrap();
        let done = AtomicBool::new(false);
        let sum: f64 = thread::scope(|scope| {
            let writers: Vec<_> = (0..threads)
                .map(|seed| {
                    let histogram = &histogram;
                    scope.spawn(move || {
                        (0..each / threads).fold(0.0, |sum, turn| {
                            let value = spread(seed, turn);
                            histogram.observe(value);
                            sum + value
                        })
                    })
                })
                .collect();
            let reader = scope.spawn(|| {
                let (mut count, mut schema) = (0, 8);
                while !done.load(Relaxed) {
                    let now = gathered(&registry, &[]).unwrap();
                    assert_eq!(natively(&now), now.count());
                    assert!(populated(&now) <= MAX_BUCKETS, "{now:?}");
                    assert!(now.count() >= count && now.native().unwrap().schema() <= schema);
                    (count, schema) = (now.count(), now.native().unwrap().schema());
                }
            });
            let ends = Done(&done);
            let sum = join(writers).into_iter().sum();
            drop(ends);
            reader.join().unwrap();
            sum
        });
        let last = gathered(&registry, &[]).unwrap();
        assert_eq!((last.count(), natively(&last)), (each / threads * threads, last.count()));
        assert_eq!(last.sum(), sum);
        // Up to 32 powers of two in ten buckets.
        assert!(matches!(last.native().unwrap().schema(), -3 | -2), "{last:?}");
    }
}

#[test]
fn what_begins_anew_has_nothing_of_before() {
    const MAX_BUCKETS: usize = 3;
    let each = figure(20_000);
    let registry = Registry::new();
    // Whenever there are too many buckets, which is less often than a histogram may begin anew.
    let options = NativeOptions::new().max_buckets(3).min_reset(Duration::from_nanos(1));
    let builder = Histogram::builder("seconds", "").native(options).unwrap();
    let histogram = builder.buckets([1.0, 2.0]).unwrap().build().unwrap();
    registry.register(&histogram).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|seed| {
                let histogram = &histogram;
                scope.spawn(move || (0..each).for_each(|turn| histogram.observe(spread(seed, turn))))
            })
            .collect();
        let reader = scope.spawn(|| {
            while !done.load(Relaxed) {
                let now = gathered(&registry, &[]).unwrap();
                assert_eq!(natively(&now), now.count());
                assert!(populated(&now) <= MAX_BUCKETS, "{now:?}");
                assert!(now.sum() >= now.count() as f64);
            }
        });
        let ends = Done(&done);
        join(writers);
        drop(ends);
        reader.join().unwrap();
    });
    // Four buckets, so it begins with the last of them, whatever there was.
    for value in [1.0, 2.0, 4.0, 8.0] {
        histogram.observe(value);
    }
    for _ in 0..5 {
        histogram.observe(8.0);
    }
    let last = gathered(&registry, &[]).unwrap();
    let eights =
        last.native().unwrap().positive().iter().find(|(index, _)| *index == 24).map_or(0, |(_, count)| *count);
    assert!(eights >= 6 && natively(&last) == last.count(), "{last:?}");
}

#[derive(Labels)]
struct Shop<'a> {
    shop: &'a str,
}

#[test]
fn a_series_made_again_has_nothing_of_the_one_that_was_removed() {
    let rounds = figure(20_000);
    let registry = Registry::new();
    let builder = Histogram::builder("seconds", "").native(NativeOptions::new().max_buckets(4)).unwrap();
    let family = builder.labels::<Shop<'static>>().build().unwrap();
    registry.register(&family).unwrap();
    let shop = Shop { shop: "a" };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // They go on observing in whatever series they found, whether it is there or not.
        for seed in 0..2 {
            let (family, done) = (&family, &done);
            scope.spawn(move || {
                let mut old = family.with(&Shop { shop: "b" });
                for turn in 0.. {
                    if done.load(Relaxed) {
                        break;
                    }
                    old.observe(spread(seed, turn % 3000));
                    if turn % 50 == 0 {
                        old = family.with(&Shop { shop: "b" });
                    }
                }
            });
        }
        let ends = Done(&done);
        for round in 0..rounds {
            // Its lines and cells are those that `b` had, as often as not.
            family.remove(&Shop { shop: "b" });
            let series = family.with(&shop);
            let observed = round % 7 + 1;
            (0..observed).for_each(|turn| series.observe(turn));
            let now = gathered(&registry, &[("shop", "a")]).unwrap();
            assert_eq!((now.count(), natively(&now)), (observed, observed), "{now:?}");
            assert_eq!(now.sum(), (0..observed).sum::<u64>() as f64);
            assert!(family.remove(&shop));
            assert!(gathered(&registry, &[("shop", "a")]).is_none());
        }
        drop(ends);
    });
}
