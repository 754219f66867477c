//! Native histograms against a simple model of `client_golang`'s.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use tallymark::{Histogram, HistogramValue, NativeOptions, Registry, Value};

/// The options of a histogram, and what its model needs of them.
#[derive(Clone, Copy, Debug)]
struct Asked {
    schema: i32,
    max_buckets: u32,
    resets: bool,
    zero_threshold: f64,
    max_zero_threshold: f64,
}

impl Asked {
    fn options(&self) -> NativeOptions {
        NativeOptions::new()
            .factor((f64::from(-self.schema).exp2().exp2() * 1.000_000_1).min(65_536.0))
            .max_buckets(self.max_buckets)
            // One that is always over, or one that never is.
            .min_reset(if self.resets { Duration::from_nanos(1) } else { Duration::ZERO })
            .zero_threshold(self.zero_threshold)
            .max_zero_threshold(self.max_zero_threshold)
    }
}

/// What it has to say.
#[derive(Clone, Debug, PartialEq)]
struct Model {
    schema: i32,
    zero_threshold: f64,
    zero_count: u64,
    /// By index, those above zero and those below it.
    sides: [BTreeMap<i32, u64>; 2],
    /// The classic buckets, of which the last is +Inf.
    classic: Vec<u64>,
    sum: f64,
}

/// Where a bucket ends, to about 15 digits: good for values that are no nearer to a bound.
fn bound(index: i32, schema: i32) -> f64 {
    (f64::from(index) * f64::from(-schema).exp2()).exp2()
}

impl Model {
    fn new(asked: &Asked, bounds: &[f64]) -> Self {
        Self {
            schema: asked.schema,
            zero_threshold: asked.zero_threshold,
            zero_count: 0,
            sides: Default::default(),
            classic: vec![0; bounds.len() + 1],
            sum: 0.0,
        }
    }

    fn populated(&self) -> usize {
        self.sides.iter().map(BTreeMap::len).sum()
    }

    fn observe(&mut self, value: f64, asked: &Asked, bounds: &[f64]) {
        self.count(value, bounds);
        if self.populated() > asked.max_buckets as usize && asked.resets {
            *self = Self::new(asked, bounds);
            self.count(value, bounds);
        }
        while self.populated() > asked.max_buckets as usize {
            let least = self.sides.iter().filter_map(|side| side.keys().next()).min().unwrap();
            let wider = bound(*least, self.schema);
            if self.zero_threshold < asked.max_zero_threshold && wider <= asked.max_zero_threshold {
                let least = *least;
                self.zero_count += self.sides.iter_mut().filter_map(|side| side.remove(&least)).sum::<u64>();
                self.zero_threshold = wider;
            } else if self.schema > -4 {
                self.schema -= 1;
                for side in &mut self.sides {
                    let mut halved = BTreeMap::new();
                    for (index, count) in &*side {
                        *halved.entry((index + 1).div_euclid(2)).or_default() += count;
                    }
                    *side = halved;
                }
            } else {
                break;
            }
        }
    }

    fn count(&mut self, value: f64, bounds: &[f64]) {
        self.sum += value;
        self.classic[bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len())] += 1;
        if value.abs() <= self.zero_threshold {
            self.zero_count += 1;
            return;
        }
        let (last, index) =
            (f64::from(self.schema).exp2() * 1024.0, value.abs().log2() * f64::from(self.schema).exp2());
        #[expect(clippy::cast_possible_truncation, reason = "up to 2^18")]
        let index = if value.is_infinite() { last as i32 + 1 } else { index.ceil().min(last) as i32 };
        *self.sides[usize::from(value < 0.0)].entry(index).or_default() += 1;
    }

    fn assert_is(&self, there: &HistogramValue) {
        let native = there.native().unwrap();
        assert_eq!(native.schema(), self.schema);
        assert!((native.zero_threshold() - self.zero_threshold).abs() <= 1e-12 * self.zero_threshold);
        assert_eq!(native.zero_count(), self.zero_count);
        for (side, there) in self.sides.iter().zip([native.positive(), native.negative()]) {
            assert_eq!(there, side.iter().map(|(index, count)| (*index, *count)).collect::<Vec<_>>());
        }
        let mut count = 0;
        for ((_, there), own) in there.buckets().zip(&self.classic) {
            count += own;
            assert_eq!(there, count);
        }
        assert_eq!(there.count(), count);
        // Shards are added up in another order.
        let (sum, own) = (there.sum(), self.sum);
        let same = sum.to_bits() == own.to_bits() || sum.is_nan() && own.is_nan();
        assert!(same || (sum - own).abs() <= 1e-9 * own.abs(), "{sum} and {own}");
    }
}

