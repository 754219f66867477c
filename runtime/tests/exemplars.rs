//! Exemplars: kept with what they are examples of, shown, replaced, dropped and forgotten.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tallymark::{
    Collected, Collector, Counter, CounterSeries, Descriptor, Exemplar, Histogram, LabelValue, Labels, MetricFamily,
    NativeOptions, Number, Registry, Timestamp, Value,
};

#[derive(Clone, Copy, LabelValue)]
#[expect(dead_code, reason = "it is shown")]
enum Method {
    Get,
    Put,
}

#[derive(Labels)]
struct Finite {
    method: Method,
}

#[derive(Labels)]
struct Open {
    path: String,
}

const GET: Finite = Finite { method: Method::Get };
const NO_LABELS: [(&str, &str); 0] = [];

fn open(path: &str) -> Open {
    Open { path: path.to_owned() }
}

/// Who has exemplars at once with somebody else may lose some: so each test runs alone.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trace(id: &str) -> [(&str, &str); 1] {
    [("trace_id", id)]
}

fn named(registry: &Registry, name: &str) -> Option<MetricFamily> {
    registry.gather().into_iter().find(|family| family.name() == name)
}

/// Of each series of the family `a_total` or `a` the exemplars: value and labels.
fn shown(registry: &Registry) -> Vec<Vec<(Number, String)>> {
    let family = named(registry, "a_total").or_else(|| named(registry, "a")).unwrap();
    let read = |exemplar: &Exemplar| {
        let labels: Vec<_> = exemplar.labels().map(|(name, value)| format!("{name}={value}")).collect();
        (exemplar.value(), labels.join(","))
    };
    family.series().iter().map(|series| series.exemplars().iter().map(read).collect()).collect()
}

fn dropped(registry: &Registry) -> Vec<(String, Number)> {
    let Some(family) = named(registry, "tallymark_exemplars_dropped_total") else { return Vec::new() };
    let read = |series: &tallymark::SeriesSnapshot| {
        let Value::Number(value) = *series.value() else { panic!("{series:?}") };
        (series.label("metric").unwrap().to_owned(), value)
    };
    family.series().iter().map(read).collect()
}

fn one<T: tallymark::Metric>(metric: &T) -> Registry
where
    for<'a> &'a T: tallymark::IntoCollector,
{
    let registry = Registry::new();
    registry.register(metric).unwrap();
    registry
}

fn number(value: impl Into<Number>) -> Number {
    value.into()
}

#[test]
fn a_counter_shows_the_last_exemplar_of_each_series() {
    let _alone = alone();
    let counter = Counter::builder("a_total", "A.").labels::<Finite>().build().unwrap();
    let registry = one(&counter);
    assert_eq!(shown(&registry), [vec![], vec![]]);
    let before = Timestamp::now();
    counter.with(&GET).inc_with_exemplar(trace("1"));
    let at = named(&registry, "a_total").unwrap().series()[0].exemplars()[0].timestamp().unwrap();
    assert!(before <= at && at <= Timestamp::now());
    assert_eq!(shown(&registry), [vec![(number(1), "trace_id=1".to_owned())], vec![]]);
    counter.with(&GET).inc_by_with_exemplar(5, [("trace_id", "2"), ("span_id", "3")]);
    counter.with(&GET).inc();
    assert_eq!(shown(&registry), [vec![(number(5), "trace_id=2,span_id=3".to_owned())], vec![]]);
    assert_eq!(counter.with(&GET).get(), 7);
    assert_eq!(dropped(&registry), []);
}

#[test]
fn an_exemplar_may_have_no_labels_and_any_texts() {
    let _alone = alone();
    let counter = Counter::builder("a_total", "A.").values::<f64>().build().unwrap();
    let registry = one(&counter);
    counter.inc_by_with_exemplar(0.5, NO_LABELS);
    assert_eq!(shown(&registry), [[(number(0.5), String::new())]]);
    counter.inc_with_exemplar([(String::from("a"), "\"\\\n\u{1f980}")]);
    assert_eq!(shown(&registry), [[(number(1.0), "a=\"\\\n\u{1f980}".to_owned())]]);
}

