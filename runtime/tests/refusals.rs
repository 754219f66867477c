//! Everything that may be refused, each with what is said of it: the thing, the place, and what to write instead.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::time::Duration;

use tallymark::collectors::Process;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Error, Gauge, Histogram, Info, LabelValue, Labels, MetricKind, Registry,
    StateSet, Summary, buckets,
};

#[derive(Labels)]
struct Task<'a> {
    task: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

#[derive(Clone, Copy, LabelValue)]
enum Gap {
    Filled,
    #[label("")]
    Empty,
}

#[derive(Labels)]
struct Finite {
    gap: Gap,
    lit: Option<bool>,
}

#[derive(Labels)]
struct Ambiguous {
    gap: Option<Gap>,
}

fn finite() -> Finite {
    Finite { gap: Gap::Empty, lit: None }
}

/// What is done, and what is said of it.
macro_rules! cases {
    ($(|$out:ident| $run:expr => $said:expr;)*) => {
        [$((|$out: &mut Collected| { let _ = $run; }, $said)),*]
    };
    ($(|| $run:expr => $said:expr;)*) => {
        [$((|| { let _ = $run; }, $said)),*]
    };
}

/// Whether a message has all of these, and the place in this file.
#[track_caller]
fn says(error: &Error, expected: &[&str]) {
    let text = error.to_string();
    for expected in expected.iter().chain(&["refusals.rs:"]) {
        assert!(text.contains(expected), "{expected:?} is not said: {text}");
    }
    assert_eq!(text.matches("refusals.rs:").count(), 1, "{text}");
    assert_eq!(format!("{error:?}"), text);
}

#[test]
fn names_that_are_none() {
    let refused = |name: &'static str| {
        [
            Counter::new(name, "").unwrap_err(),
            Counter::builder(name, "").values::<f64>().labels::<Task<'static>>().build().unwrap_err(),
            Gauge::new(name, "").unwrap_err(),
            Gauge::builder(name, "").values::<i64>().labels::<Finite>().build().unwrap_err(),
            Histogram::new(name, "").unwrap_err(),
            Summary::new(name, "").unwrap_err(),
            Info::new(name, "").unwrap_err(),
            StateSet::<State>::new(name, "").unwrap_err(),
        ]
    };
    for (name, fault, instead) in [
        ("", "`` is no metric name: it is empty", "`my_name`"),
        ("2fast", "`2fast` is no metric name: it begins with a digit", "`n2fast`"),
        ("a b", "`a b` is no metric name: only `a`-`z`", "`a_b`"),
        ("größe\n", "is no metric name", "`gr__e_`"),
        ("__a", "reserved for Prometheus itself", "`a`"),
    ] {
        for error in refused(name) {
            says(&error, &[fault, &format!("write for example {instead}")]);
        }
    }
    let error = StateSet::<State>::new("a:b", "").unwrap_err();
    says(&error, &["`a:b` is no label name", "write for example `a_b`"]);
}

#[test]
fn units_that_no_name_ends_in() {
    says(
        &Counter::builder("x_total", "").unit("bytes").build().unwrap_err(),
        &["`x_total`", "call it `x_bytes_total`"],
    );
    says(&Summary::builder("x_mb", "").unit("bytes").build().unwrap_err(), &["`x_mb`", "call it `x_mb_bytes`"]);
    says(&Histogram::builder("kilobytes", "").unit("bytes").build().unwrap_err(), &["call it `kilobytes_bytes`"]);
    says(&Gauge::builder("x", "").unit("").build().unwrap_err(), &["`x`", "its unit ``"]);
    says(&Info::builder("x", "").unit("bytes").build().unwrap_err(), &["`x_info`", "has no unit; drop `bytes`"]);
    let error = StateSet::<State>::builder("x_seconds", "").unit("seconds").build().unwrap_err();
    says(&error, &["`x_seconds`", "has no unit; drop `seconds`"]);
}

