//! Metrics against a model that is too simple to be wrong: maps of label texts.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use proptest::prelude::*;
use tallymark::exposition::text;
use tallymark::{Counter, Gauge, Histogram, LabelValue, Labels, MetricFamily, Number, Registry, Value};

#[derive(Clone, Copy, Debug, LabelValue, PartialEq, Eq, PartialOrd, Ord)]
enum Colour {
    Red,
    Green,
    Blue,
}

impl Colour {
    const ALL: [Self; 3] = [Self::Red, Self::Green, Self::Blue];

    fn text(self) -> &'static str {
        ["red", "green", "blue"][self as usize]
    }
}

#[derive(Labels)]
struct Finite {
    colour: Colour,
    lit: Option<bool>,
}

#[derive(Labels)]
struct Open<'a> {
    text: &'a str,
    colour: Colour,
    number: i8,
}

type Key = Vec<String>;

fn finite_key(colour: Colour, lit: Option<bool>) -> Key {
    vec![colour.text().to_owned(), lit.map(|lit| lit.to_string()).unwrap_or_default()]
}

/// The series of a family: their label values and numbers.
fn numbers(families: &[MetricFamily], name: &str) -> BTreeMap<Key, Number> {
    let family = families.iter().find(|family| family.name() == name);
    let series = family.into_iter().flat_map(MetricFamily::series);
    series
        .map(|series| {
            let key = series.labels().map(|(_, value)| value.to_owned()).collect();
            match series.value() {
                Value::Number(number) => (key, *number),
                other => panic!("{name}: {other:?}"),
            }
        })
        .collect()
}

#[derive(Clone, Debug)]
enum Step {
    Inc(u64),
    Remove,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![20 => (0..1000_u64).prop_map(Step::Inc), 3 => Just(Step::Remove), 1 => Just(Step::Clear)]
}

fn colour() -> impl Strategy<Value = Colour> {
    prop::sample::select(&Colour::ALL[..])
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{0,2}", Just("other".to_owned()), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_finite_family_counts_as_a_map_does(
        shown: bool,
        steps in prop::collection::vec((step(), colour(), any::<Option<bool>>()), 0..60),
    ) {
        let registry = Registry::new();
        let counter = Counter::builder("x_total", "").labels::<Finite>().init(shown).build().unwrap();
        registry.register(&counter).unwrap();
        let mut model: BTreeMap<Key, u64> = BTreeMap::new();
        if shown {
            for colour in Colour::ALL {
                for lit in [None, Some(false), Some(true)] {
                    model.insert(finite_key(colour, lit), 0);
                }
            }
        }
        for (step, colour, lit) in steps {
            let labels = Finite { colour, lit };
            match step {
                Step::Inc(value) => {
                    counter.with(&labels).inc_by(value);
                    *model.entry(finite_key(colour, lit)).or_default() += value;
                }
                Step::Remove => prop_assert_eq!(counter.remove(&labels), model.remove(&finite_key(colour, lit)).is_some()),
                Step::Clear => {
                    counter.clear();
                    model.clear();
                }
            }
        }
        let expected: BTreeMap<Key, Number> = model.into_iter().map(|(key, value)| (key, Number::Unsigned(value))).collect();
        prop_assert_eq!(numbers(&registry.gather(), "x_total"), expected);
    }

    #[test]
    fn an_open_family_counts_as_a_map_does_and_keeps_its_bound(
        max_series in 1..8_usize,
        steps in prop::collection::vec((step(), text(), colour(), -1..2_i8), 0..60),
    ) {
        let registry = Registry::new();
        let counter = Counter::builder("x_total", "").labels::<Open<'static>>().max_series(max_series.max(3)).build().unwrap();
        let limit = max_series.max(3);
        registry.register(&counter).unwrap();
        let mut model: BTreeMap<Key, u64> = BTreeMap::new();
        let mut limited: BTreeSet<Key> = BTreeSet::new();
        let mut overflowed = 0;
        for (step, text, colour, number) in steps {
            let labels = Open { text: &text, colour, number };
            let key = vec![text.clone(), colour.text().to_owned(), number.to_string()];
            match step {
                Step::Inc(value) => {
                    counter.with(&labels).inc_by(value);
                    let key = if model.contains_key(&key) {
                        key
                    } else if limited.len() < limit {
                        limited.insert(key.clone());
                        key
                    } else {
                        overflowed += 1;
                        vec!["other".to_owned(), colour.text().to_owned(), "other".to_owned()]
                    };
                    *model.entry(key).or_default() += value;
                }
                Step::Remove => {
                    limited.remove(&key);
                    prop_assert_eq!(counter.remove(&labels), model.remove(&key).is_some());
                }
                Step::Clear => {
                    counter.clear();
                    model.clear();
                    limited.clear();
                }
            }
        }
        prop_assert!(model.len() <= limit + 3);
        let expected: BTreeMap<Key, Number> = model.into_iter().map(|(key, value)| (key, Number::Unsigned(value))).collect();
        let families = registry.gather();
        prop_assert_eq!(numbers(&families, "x_total"), expected);
        let shown = numbers(&families, "tallymark_series_overflow_total").into_values().next();
        prop_assert_eq!(shown, (overflowed > 0).then_some(Number::Unsigned(overflowed)));
    }

    #[test]
    fn a_histogram_counts_as_a_list_does(
        bounds in prop::collection::btree_set(-100..100_i16, 1..10),
        values in prop::collection::vec(prop_oneof![(-120..120_i16).prop_map(f64::from), any::<f64>()], 0..100),
    ) {
        let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
        let histogram = Histogram::builder("x", "").buckets(bounds.clone()).unwrap().build().unwrap();
        let registry = Registry::new();
        registry.register(&histogram).unwrap();
        let mut seen = Vec::new();
        for value in values {
            histogram.observe(value);
            if !value.is_nan() {
                seen.push(value);
            }
        }
        let families = registry.gather();
        let Value::Histogram(reading) = families[0].series()[0].value() else { panic!("no histogram") };
        let expected: Vec<(f64, u64)> = bounds
            .into_iter()
            .chain([f64::INFINITY])
            .map(|bound| (bound, seen.iter().filter(|value| **value <= bound).count() as u64))
            .collect();
        prop_assert_eq!(reading.buckets().collect::<Vec<_>>(), expected);
        prop_assert_eq!(reading.count(), seen.len() as u64);
        let sum: f64 = seen.iter().fold(0.0, |sum, value| sum + value);
        prop_assert!(reading.sum().to_bits() == sum.to_bits() || (reading.sum().is_nan() && sum.is_nan()));
    }

    #[test]
    fn a_gauge_moves_as_a_number_does(moves in prop::collection::vec((0..3_u8, -1000..1000_i64), 0..60)) {
        let floats = Gauge::new("x", "").unwrap();
        let integers = Gauge::builder("y", "").values::<i64>().build().unwrap();
        let mut model = 0_i64;
        for (how, value) in moves {
            let float = Number::Signed(value).as_f64();
            match how {
                0 => {
                    floats.set(float);
                    integers.set(value);
                    model = value;
                }
                1 => {
                    floats.inc_by(float);
                    integers.inc_by(value);
                    model += value;
                }
                _ => {
                    floats.dec_by(float);
                    integers.dec_by(value);
                    model -= value;
                }
            }
        }
        prop_assert_eq!(integers.get(), model);
        prop_assert_eq!(floats.get().to_bits(), (Number::Signed(model).as_f64() + 0.0).to_bits());
    }

    #[test]
    fn what_the_text_format_escapes_reads_back(help in any::<String>(), values in prop::collection::btree_set(text(), 1..6)) {
        #[derive(Labels)]
        struct Text<'a> {
            text: &'a str,
        }
        let registry = Registry::new();
        let gauge = Gauge::builder("x", help.clone()).labels::<Text<'static>>().build().unwrap();
        registry.register(&gauge).unwrap();
        for value in &values {
            gauge.with(&Text { text: value }).set(1.0);
        }
        let page = text::encode(&registry.gather());
        let lines: Vec<&str> = page.split('\n').collect();
        let unescaped = |text: &str| {
            let mut out = String::new();
            let mut rest = text.chars();
            while let Some(c) = rest.next() {
                out.push(match (c, c == '\\') {
                    (_, true) => match rest.next() {
                        Some('n') => '\n',
                        Some(other) => other,
                        None => panic!("a backslash at the end of {text}"),
                    },
                    (c, false) => c,
                });
            }
            out
        };
        let samples: BTreeSet<String> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("x{text=\"")?.strip_suffix("\"} 1.0"))
            .map(unescaped)
            .collect();
        prop_assert_eq!(samples, values);
        let shown = lines.iter().find_map(|line| line.strip_prefix("# HELP x ")).map(unescaped).unwrap_or_default();
        prop_assert_eq!(shown, help);
    }
}

