//! Random programs on metrics of every type, each without labels, with finite ones and with an open one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Once;

use proptest::prelude::*;
use tallymark::{
    Counter, Error, Gauge, Histogram, Info, LabelValue, Labels, Metric, MetricFamily, Number, Registry, StateSet,
    Summary, Value,
};

use crate::models::{BOUNDS, Handle, Model, ON_PURPOSE, Op, QUANTILES, State};
use crate::page::{Page, Sample, of_families, page, same};

#[derive(Clone, Copy, Debug, LabelValue, PartialEq, Eq)]
enum Colour {
    Red,
    #[label("\"green\"\n")]
    Green,
}

impl Colour {
    fn text(self) -> &'static str {
        ["red", "\"green\"\n"][self as usize]
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
}

/// The labels that a step is about, of which a family takes those that it has.
#[derive(Clone, Debug)]
struct At {
    colour: Colour,
    lit: Option<bool>,
    text: String,
}

impl At {
    fn finite(&self) -> Finite {
        Finite { colour: self.colour, lit: self.lit }
    }

    fn open(&self) -> Open<'_> {
        Open { text: &self.text, colour: self.colour }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Plain,
    Finite,
    Open,
}

type Key = Vec<String>;

impl Shape {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Finite => &["colour", "lit"],
            Self::Open => &["text", "colour"],
        }
    }

    fn key(self, at: &At) -> Key {
        let lit = at.lit.map(|lit| lit.to_string()).unwrap_or_default();
        match self {
            Self::Plain => vec![],
            Self::Finite => vec![at.colour.text().to_owned(), lit],
            Self::Open => vec![at.text.clone(), at.colour.text().to_owned()],
        }
    }

    /// The labels of a step, of which only those are named whose bit is set.
    fn labels(self, at: &At, mask: u8) -> Vec<(&'static str, String)> {
        let named = self.names().iter().copied().zip(self.key(at));
        (0..).zip(named).filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, label)| label).collect()
    }
}

type With = dyn Fn(&At) -> Box<dyn Handle>;
type RemoveByLabels = dyn Fn(&[(&str, &str)]) -> Result<usize, Error>;

/// A handle that is kept, and whose it was.
type Kept = Option<(Box<dyn Handle>, Key, u64)>;

/// A metric of any type.
struct Metrics {
    name: &'static str,
    shape: Shape,
    new: Model,
    with: Box<With>,
    /// The metric itself, where it has one series.
    only: Option<Box<dyn Handle>>,
    remove: Box<dyn Fn(&At) -> bool>,
    remove_by_labels: Box<RemoveByLabels>,
    clear: Box<dyn Fn()>,
}

#[derive(Clone, Debug)]
enum Step {
    Use(At, Op),
    /// Keeps a handle in one of a few places.
    Keep(At, usize),
    UseKept(usize, Op),
    Remove(At, bool),
    RemoveByLabels(At, u8, bool),
    Clear(bool),
}

/// How a family is made.
#[derive(Clone, Copy, Debug)]
struct Options {
    zone: bool,
    host: bool,
    init: bool,
    max_series: usize,
}

macro_rules! made {
    ($registry:expr, $name:expr, $shape:expr, $new:expr, $metric:expr, |$at:ident| $labels:expr, $only:expr) => {{
        let metric = $metric;
        $registry.register(&metric).unwrap();
        let (with, remove, by_labels, clear) = (metric.clone(), metric.clone(), metric.clone(), metric.clone());
        Metrics {
            name: $name,
            shape: $shape,
            new: $new,
            only: $only(&metric),
            with: Box::new(move |$at: &At| Box::new(with.with(&$labels))),
            remove: Box::new(move |$at: &At| remove.remove(&$labels)),
            remove_by_labels: Box::new(move |labels| by_labels.remove_by_labels(labels.iter().copied())),
            clear: Box::new(move || clear.clear()),
        }
    }};
}