#[test]
fn labels_that_cannot_be() {
    macro_rules! each {
        ($($new:expr),*; $name:expr, $expected:expr) => {
            $(says(&$new.const_label($name, "").labels::<Task<'static>>().build().unwrap_err(), &$expected);)*
        };
    }
    for (name, expected) in [
        ("le", ["`le` is no label name", "write for example `le_`"]),
        ("quantile", ["`quantile` is no label name", "write for example `quantile_`"]),
        ("a-b", ["`a-b` is no label name", "write for example `a_b`"]),
        ("__a", ["reserved for Prometheus itself", "write for example `a`"]),
        ("task", ["the label `task` stands twice on `x", "drop one of them"]),
    ] {
        each!(Counter::builder("x_total", ""), Gauge::builder("x", ""), Histogram::builder("x", ""),
            Summary::builder("x", ""), Info::builder("x", ""), StateSet::<State>::builder("x", ""); name, expected);
    }
    let twice = Gauge::builder("x", "").const_label("a", "1").const_label("a", "2").build().unwrap_err();
    says(&twice, &["the label `a` stands twice on `x`"]);
    let instead = "is called as the state set, whose states stand in a label of that name; call it something else";
    let error = StateSet::<State>::builder("task", "").labels::<Task<'static>>().build().unwrap_err();
    says(&error, &["the label `task`", instead]);
    says(&StateSet::<State>::builder("x", "").const_label("x", "").build().unwrap_err(), &["the label `x`", instead]);
    let error = Counter::builder("x_total", "").labels::<Ambiguous>().build().unwrap_err();
    says(&error, &["`x_total`", "would be one series; give that value another text"]);
    let _ = Ambiguous { gap: Some(Gap::Filled) };
}

#[test]
fn series_that_are_too_many_or_unknown() {
    let error = Gauge::builder("x", "").labels::<Finite>().max_series(5).build().unwrap_err();
    says(&error, &["`x`: its labels have 6 combinations, more than `max_series` = 5: raise it, or drop a label"]);
    let error = Summary::builder("x", "").labels::<Task<'static>>().max_series(0).build().unwrap_err();
    says(&error, &["`x`", "`max_series` = 0: raise it"]);
    let error = Info::builder("x", "").labels::<Task<'static>>().init(true).build().unwrap_err();
    says(&error, &["`x`", "`init(true)` can't show every series; drop it, or make the label an enum"]);
}

#[test]
fn states_that_nobody_can_list() {
    says(&StateSet::<String>::new("x", "").unwrap_err(), &["`x`", "`#[derive(tallymark::LabelValue)]` on an enum"]);
    says(&StateSet::<Option<u8>>::new("x", "").unwrap_err(), &["must be known when the program is compiled"]);
    says(&StateSet::<Option<Gap>>::new("x", "").unwrap_err(), &["`x`", "two states read alike; give one of them"]);
    says(&StateSet::<Gap>::new("x", "").unwrap_err(), &["`x`: a state reads as the empty text", "give it a text"]);
    says(&StateSet::<Option<bool>>::new("x", "").unwrap_err(), &["or a variant of its own instead of `None`"]);
}

#[test]
fn buckets_that_do_not_rise() {
    for (bounds, expected) in [
        (&[][..], "at least one bucket besides +Inf; write for example"),
        (&[f64::INFINITY], "at least one bucket besides +Inf"),
        (&[f64::NAN], "NaN, and nothing is below or above that; drop it"),
        (&[f64::NEG_INFINITY, 1.0], "infinite; +Inf is always there"),
        (&[1.0, f64::INFINITY, 2.0], "infinite; +Inf is always there"),
        (&[1.0, 1.0], "two buckets have the same bound; drop one of them"),
        (&[-0.0, 0.0], "two buckets have the same bound"),
        (&[2.0, 1.0], "the buckets' bounds don't rise; sort them"),
    ] {
        let error = Histogram::builder("x_seconds", "").buckets(bounds.iter().copied()).unwrap_err();
        says(&error, &["`x_seconds`: the buckets [", expected]);
    }
}

#[test]
fn helpers_that_make_no_buckets() {
    quiet();
    let cases: [(fn(), &str); 14] = cases! {
        || buckets::linear::<0>(0.0, 1.0) => "at least 1 bucket; raise its count";
        || buckets::linear::<2>(f64::NAN, 1.0) => "the start of `linear` must be a finite number";
        || buckets::linear::<2>(0.0, 0.0) => "the width of `linear` must be above 0";
        || buckets::linear::<2>(0.0, f64::INFINITY) => "the width of `linear`";
        || buckets::exponential::<0>(1.0, 2.0) => "at least 1 bucket; raise its count";
        || buckets::exponential::<2>(0.0, 2.0) => "the start of `exponential` must be above 0";
        || buckets::exponential::<2>(1.0, 1.0) => "the factor of `exponential` must be above 1";
        || buckets::exponential::<2>(1.0, f64::NAN) => "the factor of `exponential` must be above 1";
        || buckets::exponential::<3>(1.0, 1e200) => "grow beyond all numbers; ask for fewer";
        || buckets::exponential_range::<1>(1.0, 2.0) => "at least 2 buckets";
        || buckets::exponential_range::<2>(-1.0, 2.0) => "the start of `exponential_range` must be above 0";
        || buckets::exponential_range::<2>(1.0, 1.0) => "the end of `exponential_range` must be above its start";
        || buckets::exponential_range::<2>(1.0, f64::INFINITY) => "the end of `exponential_range`";
        || buckets::exponential_range::<3>(1e-300, 1e300) => "so far above its start";
    };
    for (make, expected) in cases {
        let payload = catch_unwind(make).unwrap_err();
        let text = payload.downcast_ref::<&str>().map_or_else(String::new, |text| (*text).to_owned());
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn quantiles_and_windows_that_mean_nothing() {
    let build = || Summary::builder("x", "");
    for (quantiles, expected) in [
        (&[][..], "no quantile is listed; write for example"),
        (&[(1.1, 0.1)], "not within 0 to 1; write the 99th percentile as `0.99`"),
        (&[(-0.1, 0.1)], "not within 0 to 1"),
        (&[(f64::NAN, 0.1)], "not within 0 to 1"),
        (&[(0.5, 0.0)], "a quantile's error is not above 0 and below 1"),
        (&[(0.5, 1.0)], "a quantile's error is not above 0 and below 1"),
        (&[(0.5, f64::NAN)], "so write for example `(0.99, 0.001)`"),
        (&[(0.5, 0.1), (0.5, 0.1)], "two quantiles are the same; drop one of them"),
        (&[(0.9, 0.1), (0.5, 0.1)], "the quantiles don't rise; sort them"),
    ] {
        says(&build().quantiles(quantiles.iter().copied()).unwrap_err(), &["`x`: the quantiles [", expected]);
    }
    let asked = || build().quantiles([(0.5, 0.1)]).unwrap();
    for (builder, expected) in [
        (asked().max_age(Duration::ZERO), "the window has no length; state how long values count"),
        (asked().age_buckets(0), "the window has no age buckets; state at least 1"),
        (asked().age_buckets(u32::MAX), "more than 1000 age buckets"),
        (build().max_age(Duration::from_secs(1)), "none are asked for; ask with `quantiles`, or drop it"),
        (build().age_buckets(5), "none are asked for; ask with `quantiles`, or drop it"),
    ] {
        says(&builder.build().unwrap_err(), &["`x`", expected]);
    }
    assert!(asked().max_age(Duration::from_nanos(1)).age_buckets(1000).build().is_ok());
}

#[test]
fn descriptors_that_break_a_rule() {
    let described = || Descriptor::new(MetricKind::Summary, "x", "").unwrap();
    for (error, expected) in [
        (Descriptor::new(MetricKind::Unknown, "a-b", "").unwrap_err(), "write for example `a_b`"),
        (Descriptor::new(MetricKind::StateSet, "a:b", "").unwrap_err(), "write for example `a_b`"),
        (described().with_unit("bytes").unwrap_err(), "call it `x_bytes`"),
        (described().with_labels(["a", "a"]).unwrap_err(), "the label `a` stands twice on `x`; drop one of them"),
        (described().with_labels(["quantile"]).unwrap_err(), "write for example `quantile_`"),
        (described().with_const_label("1st", "").unwrap_err(), "write for example `n1st`"),
    ] {
        assert!(error.to_string().contains(expected), "{error}");
    }
}

fn shown(registry: &Registry, name: &str) -> f64 {
    registry.value("tallymark_refused_total", [("metric", name)]).unwrap_or_default()
}

#[test]
fn values_that_count_for_nothing() {
    let registry = Registry::new();
    let floats = Counter::builder("floats_total", "").values::<f64>().build().unwrap();
    let tasks = Counter::builder("tasks_total", "").values::<f64>().labels::<Task<'static>>().build().unwrap();
    registry.register(&floats).unwrap();
    registry.register(&tasks).unwrap();
    let mail = tasks.with(&Task { task: "mail" });
    for bad in [-1.0, f64::NAN, f64::NEG_INFINITY, -5e-324] {
        floats.inc_by(bad);
        mail.inc_by(bad);
        let text = format!("can't be incremented by {bad}; it only goes up: use a gauge");
        says(&floats.try_inc_by(bad).unwrap_err(), &["the counter `floats_total`", &text]);
        says(&mail.try_inc_by(bad).unwrap_err(), &["a counter", &text]);
    }
    assert_eq!((floats.get().to_bits(), mail.get().to_bits()), (0, 0));

    let histogram = Histogram::new("histogram", "").unwrap();
    let histograms = Histogram::builder("histograms", "").labels::<Finite>().build().unwrap();
    let summary = Summary::new("summary", "").unwrap();
    let ranked = Summary::builder("ranked", "").quantiles([(0.5, 0.1)]).unwrap();
    let ranked = ranked.labels::<Task<'static>>().build().unwrap();
    registry.register(&histogram).unwrap();
    registry.register(&histograms).unwrap();
    registry.register(&summary).unwrap();
    registry.register(&ranked).unwrap();
    histogram.observe(f64::NAN);
    histograms.with(&finite()).observe(f32::NAN);
    summary.observe(f64::NAN);
    summary.observe(-f64::NAN);
    ranked.with(&Task { task: "mail" }).observe(f64::NAN);
    for (name, refused) in [
        ("floats_total", 4.0),
        ("tasks_total", 4.0),
        ("histogram", 1.0),
        ("histograms", 1.0),
        ("summary", 2.0),
        ("ranked", 1.0),
    ] {
        assert_eq!(shown(&registry, name).to_bits(), f64::to_bits(refused), "{name}");
    }
    for (name, labels) in [
        ("histogram_count", &[][..]),
        ("histograms_count", &[("gap", ""), ("lit", "")]),
        ("summary_sum", &[]),
        ("ranked_count", &[("task", "mail")]),
    ] {
        assert_eq!(registry.value(name, labels.iter().copied()), Some(0.0), "{name}");
    }
    // What was refused stays so when its series goes.
    assert!(ranked.remove(&Task { task: "mail" }));
    assert_eq!(shown(&registry, "ranked").to_bits(), 1.0_f64.to_bits());
    let help =
        registry.gather().iter().find(|family| family.name() == "tallymark_refused_total").unwrap().help().to_owned();
    assert!(help.contains("NaN for a histogram or a summary"), "{help}");
}

#[test]
fn texts_that_an_info_cannot_say() {
    let plain = Info::new("build", "").unwrap();
    let tasks = Info::builder("task", "").labels::<Task<'static>>().const_label("host", "a").build().unwrap();
    let mail = tasks.with(&Task { task: "mail" });
    plain.set([("version", "1")]).unwrap();
    for (name, expected) in [
        ("task", "`task` is one of its labels; call the text something else"),
        ("host", "`host` is one of its labels; call the text something else"),
        ("a", "it can't say two texts called `a`; drop one of them"),
        ("a-b", "`a-b` is no label name: only `a`-`z`"),
        ("le", "write for example `le_`"),
        ("", "write for example `my_name`"),
        ("__a", "write for example `a`"),
    ] {
        says(&mail.set([("a", "1"), (name, "2")]).unwrap_err(), &["the info `task_info`: ", expected]);
        assert!(mail.get().is_empty());
    }
    says(&plain.set([("a-b", "1")]).unwrap_err(), &["the info `build_info`: `a-b`", "write for example `a_b`"]);
    assert_eq!(plain.get(), [("version".to_owned(), "1".to_owned())]);
}

/// A collector out of a function.
struct Custom(Collect);

impl Collector for Custom {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.0)(out);
    }
}

const AT: [(&str, &str); 1] = [("a", "1")];

type Collect = fn(&mut Collected);

/// Each with what is said of it.
const FAULTS: [(Collect, &str); 27] = cases! {
    |out| out.counter("a-b", "").value(1) => "`a-b` is no metric name";
    |out| out.info("", "").info_series(AT, AT) => "`my_name`";
    |out| out.counter("x_total", "").value(-1) => "`x_total`: is a counter, which is never negative";
    |out| out.counter("x_total", "").series(AT, f64::NAN) => "never NaN; make it a gauge";
    |out| out.gauge("x", "").series([("a-b", "")], 1) => "`x`: `a-b` is no label name";
    |out| out.gauge("x", "").series([("a", ""), ("a", "")], 1) => "the label `a` stands twice";
    |out| out.gauge("x", "").series(AT, 1).value(1) => "give every series the same ones";
    |out| out.gauge("x", "").series(AT, 1).series([("b", "")], 1) => "give every series the same ones";
    |out| out.summary("x", "").summary_series([("quantile", "")], 1, 1.0, []) => "`quantile` is no label name";
    |out| out.summary("x", "").summary_series(AT, 1, 1.0, [(0.5, 1.0), (0.5, 1.0)]) => "give each once, sorted";
    |out| out.summary("x", "").summary_series(AT, 1, 1.0, [(f64::NAN, 1.0)]) => "aren't between 0 and 1";
    |out| out.histogram("x", "").histogram_series(AT, [], 1.0) => "at least one bucket";
    |out| out.histogram("x", "").histogram_series(AT, [(f64::NAN, 1)], 1.0) => "NaN";
    |out| out.gauge_histogram("x", "").histogram_series(AT, [(2.0, 1), (1.0, 1)], 1.0) => "don't rise; sort them";
    |out| out.info("x", "").info_series(AT, AT) => "`x_info`: has a series on which the label `a` stands twice";
    |out| out.info("x", "").info_series(AT, [("le", "")]) => "`le` is no label name";
    |out| out.state_set("a", "").state_series(AT, [("on", true)]) => "a label called as itself";
    |out| out.state_set("x", "").state_series(AT, [("on", true); 0]) => "give each state once";
    |out| out.state_set("x", "").state_series(AT, [("on", true); 2]) => "give each state once";
    |out| out.state_set("x", "").state_series(AT, [("", true)]) => "has a state without a text";
    |out| out.state_set("a:b", "").state_series(AT, [("on", true)]) => "`a_b`";
    |out| out.gauge("x", "").unit("bytes") => "call it `x_bytes`";
    |out| out.info("x", "").unit("bytes") => "has no unit; drop `bytes`";
    |out| out.state_set("x_bytes", "").unit("bytes") => "has no unit; drop `bytes`";
    |out| out.summary("x", "").value(1) => "is of the type summary; give its series with `summary_series`";
    |out| out.info("x", "").value(1) => "is of the type info; give its series with `info_series`";
    |out| out.state_set("x", "").value(1) => "is of the type stateset; give its series with `state_series`";
};

#[test]
fn faults_of_collectors() {
    let described = Registry::builder().auto_describe(true).build();
    for (collect, expected) in FAULTS {
        let error = described.register(Custom(collect)).unwrap_err().to_string();
        assert!(error.starts_with("not registered: the collector that was to be registered at "), "{error}");
        assert!(error.contains(expected) && error.contains("refusals.rs:"), "{expected}: {error}");
        // Nobody has looked before the scrape: the rest stands there, and the fault is counted.
        let registry = Registry::new();
        let collector = registry.register(Custom(collect)).unwrap();
        registry.register(Gauge::new("sound", "").unwrap()).unwrap();
        let families = registry.gather();
        let failures = families.iter().find(|family| family.name() == "tallymark_collector_failures_total");
        let failures = failures.unwrap_or_else(|| panic!("{expected}: no failure"));
        assert!(failures.series()[0].label("collector").unwrap().contains("refusals.rs:"));
        assert!(families.iter().any(|family| family.name() == "sound"), "{expected}");
        assert!(collector.unregister());
        assert_eq!(registry.gather().len(), 1);
    }
    assert!(described.gather().is_empty());
}

#[test]
fn series_of_another_type() {
    type Begin = for<'a> fn(&'a mut Collected) -> tallymark::CollectedFamily<'a>;
    let kinds: [(Begin, &str); 8] = [
        (|out| out.counter("x_total", ""), "series"),
        (|out| out.gauge("x", ""), "series"),
        (|out| out.unknown("x", ""), "series"),
        (|out| out.histogram("x", ""), "histogram_series"),
        (|out| out.gauge_histogram("x", ""), "histogram_series"),
        (|out| out.summary("x", ""), "summary_series"),
        (|out| out.info("x", ""), "info_series"),
        (|out| out.state_set("x", ""), "state_series"),
    ];
    for (begin, takes) in kinds {
        for given in ["series", "histogram_series", "summary_series", "info_series", "state_series"] {
            let collect = move |out: &mut Collected| {
                let mut family = begin(out);
                match given {
                    "series" => family.series(AT, 1),
                    "histogram_series" => family.histogram_series(AT, [(1.0, 1)], 1.0),
                    "summary_series" => family.summary_series(AT, 1, 1.0, []),
                    "info_series" => family.info_series(AT, [("b", "1")]),
                    _ => family.state_series(AT, [("on", true)]),
                };
            };
            let registered = Registry::builder().auto_describe(true).build().register(Boxed(Box::new(collect)));
            if given == takes {
                registered.unwrap();
            } else {
                let error = registered.unwrap_err().to_string();
                assert!(error.contains(&format!("; give its series with `{takes}`")), "{error}");
            }
        }
    }
}

struct Boxed(Box<dyn Fn(&mut Collected) + Send + Sync>);

impl Collector for Boxed {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.0)(out);
    }
}