/// Threads that count while another gathers: totals are exact, and no series ever goes down.
#[test]
fn totals_are_exact_under_threads() {
    const THREADS: usize = 8;
    const EACH: u64 = 5_000;
    let registry = Registry::new();
    let counter = Counter::builder("x_total", "").labels::<Open<'static>>().max_series(20).build().unwrap();
    let floats = Counter::builder("f_total", "").values::<f64>().build().unwrap();
    let inflight = Gauge::builder("g", "").values::<i64>().build().unwrap();
    let histogram = Histogram::builder("h", "").buckets([1.0, 2.0]).unwrap().build().unwrap();
    for registered in [
        registry.register(&counter),
        registry.register(&floats),
        registry.register(&inflight),
        registry.register(&histogram),
    ] {
        registered.unwrap();
    }
    let done = AtomicBool::new(false);
    let total =
        |families: &[MetricFamily]| -> f64 { numbers(families, "x_total").into_values().map(Number::as_f64).sum() };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (counter, floats, inflight, histogram) = (&counter, &floats, &inflight, &histogram);
                scope.spawn(move || {
                    for turn in 0..EACH {
                        let text = ((thread as u64 * 7 + turn) % 40).to_string();
                        let _guard = inflight.track_inprogress();
                        counter.with(&Open { text: &text, colour: Colour::ALL[thread % 3], number: 0 }).inc();
                        floats.inc_by(0.5);
                        histogram.observe(1.5);
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            let mut before = 0.0;
            while !done.load(Relaxed) {
                let families = registry.gather();
                let now = total(&families);
                assert!(now >= before);
                before = now;
            }
        });
        for worker in workers {
            worker.join().unwrap();
        }
        done.store(true, Relaxed);
        reader.join().unwrap();
    });
    let all = Number::Unsigned(THREADS as u64 * EACH).as_f64();
    assert_eq!(total(&registry.gather()).to_bits(), all.to_bits());
    assert_eq!(floats.get().to_bits(), (all / 2.0).to_bits());
    assert_eq!(inflight.get(), 0);
    let families = registry.gather();
    let Some(Value::Histogram(reading)) =
        families.iter().find(|family| family.name() == "h").map(|family| family.series()[0].value().clone())
    else {
        panic!("no histogram");
    };
    assert_eq!(reading.count(), THREADS as u64 * EACH);
    assert_eq!(reading.sum().to_bits(), (all * 1.5).to_bits());
}