macro_rules! builders {
    ($($function:ident: $name:literal, $new:expr, $builder:expr;)*) => {$(
        fn $function(registry: &Registry, shape: Shape, options: Options) -> Metrics {
            let builder = $builder.max_series(options.max_series.max(FINITE));
            let builder = if options.zone { builder.const_label("zone", ZONE) } else { builder };
            match shape {
                Shape::Plain => {
                    let metric = builder.build().unwrap();
                    made!(registry, $name, shape, $new, metric, |_at| (), |metric: &_| Some(handle(metric)))
                }
                Shape::Finite => {
                    let metric = builder.labels::<Finite>().init(options.init).build().unwrap();
                    made!(registry, $name, shape, $new, metric, |at| at.finite(), |_| None)
                }
                Shape::Open => {
                    let metric = builder.max_series(options.max_series).labels::<Open<'static>>().build().unwrap();
                    made!(registry, $name, shape, $new, metric, |at| at.open(), |_| None)
                }
            }
        }
    )*};
}

fn handle<M: Metric + Handle>(metric: &M) -> Box<dyn Handle> {
    Box::new(metric.clone())
}

/// So many combinations has `Finite`.
const FINITE: usize = 6;

/// A constant label of a metric, and one of a registry.
const ZONE: &str = "e\"u\"";
const HOST: &str = "a\\b\n";

builders! {
    unsigned: "unsigned_total", Model::Unsigned(0), Counter::builder("unsigned_total", "");
    float: "float_total", Model::Float(0.0), Counter::builder("float_total", "").values::<f64>();
    gauge: "gauge", Model::Gauge(0.0), Gauge::builder("gauge", "");
    signed: "signed", Model::Signed(0), Gauge::builder("signed", "").values::<i64>();
    histogram: "histogram", Model::Observed(vec![]), Histogram::builder("histogram", "").buckets(BOUNDS).unwrap();
    summary: "summary", Model::Observed(vec![]), Summary::builder("summary", "");
    ranked: "summary_ranked", Model::Observed(vec![]), Summary::builder("summary_ranked", "")
        .quantiles(QUANTILES).unwrap();
    windowed: "summary_windowed_ranked", Model::Observed(vec![]), Summary::builder("summary_windowed_ranked", "")
        .quantiles(QUANTILES).unwrap().max_age(std::time::Duration::from_hours(24)).age_buckets(3);
    info: "said_info", Model::Said(vec![]), Info::builder("said", "");
    states: "state", Model::State(State::Idle), StateSet::<State>::builder("state", "");
}

/// What a family holds, as maps.
struct World {
    series: BTreeMap<Key, (u64, Model)>,
    /// Those that count for `max_series`.
    limited: BTreeSet<Key>,
    overflowed: u64,
    refused: u64,
    /// How many series there have been.
    made: u64,
}

impl World {
    /// The series of these labels, made if it is new.
    fn find(&mut self, metrics: &Metrics, options: Options, at: &At) -> Key {
        let mut key = metrics.shape.key(at);
        if metrics.shape == Shape::Open && !self.series.contains_key(&key) {
            if self.limited.len() < options.max_series {
                self.limited.insert(key.clone());
            } else {
                self.overflowed += 1;
                key = vec!["other".to_owned(), at.colour.text().to_owned()];
            }
        }
        if !self.series.contains_key(&key) {
            self.made += 1;
            self.series.insert(key.clone(), (self.made, metrics.new.clone()));
        }
        key
    }

    /// Does something to a series.
    fn apply(&mut self, metrics: &Metrics, options: Options, key: &Key, op: &Op) -> &Model {
        let taken = |name: &String| metrics.shape.names().contains(&name.as_str()) || (options.zone && name == "zone");
        let (_, model) = self.series.get_mut(key).unwrap();
        // An info has no text called as one of its labels.
        if !matches!(op, Op::Say(texts) if texts.iter().any(|(name, _)| taken(name))) {
            self.refused += u64::from(model.apply(op));
        }
        model
    }