#[test]
fn what_is_refused_leaves_no_exemplar() {
    let _alone = alone();
    let counter = Counter::builder("a_total", "A.").values::<f64>().build().unwrap();
    let histogram = Histogram::new("b", "B.").unwrap();
    let registry = one(&counter);
    registry.register(&histogram).unwrap();
    counter.inc_by_with_exemplar(-1.0, trace("1"));
    counter.inc_by_with_exemplar(f64::NAN, trace("1"));
    histogram.observe_with_exemplar(f64::NAN, trace("1"));
    assert_eq!(shown(&registry), [[]]);
    assert!(named(&registry, "b").unwrap().series()[0].exemplars().is_empty());
    assert_eq!(named(&registry, "tallymark_refused_total").unwrap().series().len(), 2);
}

#[test]
fn labels_that_break_a_rule_are_dropped_and_counted_and_the_count_is_taken() {
    let _alone = alone();
    let counter = Counter::new("a_total", "A.").unwrap();
    let histogram = Histogram::builder("b", "B.").labels::<Open>().build().unwrap();
    let registry = one(&counter);
    registry.register(&histogram).unwrap();
    // Names and values: 128 code points, whatever bytes they take.
    let longest = "\u{1f980}".repeat(120);
    counter.inc_with_exemplar([("trace_id", longest.as_str())]);
    assert_eq!(shown(&registry), [[(number(1), format!("trace_id={longest}"))]]);
    assert_eq!(dropped(&registry), []);
    let faults: [&[(&str, &str)]; 7] = [
        &[("trace_id", &(longest.clone() + "x"))],
        &[("trace_id", &longest), ("a", "")],
        &[("", "x")],
        &[("9a", "x")],
        &[("a.b", "x")],
        &[("__a", "x")],
        &[("a", "x"), ("a", "x")],
    ];
    for (times, labels) in (1_u64..).zip(faults) {
        counter.inc_with_exemplar(labels.iter().copied());
        histogram.with(&open("/")).observe_with_exemplar(1.0, labels.iter().copied());
        assert_eq!(dropped(&registry), [("a_total", times), ("b", times)].map(|(name, n)| (name.to_owned(), n.into())));
    }
    assert_eq!(counter.get(), 8);
    assert_eq!(shown(&registry), [[(number(1), format!("trace_id={longest}"))]]);
    // What a series dropped stays counted when it goes.
    assert!(histogram.remove(&open("/")));
    histogram.with(&open("/a")).observe_with_exemplar(1.0, [("", "")]);
    histogram.clear();
    histogram.with(&open("/b")).observe_with_exemplar(1.0, [("", "")]);
    assert_eq!(histogram.remove_by_labels([("path", "/b")]).unwrap(), 1);
    assert_eq!(dropped(&registry)[1], ("b".to_owned(), number(9_u64)));
}

#[test]
fn labels_without_an_end_are_not_read_to_it() {
    let _alone = alone();
    let counter = Counter::new("a_total", "A.").unwrap();
    counter.inc_with_exemplar(std::iter::repeat(("a", "")));
    counter.inc_with_exemplar((0_u64..).map(|number| (format!("a{number}"), "")));
    assert_eq!(counter.get(), 2);
}

