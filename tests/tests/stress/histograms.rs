//! Count, buckets and sum of a histogram belong to the same observations.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use tallymark::{Collected, Collector, Descriptor, Histogram, HistogramSeries, Labels, MetricKind, Registry};

use crate::figure;
use crate::page::{Done, Samples, fallen, scrape};

/// What is observed: one value for each bucket of 1, 2 and +Inf, and such that their sum tells whether each was added
/// as often as it was counted.
const VALUES: [f64; 3] = [1.0, 2.0, 1024.0];

fn torn(samples: &Samples) -> Option<String> {
    let bucket = |le: &str| samples[&format!("seconds_bucket{{le=\"{le}\"}}")];
    let (one, two, all) = (bucket("1.0"), bucket("2.0"), bucket("+Inf"));
    let sum = VALUES[0] * one + VALUES[1] * (two - one) + VALUES[2] * (all - two);
    let sound = samples["seconds_count"] == all && samples["seconds_sum"] == sum;
    (!sound).then(|| format!("{samples:?}"))
}

#[test]
fn a_scrape_is_never_torn() {
    let scrapes = figure(100_000);
    let registry = Registry::new();
    let histogram = Histogram::builder("seconds", "").buckets([1.0, 2.0]).unwrap().build().unwrap();
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
        let mut before = scrape(&registry);
        for _ in 0..scrapes {
            let now = scrape(&registry);
            assert_eq!(torn(&now), None);
            assert_eq!(fallen(&before, &now), None);
            before = now;
        }
        drop(ends);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert_eq!(scrape(&registry)["seconds_count"], observed as f64);
}

/// As one would write it without thought: it is read in the middle of an observation.
struct Torn;

impl Collector for Torn {
    fn describe(&self) -> Vec<Descriptor> {
        vec![Descriptor::new(MetricKind::Histogram, "seconds", "").unwrap()]
    }

    fn collect(&self, out: &mut Collected) {
        let mut family = out.histogram("seconds", "");
        let labels: [(&str, &str); 0] = [];
        let buckets = [(1.0, 5), (2.0, 5), (f64::INFINITY, 1)];
        family.histogram_series(labels, buckets, 5.0 * VALUES[0] + 5.0 * VALUES[1]);
    }
}

#[test]
fn a_torn_scrape_is_found() {
    let registry = Registry::new();
    registry.register(Torn).unwrap();
    assert!(torn(&scrape(&registry)).is_some());

    let sound: [(&str, f64); 5] = [
        (r#"seconds_bucket{le="1.0"}"#, 3.0),
        (r#"seconds_bucket{le="2.0"}"#, 5.0),
        (r#"seconds_bucket{le="+Inf"}"#, 6.0),
        ("seconds_count", 6.0),
        ("seconds_sum", 3.0 * VALUES[0] + 2.0 * VALUES[1] + VALUES[2]),
    ];
    let sound: HashMap<String, f64> = sound.map(|(name, value)| (name.to_owned(), value)).into();
    assert_eq!(torn(&sound), None);
    for name in sound.keys() {
        let mut broken = sound.clone();
        *broken.get_mut(name).unwrap() += 1.0;
        assert!(torn(&broken).is_some(), "{name}");
    }
}

#[derive(Labels)]
struct Shop {
    shop: u8,
}

#[test]
fn histograms_of_many_buckets_are_on_every_page() {
    const SHOPS: u8 = 2;
    let scrapes = figure(5000);
    let bounds = (0..200).map(f64::from);
    let registry = Registry::new();
    let family = Histogram::builder("seconds", "").buckets(bounds).unwrap().labels::<Shop>().build().unwrap();
    registry.register(&family).unwrap();
    let series: Vec<HistogramSeries> = (0..SHOPS).map(|shop| family.with(&Shop { shop })).collect();

    let done = AtomicBool::new(false);
    let observed: Vec<u64> = thread::scope(|scope| {
        let done = &done;
        let writers: Vec<_> = series
            .iter()
            .map(|series| {
                // Without a pause, so that there is hardly an instant without an observation.
                scope.spawn(move || {
                    let mut observed = 0_u64;
                    while !done.load(Relaxed) {
                        (0..210_u8).for_each(|value| series.observe(value));
                        observed += 210;
                    }
                    observed
                })
            })
            .collect();
        let ends = Done(done);
        let mut before = scrape(&registry);
        for _ in 0..scrapes {
            let now = scrape(&registry);
            assert_eq!(fallen(&before, &now), None);
            before = now;
        }
        drop(ends);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let samples = scrape(&registry);
    for (shop, observed) in observed.into_iter().enumerate() {
        assert_eq!(samples[&format!("seconds_count{{shop=\"{shop}\"}}")], observed as f64);
    }
}