    fn remove(&mut self, gone: impl Fn(&Key) -> bool) -> usize {
        let before = self.series.len();
        self.series.retain(|key, _| !gone(key));
        self.limited.retain(|key| !gone(key));
        before - self.series.len()
    }

    fn samples(&self, metrics: &Metrics, options: Options) -> BTreeMap<Sample, (f64, f64)> {
        let mut samples = BTreeMap::new();
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        for (key, (_, model)) in &self.series {
            let mut labels: BTreeMap<String, String> =
                metrics.shape.names().iter().copied().zip(key.iter().map(String::as_str)).map(text).collect();
            labels.extend(options.zone.then(|| text(("zone", ZONE))));
            labels.extend(options.host.then(|| text(("host", HOST))));
            labels.extend(model.said().iter().cloned());
            for (suffix, own, least, most) in model.expected(metrics.name) {
                let mut labels = labels.clone();
                labels.extend(own.map(|(name, value)| (name.to_owned(), value)));
                samples.insert((format!("{}{suffix}", metrics.name), labels), (least, most));
            }
        }
        samples
    }
}

/// Runs a program, and compares after each step and at its end.
fn run(make: fn(&Registry, Shape, Options) -> Metrics, shape: Shape, options: Options, steps: &[Step]) {
    quiet();
    let registry = Registry::builder();
    let registry = if options.host { registry.const_label("host", HOST) } else { registry }.build();
    let metrics = make(&registry, shape, options);
    let mut world = World { series: BTreeMap::new(), limited: BTreeSet::new(), overflowed: 0, refused: 0, made: 0 };
    let shown = match shape {
        Shape::Plain => vec![(Colour::Red, None)],
        Shape::Finite if options.init => {
            let all =
                [Colour::Red, Colour::Green].map(|colour| [None, Some(false), Some(true)].map(|lit| (colour, lit)));
            all.concat()
        }
        _ => vec![],
    };
    for (colour, lit) in shown {
        world.find(&metrics, options, &At { colour, lit, text: String::new() });
    }
    let mut kept: [Kept; 3] = [None, None, None];
    for step in steps {
        take(step, &registry, &metrics, options, &mut world, &mut kept);
    }
    compare(&registry, &metrics, options, &world);
}

fn take(
    step: &Step,
    registry: &Registry,
    metrics: &Metrics,
    options: Options,
    world: &mut World,
    kept: &mut [Kept; 3],
) {
    match step {
        Step::Use(at, op) => {
            let handle = (metrics.with)(at);
            let key = world.find(metrics, options, at);
            // The methods of the metric itself do the same.
            metrics.only.as_ref().unwrap_or(&handle).apply(op);
            let model = world.apply(metrics, options, &key, op);
            assert!(handle.reads(Some(model)), "{step:?}: {model:?}");
        }
        Step::Keep(at, place) => {
            let handle = (metrics.with)(at);
            let key = world.find(metrics, options, at);
            let generation = world.series[&key].0;
            kept[*place] = Some((handle, key, generation));
        }
        Step::UseKept(place, op) => {
            let Some((handle, key, generation)) = &kept[*place] else { return };
            handle.apply(op);
            let there = world.series.get(key).is_some_and(|(now, _)| now == generation);
            let model = there.then(|| world.apply(metrics, options, key, op));
            assert!(handle.reads(model), "{step:?}: {model:?}");
        }
        Step::Remove(at, by_name) => {
            let key = metrics.shape.key(at);
            let labels = metrics.shape.labels(at, u8::MAX);
            let removed = if *by_name {
                let labels = labels.iter().map(|(name, text)| (*name, text.as_str()));
                registry.remove(metrics.name, labels).unwrap()
            } else {
                (metrics.remove)(at)
            };
            let expected = metrics.shape != Shape::Plain && world.remove(|it| *it == key) > 0;
            assert_eq!(removed, expected, "{step:?}");
        }
        Step::RemoveByLabels(at, mask, by_name) => {
            let labels = metrics.shape.labels(at, *mask);
            let asked: Vec<(&str, &str)> = labels.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let removed = if *by_name {
                registry.remove_by_labels(metrics.name, asked.iter().copied()).unwrap()
            } else {
                (metrics.remove_by_labels)(&asked).unwrap()
            };
            let names = metrics.shape.names();
            let gone = |key: &Key| {
                let value = |label: &str| &key[names.iter().position(|name| *name == label).unwrap()];
                asked.iter().all(|(label, text)| value(label) == text)
            };
            let expected = if metrics.shape == Shape::Plain { 0 } else { world.remove(gone) };
            assert_eq!(removed, expected, "{step:?}");
        }
        Step::Clear(by_name) => {
            if *by_name {
                registry.clear(metrics.name).unwrap();
            } else {
                (metrics.clear)();
            }
            if metrics.shape != Shape::Plain {
                world.remove(|_| true);
            }
        }
    }
}