/// The value of the one family that is there.
fn value(registry: &Registry, labels: &[(&str, &str)]) -> Option<HistogramValue> {
    let families = registry.gather();
    let family = families.iter().find(|family| !family.name().starts_with("tallymark_"))?;
    match family.find(labels)?.value() {
        Value::Histogram(histogram) => Some(histogram.clone()),
        other => panic!("{other:?}"),
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let thresholds = prop_oneof![
        Just((2.0_f64.powi(-128), 0.0)),
        Just((0.0, 0.0)),
        Just((0.9, 0.0)),
        Just((0.0, 4.0)),
        Just((0.3, 64.0)),
    ];
    (-4..=8_i32, 1..20_u32, any::<bool>(), thresholds).prop_map(
        |(schema, max_buckets, resets, (zero_threshold, max_zero_threshold))| Asked {
            schema,
            max_buckets,
            resets,
            zero_threshold,
            max_zero_threshold,
        },
    )
}

/// In the middle of a bucket of the finest schema, so that the model needn't be exact. Some near one another, some not.
fn observation() -> impl Strategy<Value = f64> {
    let positive = prop_oneof![-300..300_i32, -5000..5000_i32, -260_000..260_000_i32]
        .prop_map(|step| (f64::from(2 * step + 1) / 512.0).exp2());
    let signed =
        (positive, prop::bool::weighted(0.3)).prop_map(|(value, negative)| if negative { -value } else { value });
    prop_oneof![20 => signed, 1 => Just(0.0), 1 => Just(-0.0), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)]
}

const BOUNDS: [f64; 3] = [-1.5, 0.7, 11.3];

proptest! {
    #[test]
    fn a_native_histogram_is_as_its_model_after_each_observation(
        asked in asked(),
        classic: bool,
        values in prop::collection::vec(observation(), 1..60),
    ) {
        let bounds = if classic { &BOUNDS[..] } else { &[] };
        let registry = Registry::new();
        let mut builder = Histogram::builder("a", "A.").native(asked.options()).unwrap();
        if classic {
            builder = builder.buckets(BOUNDS).unwrap();
        }
        let histogram = builder.build().unwrap();
        registry.register(&histogram).unwrap();
        let mut model = Model::new(&asked, bounds);
        model.assert_is(&value(&registry, &[]).unwrap());
        for observed in values {
            histogram.observe(observed);
            model.observe(observed, &asked, bounds);
            model.assert_is(&value(&registry, &[]).unwrap());
        }
    }

    #[test]
    fn threads_that_observe_one_after_the_other_make_the_same_histogram_as_one(
        asked in asked().prop_map(|asked| Asked { resets: false, ..asked }),
        values in prop::collection::vec((observation(), 0..3_usize), 1..60),
    ) {
        let registry = Registry::new();
        let histogram = Histogram::builder("a", "A.").native(asked.options()).unwrap().build().unwrap();
        registry.register(&histogram).unwrap();
        let mut model = Model::new(&asked, &[]);
        std::thread::scope(|scope| {
            let threads = [(); 3].map(|()| {
                let (send, receive) = std::sync::mpsc::channel::<f64>();
                let (done, wait) = std::sync::mpsc::channel();
                let series = &histogram;
                scope.spawn(move || {
                    for value in receive {
                        series.observe(value);
                        done.send(()).unwrap();
                    }
                });
                (send, wait)
            });
            for (observed, thread) in values {
                let (send, wait) = &threads[thread];
                send.send(observed).unwrap();
                wait.recv().unwrap();
                model.observe(observed, &asked, &[]);
                model.assert_is(&value(&registry, &[]).unwrap());
            }
        });
    }
}
