//! When series began to count.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::thread;
use std::time::SystemTime;

use tallymark::{
    Counter, Gauge, Histogram, Info, LabelValue, Labels, MetricFamily, Number, Registry, SeriesSnapshot, Summary,
    Timestamp, Value,
};

#[derive(Clone, Copy, LabelValue)]
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

fn open(path: &str) -> Open {
    Open { path: path.to_owned() }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

fn only(registry: &Registry) -> MetricFamily {
    let mut families = registry.gather();
    families.retain(|family| !family.name().starts_with("tallymark_"));
    assert_eq!(families.len(), 1);
    families.remove(0)
}

fn created(registry: &Registry, labels: &[(&str, &str)]) -> Timestamp {
    only(registry).find(labels).and_then(SeriesSnapshot::created).unwrap()
}

/// Runs what makes series, and says that they were created meanwhile.
fn meanwhile(registry: &Registry, labels: &[(&str, &str)], run: impl FnOnce()) -> Timestamp {
    let before = now();
    run();
    let created = created(registry, labels);
    assert!(before <= created && created <= now(), "{before:?} {created:?}");
    created
}

#[test]
fn what_counts_says_since_when_and_what_does_not_says_nothing() {
    let registry = Registry::new();
    registry.register(Counter::new("a_total", "A.").unwrap()).unwrap();
    registry.register(Counter::builder("b_total", "B.").values::<f64>().build().unwrap()).unwrap();
    registry.register(Histogram::new("c", "C.").unwrap()).unwrap();
    registry.register(Summary::new("d", "D.").unwrap()).unwrap();
    registry.register(Gauge::new("e", "E.").unwrap()).unwrap();
    let info = Info::new("f_info", "F.").unwrap();
    info.set([("version", "1")]).unwrap();
    registry.register(&info).unwrap();
    for family in registry.gather() {
        let says = family.series()[0].created().is_some();
        assert_eq!(says, "abcd".contains(&family.name()[..1]), "{}", family.name());
    }
}

#[test]
fn a_series_says_the_same_at_every_scrape_whatever_it_counts() {
    let registry = Registry::new();
    let counter = Counter::builder("a_total", "A.").labels::<Open>().build().unwrap();
    registry.register(&counter).unwrap();
    let labels = [("path", "/")];
    let created_at = meanwhile(&registry, &labels, || counter.with(&open("/")).inc());
    for number in 0..100 {
        counter.with(&open("/")).inc();
        counter.with(&open(&number.to_string())).inc();
        assert_eq!(created(&registry, &labels), created_at);
    }
}

#[test]
fn a_finite_series_says_when_it_was_made_again() {
    let registry = Registry::new();
    let histogram = Histogram::builder("a", "A.").labels::<Finite>().build().unwrap();
    registry.register(&histogram).unwrap();
    let (get, put) = ([("method", "get")], [("method", "put")]);
    histogram.with(&Finite { method: Method::Put }).observe(1.0);
    let before = (created(&registry, &get), created(&registry, &put));
    assert!(histogram.remove(&Finite { method: Method::Get }));
    let again = meanwhile(&registry, &get, || histogram.with(&Finite { method: Method::Get }).observe(1.0));
    assert!(again > before.0);
    assert_eq!(created(&registry, &put), before.1);
}

#[test]
fn an_open_series_that_gets_the_place_of_another_says_when_it_was_made() {
    let registry = Registry::new();
    let counter = Counter::builder("a_total", "A.").labels::<Open>().build().unwrap();
    registry.register(&counter).unwrap();
    let mut before = None;
    for round in 0..3 {
        for path in ["/", "/a", "/a/rather/long/path/that/does/not/fit/into/a/line/of/its/own"] {
            let labels = [("path", path)];
            let created = Some(meanwhile(&registry, &labels, || counter.with(&open(path)).inc()));
            assert!(created > before, "{round} {path}");
            before = created;
        }
        counter.clear();
    }
}

#[test]
fn what_is_past_the_limit_says_when_that_was_first_so() {
    let registry = Registry::new();
    let counter = Counter::builder("a_total", "A.").labels::<Open>().max_series(1).build().unwrap();
    registry.register(&counter).unwrap();
    counter.with(&open("/")).inc();
    let labels = [("path", "other")];
    let first = meanwhile(&registry, &labels, || counter.with(&open("/a")).inc());
    counter.with(&open("/b")).inc();
    assert_eq!(created(&registry, &labels), first);
}

#[test]
fn a_counter_that_is_reset_began_then() {
    let registry = Registry::new();
    let unsigned = Counter::builder("a_total", "A.").labels::<Finite>().build().unwrap();
    registry.register(&unsigned).unwrap();
    let labels = [("method", "get")];
    let before = (created(&registry, &labels), created(&registry, &[("method", "put")]));
    let get = unsigned.with(&Finite { method: Method::Get });
    let first = meanwhile(&registry, &labels, || get.reset());
    assert!(before.0 < first && first < meanwhile(&registry, &labels, || get.reset()));
    assert_eq!(created(&registry, &[("method", "put")]), before.1);
    // What is made behind it doesn't inherit that.
    assert!(unsigned.remove(&Finite { method: Method::Get }));
    meanwhile(&registry, &labels, || unsigned.with(&Finite { method: Method::Get }).inc());

    let registry = Registry::new();
    let float = Counter::builder("b_total", "B.").values::<f64>().build().unwrap();
    registry.register(&float).unwrap();
    float.inc_by(0.5);
    meanwhile(&registry, &[], || float.reset());
}

#[test]
fn a_static_began_when_it_first_counted_or_was_first_shown() {
    /// Counts before anybody looks.
    #[tallymark::counter(name = "early_total")]
    static EARLY: Counter;

    /// Counts after.
    #[tallymark::counter(name = "late_total")]
    static LATE: Counter;

    let of = |name: &str| {
        let families = Registry::global().gather();
        families.iter().find(|family| family.name() == name).unwrap().series()[0].created().unwrap()
    };
    let before = now();
    EARLY.inc();
    let counted = now();
    let (early, late) = (of("early_total"), of("late_total"));
    assert!(before <= early && early <= counted && late <= now());
    thread::spawn(|| EARLY.inc()).join().unwrap();
    LATE.inc();
    assert_eq!((early, late), (of("early_total"), of("late_total")));
}

/// No scrape finds more than what was counted since what it says, however often the counter is reset meanwhile.
#[test]
fn a_reset_is_never_shown_with_what_was_counted_before_it() {
    const GENERATIONS: u64 = 20_000;
    let registry = Registry::new();
    // Each generation counts one less than the one before.
    let mut begun = vec![now()];
    let counter = Counter::new("a_total", "A.").unwrap();
    registry.register(&counter).unwrap();
    let mut seen = Vec::new();
    thread::scope(|scope| {
        let counting = scope.spawn(|| {
            for generation in 0..GENERATIONS {
                counter.inc_by(GENERATIONS - generation);
                begun.push(now());
                counter.reset();
            }
        });
        while !counting.is_finished() {
            let family = only(&registry);
            let Value::Number(Number::Unsigned(value)) = *family.series()[0].value() else { panic!("{family:?}") };
            seen.push((family.series()[0].created().unwrap(), value));
        }
    });
    assert!(seen.is_sorted_by_key(|(created, _)| *created));
    for (created, value) in seen {
        let generation = begun.partition_point(|begun| *begun <= created) as u64 - 1;
        assert!(value <= GENERATIONS - generation, "{value} since {created:?}, in generation {generation}");
    }
    assert_eq!(*only(&registry).series()[0].value(), Value::Number(0_u64.into()));
}