/// What is gathered, what stands on the page and what is found by name is what the model says.
fn compare(registry: &Registry, metrics: &Metrics, options: Options, world: &World) {
    let expected = world.samples(metrics, options);
    let families = registry.gather();
    let own: Vec<_> = families.iter().filter(|family| family.name() == metrics.name).cloned().collect();
    let gathered = of_families(&own);
    let text = page(registry);
    let read = Page::read(&text);
    let on_page = read.numbers(metrics.name);
    let is = |value: f64, (least, most): (f64, f64)| {
        // A gauge that was moved to zero has no sign.
        same(value + 0.0, least + 0.0) || same(value + 0.0, most + 0.0) || (least..=most).contains(&value)
    };
    assert_eq!(on_page.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{text}");
    assert_eq!(gathered.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (sample, range) in &expected {
        assert!(is(on_page[sample], *range), "{sample:?} is not within {range:?}\n{text}");
        assert!(same(gathered[sample], on_page[sample]), "{sample:?}: {text}");
        let labels = sample.1.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let found = registry.value(&sample.0, labels).unwrap();
        assert!(same(found, on_page[sample]), "{sample:?} is {found}: {text}");
    }
    for series in own.iter().flat_map(MetricFamily::series) {
        let got = registry.get(metrics.name, series.labels()).unwrap().unwrap();
        // NaN is not equal to itself.
        assert_eq!(format!("{got:?}"), format!("{:?}", series.value()));
    }
    let host = options.host.then_some(("host", HOST));
    let tells = |name: &str| registry.value(name, [("metric", metrics.name)].into_iter().chain(host));
    let some = |count: u64| (count > 0).then(|| Number::from(count).as_f64());
    assert_eq!(tells("tallymark_series_overflow_total"), some(world.overflowed));
    assert_eq!(tells("tallymark_refused_total"), some(world.refused), "{text}");
}

/// Keeps the panics of functions that are meant to off the terminal.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&ON_PURPOSE) {
                hook(info);
            }
        }));
    });
}

fn at() -> impl Strategy<Value = At> {
    let colour = prop_oneof![Just(Colour::Red), Just(Colour::Green)];
    let text = prop_oneof![3 => "[ab]{0,2}", 1 => Just("other".to_owned()), 1 => crate::texts::any_text()];
    (colour, any::<Option<bool>>(), text).prop_map(|(colour, lit, text)| At { colour, lit, text })
}

/// Numbers whose sums are exact, and some that are no numbers.
fn number() -> impl Strategy<Value = f64> {
    let quarters = (-4000..4000_i32).prop_map(|quarters| f64::from(quarters) / 4.0);
    let odd = prop::sample::select(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0][..]);
    prop_oneof![12 => quarters, 1 => odd]
}