#[test]
fn a_histogram_shows_the_last_exemplar_of_each_bucket() {
    let _alone = alone();
    let histogram = Histogram::builder("a", "A.").buckets([1.0, 5.0]).unwrap().build().unwrap();
    let registry = one(&histogram);
    for (value, id) in [(7.0, "1"), (1.0, "2"), (2.0, "3"), (5.0, "4"), (f64::INFINITY, "5"), (-3.0, "6")] {
        histogram.observe_with_exemplar(value, trace(id));
    }
    let expected = [(-3.0, "6"), (5.0, "4"), (f64::INFINITY, "5")];
    assert_eq!(shown(&registry), [expected.map(|(value, id)| (number(value), format!("trace_id={id}"))).to_vec()]);
    histogram.observe_with_exemplar(Duration::from_secs(2), trace("7"));
    assert_eq!(shown(&registry)[0][1], (number(2.0), "trace_id=7".to_owned()));
}

#[test]
fn a_timer_takes_an_exemplar() {
    let _alone = alone();
    let histogram = Histogram::new("a", "A.").unwrap();
    let registry = one(&histogram);
    let took = histogram.start_timer().stop_with_exemplar(trace("1"));
    let [(seconds, labels)] = &shown(&registry)[0][..] else { panic!() };
    assert_eq!((Duration::try_from_secs_f64(seconds.as_f64()), &**labels), (Ok(took), "trace_id=1"));
    let Value::Histogram(value) = named(&registry, "a").unwrap().series()[0].value().clone() else { panic!() };
    assert_eq!(value.count(), 1);
}

#[test]
fn a_native_histogram_keeps_a_few_exemplars_far_from_each_other() {
    let _alone = alone();
    let histogram = Histogram::builder("a", "A.").native(NativeOptions::default()).unwrap().build().unwrap();
    let registry = one(&histogram);
    for round in 0..50 {
        for power in 0..20 {
            histogram.observe_with_exemplar(2_f64.powi(power) * 1.001_f64.powi(round), trace("1"));
        }
    }
    let values: Vec<f64> = shown(&registry)[0].iter().map(|(value, _)| value.as_f64()).collect();
    assert!(values.len() == 10 && values.is_sorted(), "{values:?}");
    assert!(values.windows(2).all(|pair| pair[1] > pair[0] * 1.2), "{values:?}");
}

#[test]
fn exemplars_go_with_their_series_and_with_a_reset() {
    let _alone = alone();
    let counter = Counter::builder("a_total", "A.").labels::<Open>().build().unwrap();
    let registry = one(&counter);
    let kept: Vec<CounterSeries> = (0..40).map(|number| counter.with(&open(&number.to_string()))).collect();
    for series in &kept {
        series.inc_with_exemplar(trace("1"));
    }
    assert!(shown(&registry).iter().all(|exemplars| exemplars.len() == 1));
    kept[0].reset();
    assert!(shown(&registry)[0].is_empty());
    kept[0].inc_with_exemplar(trace("2"));
    assert_eq!(shown(&registry)[0], [(number(1), "trace_id=2".to_owned())]);
    counter.clear();
    // A handle of a series that has gone gives the next one nothing.
    for series in &kept {
        series.inc_with_exemplar(trace("3"));
    }
    for number in 0..40 {
        counter.with(&open(&number.to_string())).inc();
    }
    assert!(shown(&registry).iter().all(Vec::is_empty));

    let finite = Counter::builder("a_total", "A.").labels::<Finite>().build().unwrap();
    let registry = one(&finite);
    let old = finite.with(&GET);
    old.inc_with_exemplar(trace("1"));
    finite.remove(&GET);
    finite.with(&GET).inc();
    old.inc_with_exemplar(trace("2"));
    assert!(shown(&registry).iter().all(Vec::is_empty));
}

#[test]
fn what_is_past_the_limit_has_exemplars_too() {
    let _alone = alone();
    let counter = Counter::builder("a_total", "A.").labels::<Open>().max_series(1).build().unwrap();
    let registry = one(&counter);
    for (path, id) in [("/", "1"), ("/a", "2"), ("/b", "3")] {
        counter.with(&open(path)).inc_with_exemplar(trace(id));
    }
    assert_eq!(shown(&registry), ["1", "3"].map(|id| vec![(number(1), format!("trace_id={id}"))]));
}