#[test]
fn names_and_labels_that_are_not_there() {
    let registry = Registry::new();
    let tasks =
        Summary::builder("task_seconds", "").labels::<Task<'static>>().const_label("host", "a").build().unwrap();
    let plain = StateSet::<State>::new("job", "").unwrap();
    plain.set(State::Busy);
    assert!(!plain.is(State::Idle));
    registry.register(&tasks).unwrap();
    registry.register(&plain).unwrap();
    registry
        .register(Custom(|out| {
            out.gauge("given", "").series(AT, 1);
        }))
        .unwrap();
    let described = || vec![Descriptor::new(MetricKind::Gauge, "described", "").unwrap()];
    registry.register(Described(described)).unwrap();
    tasks.with(&Task { task: "mail" }).observe(1);
    let unknown = "there is no metric `task` in this registry; register it, or correct the name";
    let given = "the series of `described` are what a collector gives at each scrape; they can't be removed here";
    let labels = "`task_seconds` has no label `tsak`; its labels: `host`, `task`";
    let missing = "`task_seconds` has a label `task`, which is not given; give it too, or use `remove_by_labels`";
    for (error, expected) in [
        (registry.get("task", []).unwrap_err(), unknown),
        (registry.remove("task", []).unwrap_err(), unknown),
        (registry.remove_by_labels("task", []).unwrap_err(), unknown),
        (registry.clear("task").unwrap_err(), unknown),
        (registry.remove("described", []).unwrap_err(), given),
        (registry.remove_by_labels("described", []).unwrap_err(), given),
        (registry.clear("described").unwrap_err(), given),
        (registry.get("task_seconds", [("tsak", "mail")]).unwrap_err(), labels),
        (registry.remove("task_seconds", [("task", "mail"), ("tsak", "mail")]).unwrap_err(), labels),
        (registry.remove_by_labels("task_seconds", [("tsak", "mail")]).unwrap_err(), labels),
        (tasks.remove_by_labels([("tsak", "mail")]).unwrap_err(), labels),
        (registry.remove("task_seconds", [("host", "a")]).unwrap_err(), missing),
        (registry.get("job", [("job", "idle")]).unwrap_err(), "`job` has no label `job`; its labels: none"),
        (plain.remove_by_labels([("a", "")]).unwrap_err(), "`job` has no label `a`; its labels: none"),
    ] {
        assert!(error.to_string().contains(expected), "{error}");
    }
    // The one series of what has no labels stays, and what isn't there is no error.
    assert!(!registry.remove("job", []).unwrap());
    assert_eq!(registry.remove_by_labels("job", []).unwrap(), 0);
    registry.clear("job").unwrap();
    plain.clear();
    assert!(registry.get("job", []).unwrap().is_some());
    assert!(!registry.remove("task_seconds", [("task", "web")]).unwrap());
    assert_eq!(registry.value("task_seconds_count", [("host", "a"), ("task", "mail")]), Some(1.0));
}