fn op() -> impl Strategy<Value = Op> {
    let name = prop::sample::select(&["a", "b", "c", "a-b", "colour", "zone", "host"][..]);
    let said = prop::collection::vec((name.prop_map(str::to_owned), crate::texts::any_text()), 0..3);
    prop_oneof![
        2 => Just(Op::Inc),
        1 => Just(Op::Dec),
        3 => number().prop_map(Op::Add),
        2 => number().prop_map(Op::Sub),
        1 => number().prop_map(Op::Try),
        2 => number().prop_map(Op::Set),
        1 => prop::option::weighted(0.8, number()).prop_map(Op::Function),
        1 => Just(Op::Reset),
        6 => number().prop_map(Op::Observe),
        4 => said.prop_map(Op::Say),
        4 => prop::sample::select(&[State::Idle, State::Busy, State::Gone][..]).prop_map(Op::State),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => (at(), op()).prop_map(|(at, op)| Step::Use(at, op)),
        3 => (at(), 0..3_usize).prop_map(|(at, place)| Step::Keep(at, place)),
        8 => (0..3_usize, op()).prop_map(|(place, op)| Step::UseKept(place, op)),
        3 => (at(), any::<bool>()).prop_map(|(at, by_name)| Step::Remove(at, by_name)),
        1 => (at(), 0..4_u8, any::<bool>()).prop_map(|(at, mask, by_name)| Step::RemoveByLabels(at, mask, by_name)),
        1 => any::<bool>().prop_map(Step::Clear),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    (any::<bool>(), any::<bool>(), any::<bool>(), 2..6_usize).prop_map(|(zone, host, init, max_series)| Options {
        zone,
        host,
        init,
        max_series,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![1 => Just(Shape::Plain), 2 => Just(Shape::Finite), 3 => Just(Shape::Open)]
}

macro_rules! every_type {
    ($($test:ident: $make:ident;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

            $(#[test]
            fn $test(shape in shape(), options in options(), steps in prop::collection::vec(step(), 0..60)) {
                run($make, shape, options, &steps);
            })*
        }
    };
}

every_type! {
    a_counter_counts_as_an_integer_does: unsigned;
    a_counter_of_floats_counts_as_a_float_does: float;
    a_gauge_moves_as_a_float_does: gauge;
    a_gauge_of_integers_moves_as_an_integer_does: signed;
    a_histogram_is_a_list_counted: histogram;
    a_summary_is_a_list_summed: summary;
    a_summary_ranks_as_a_sorted_list_does: ranked;
    a_summary_ranks_all_of_a_window_that_has_not_passed: windowed;
    an_info_says_what_a_map_does: info;
    a_state_set_is_where_it_was_put: states;
}

#[test]
fn a_value_that_is_read_by_name_is_of_its_type() {
    let registry = Registry::new();
    let options = Options { zone: false, host: false, init: true, max_series: 9 };
    for make in [unsigned, float, gauge, signed, histogram, summary, ranked, info, states] {
        make(&registry, Shape::Plain, options);
    }
    let get = |name: &str| registry.get(name, []).unwrap().unwrap();
    assert_eq!(get("unsigned_total"), Value::Number(Number::Unsigned(0)));
    assert_eq!(get("float_total"), Value::Number(Number::Float(0.0)));
    assert_eq!(get("gauge"), Value::Number(Number::Float(0.0)));
    assert_eq!(get("signed"), Value::Number(Number::Signed(0)));
    assert_eq!(get("said_info"), Value::Number(Number::Unsigned(1)));
    assert!(matches!(get("histogram"), Value::Histogram(_)));
    assert!(matches!(get("summary"), Value::Summary(_)) && matches!(get("summary_ranked"), Value::Summary(_)));
    let Value::StateSet(states) = get("state") else { panic!("a state set") };
    assert_eq!(states.current(), Some("idle"));
}