#[test]
fn a_static_has_exemplars() {
    let _alone = alone();
    /// Counts by hand.
    #[tallymark::counter(name = "by_hand_total")]
    static BY_HAND: Counter;

    BY_HAND.inc();
    BY_HAND.inc_with_exemplar(trace("1"));
    BY_HAND.inc();
    let family = named(Registry::global(), "by_hand_total").unwrap();
    assert_eq!(*family.series()[0].value(), Value::Number(3_u64.into()));
    assert!(family.series()[0].exemplars()[0].labels().eq(trace("1")));
    BY_HAND.reset();
    assert!(named(Registry::global(), "by_hand_total").unwrap().series()[0].exemplars().is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Observe(f64),
    WithExemplar(f64, String),
    Count(String),
    Plain,
    Reset,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![-2.0..8.0, Just(f64::INFINITY), Just(1.0), Just(5.0)];
    let id = prop_oneof!["[a-z0-9]{0,12}", Just("\u{e4}".repeat(129))];
    let step = prop_oneof![
        value.clone().prop_map(Step::Observe),
        (value, id.clone()).prop_map(|(value, id)| Step::WithExemplar(value, id)),
        id.prop_map(Step::Count),
        Just(Step::Plain),
        Just(Step::Reset),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// Against a list of the last exemplar of each bucket.
    #[test]
    fn what_is_shown_is_what_was_given_last(steps in steps()) {
        const BOUNDS: [f64; 2] = [1.0, 5.0];
        let _alone = alone();
        let histogram = Histogram::builder("a", "A.").buckets(BOUNDS).unwrap().build().unwrap();
        let counter = Counter::new("a_total", "A.").unwrap();
        let (of_histogram, of_counter) = (one(&histogram), one(&counter));
        let (mut buckets, mut last): ([Option<(f64, String)>; 3], Option<String>) = ([None, None, None], None);
        let (mut counted, mut observed, mut broken) = (0_u64, 0_u64, 0_u64);
        let fits = |id: &str| "trace_id".len() + id.chars().count() <= Exemplar::MAX_LENGTH;
        for step in &steps {
            match step {
                Step::Observe(value) => {
                    histogram.observe(*value);
                    observed += 1;
                }
                Step::WithExemplar(value, id) => {
                    histogram.observe_with_exemplar(*value, trace(id));
                    observed += 1;
                    let bucket = BOUNDS.iter().filter(|bound| *bound < value).count();
                    if fits(id) {
                        buckets[bucket] = Some((*value, id.clone()));
                    } else {
                        broken += 1;
                    }
                }
                Step::Count(id) => {
                    counter.inc_with_exemplar(trace(id));
                    counted += 1;
                    if fits(id) {
                        last = Some(id.clone());
                    }
                }
                Step::Plain => {
                    counter.inc();
                    counted += 1;
                }
                Step::Reset => {
                    counter.reset();
                    (counted, last) = (0, None);
                }
            }
        }
        let text = |id: &String| format!("trace_id={id}");
        let expected: Vec<_> = buckets.iter().flatten().map(|(value, id)| (number(*value), text(id))).collect();
        prop_assert_eq!(shown(&of_histogram), [expected]);
        prop_assert_eq!(shown(&of_counter), [last.iter().map(|id| (number(1), text(id))).collect::<Vec<_>>()]);
        prop_assert_eq!(counter.get(), counted);
        let Value::Histogram(value) = named(&of_histogram, "a").unwrap().series()[0].value().clone() else { panic!() };
        prop_assert_eq!(value.count(), observed);
        let expected: Vec<_> = (broken > 0).then(|| ("a".to_owned(), number(broken))).into_iter().collect();
        prop_assert_eq!(dropped(&of_histogram), expected);
    }
}

#[test]
fn an_exemplar_is_as_old_as_its_observation() {
    let _alone = alone();
    let histogram = Histogram::new("a", "A.").unwrap();
    let registry = one(&histogram);
    let before = SystemTime::now();
    histogram.observe_with_exemplar(1.0, trace("1"));
    let series = named(&registry, "a").unwrap().series()[0].clone();
    let at = series.exemplars()[0].timestamp().unwrap();
    assert!(series.created().unwrap() <= at && Timestamp::from(before) <= at && at <= Timestamp::now());
}

/// What it does at each scrape.
struct Gives(Collect);

type Collect = fn(&mut Collected);

impl Collector for Gives {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.0)(out);
    }
}