struct Described<D>(D);

impl<D: Fn() -> Vec<Descriptor> + Send + Sync> Collector for Described<D> {
    fn describe(&self) -> Vec<Descriptor> {
        (self.0)()
    }

    fn collect(&self, out: &mut Collected) {
        out.gauge("described", "").value(1);
    }
}

#[test]
fn labels_of_a_registry_that_cannot_be() {
    for name in ["1st", "a-b", "le", "quantile", "__a", ""] {
        for registry in
            [Registry::builder().const_label(name, "x").build(), Registry::builder().target_info([(name, "x")]).build()]
        {
            let error = registry.check().unwrap_err().to_string();
            assert!(error.contains(&format!("a label of the registry: `{name}` is no label name")), "{error}");
            assert!(error.contains("write for example `") && error.contains("refusals.rs:"), "{error}");
            let counter = Counter::new("x_total", "").unwrap();
            registry.register(&counter).unwrap();
            assert_eq!(registry.value("x_total", []), Some(0.0), "it adds nothing");
        }
    }
    let registry = Registry::builder().const_label("task", "x").const_label("job", "x").build();
    for error in [
        registry.register(Summary::builder("x", "").labels::<Task<'static>>().build().unwrap()).unwrap_err(),
        registry.register(Info::builder("x", "").const_label("task", "").build().unwrap()).unwrap_err(),
        registry.register(StateSet::<State>::new("job", "").unwrap()).unwrap_err(),
        registry
            .register(Described(|| {
                vec![Descriptor::new(MetricKind::Gauge, "described", "").unwrap().with_labels(["task"]).unwrap()]
            }))
            .unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("which the registry adds to every series: rename one of the two"), "{text}");
        assert_eq!(text.matches("refusals.rs:").count(), 2, "{text}");
    }
}

#[test]
fn namespaces_that_begin_no_name() {
    for (namespace, instead) in
        [("2fast", "`n2fast_process_cpu_seconds_total`"), ("a-b", "`a_b_process_cpu_seconds_total`")]
    {
        let error = Process::builder().namespace(namespace).build().unwrap_err().to_string();
        assert!(error.contains(&format!("`{namespace}_process_cpu_seconds_total` is no metric name")), "{error}");
        assert!(error.contains(&format!("write for example {instead}")), "{error}");
    }
}

/// Keeps panics off the terminal that are meant to be.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            if info.location().is_none_or(|location| !location.file().ends_with("refusals.rs")) {
                hook(info);
            }
        }));
    });
}