#[test]
fn a_collector_says_of_its_series_what_there_is_to_say() {
    const AT: Timestamp = Timestamp::from_millis(1_520_879_607_789);
    let _alone = alone();
    let registry = Registry::new();
    let collector = Gives(|out| {
        out.counter("a_total", "A.")
            .series([("method", "get")], 3)
            .created(AT)
            .exemplar(trace("1"), 1, None)
            .exemplar(trace("2"), 2, Some(AT))
            .series([("method", "put")], 1)
            .timestamp(AT);
        out.histogram("b", "B.")
            .histogram_series(NO_LABELS, [(1.0, 2), (5.0, 1)], 3.0)
            .exemplar(trace("1"), 5, None)
            .exemplar(trace("2"), 1, None)
            .exemplar(trace("3"), -1, None)
            .exemplar(trace("4"), 7, None);
    });
    registry.register(collector).unwrap();
    assert_eq!(shown(&registry), [vec![(number(2), "trace_id=2".to_owned())], vec![]]);
    let family = named(&registry, "a_total").unwrap();
    let [get, put] = family.series() else { panic!("{family:?}") };
    assert_eq!((get.created(), get.timestamp(), get.exemplars()[0].timestamp()), (Some(AT), None, Some(AT)));
    assert_eq!((put.created(), put.timestamp()), (None, Some(AT)));
    let family = named(&registry, "b").unwrap();
    let values: Vec<f64> = family.series()[0].exemplars().iter().map(|exemplar| exemplar.value().as_f64()).collect();
    assert_eq!(values, [-1.0, 5.0, 7.0]);
}

#[test]
fn what_a_collector_may_not_say_of_a_series_is_left_out_and_told() {
    let _alone = alone();
    let faults: [(Collect, &str); 6] = [
        (
            |out| {
                out.gauge("a", "A.").value(1).created(Timestamp::now());
            },
            "drop `created`",
        ),
        (
            |out| {
                out.gauge("a", "A.").value(1).exemplar(NO_LABELS, 1, None);
            },
            "drop `exemplar`",
        ),
        (
            |out| {
                out.counter("a", "A.").value(1).exemplar([("9", "")], 1, None);
            },
            "`9` is no label name",
        ),
        (
            |out| {
                out.counter("a", "A.").value(1).exemplar(NO_LABELS, f64::NAN, None);
            },
            "NaN",
        ),
        (
            |out| {
                out.counter("a", "A.").timestamp(Timestamp::now()).value(1);
            },
            "give one first",
        ),
        // Of what was refused, and not of the one before it.
        (
            |out| {
                out.counter("a", "A.").value(1).value(-1).timestamp(Timestamp::now());
            },
            "never negative",
        ),
    ];
    for (collect, told) in faults {
        let registry = Registry::new();
        registry.register(Gives(collect)).unwrap();
        let families = registry.gather();
        let [given, failures] = &families[..] else { panic!("{families:?}") };
        let series = &given.series()[0];
        assert_eq!((series.created(), series.timestamp(), series.exemplars()), (None, None, &[][..]));
        assert_eq!(*failures.series()[0].value(), Value::Number(1_u64.into()));
        let told_of = Registry::builder().auto_describe(true).build().register(Gives(collect)).unwrap_err().to_string();
        assert!(told_of.contains(told), "{told_of}");
    }
}
