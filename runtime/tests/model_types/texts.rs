//! Texts of every kind, read back by a parser that is not the one that this crate has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::prelude::*;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Info, Labels, Registry, StateSet, Summary,
};

use crate::models::State;
use crate::page::{Page, Sample, page, same};

/// Any text at all, and often one with what means something on a page.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let special = "\\\"\n\r\t\0{}=, #\u{7f}\u{85}\u{2028}\u{feff}\u{1f980}";
    let special: Vec<char> = special.chars().collect();
    let character = prop_oneof![any::<char>(), prop::sample::select(special), prop::char::range('a', 'c')];
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

#[derive(Labels)]
struct Text<'a> {
    text: &'a str,
}

/// A collector out of a function that is called once or twice.
struct Custom<C>(Mutex<C>);

impl<C: FnMut(&mut Collected) + Send> Collector for Custom<C> {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.0.lock().unwrap())(out);
    }
}

fn sample(name: &str, labels: &[(&str, &str)]) -> Sample {
    (name.to_owned(), labels.iter().map(|(label, text)| ((*label).to_owned(), (*text).to_owned())).collect())
}

/// A help text that is empty is left out.
fn assert_help(page: &Page, help: &str) {
    for name in page.types.keys().filter(|name| !name.starts_with("tallymark_") && *name != "target_info") {
        assert_eq!(page.help.get(name).map(String::as_str).unwrap_or_default(), help, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_of_metrics_read_back(
        help in any_text(),
        text in any_text(),
        zone in any_text(),
        host in any_text(),
        said in prop::collection::btree_map(prop::sample::select(&["a", "b_c", "_", "Z9"][..]), any_text(), 0..4),
    ) {
        let registry = Registry::builder()
            .const_label("host", host.clone())
            .target_info([("service", text.clone()), ("host", zone.clone())])
            .build();
        macro_rules! with {
            ($builder:expr) => {{
                let metric = $builder.const_label("zone", zone.clone()).labels::<Text<'static>>().build().unwrap();
                registry.register(&metric).unwrap();
                metric.with(&Text { text: &text })
            }};
        }
        with!(Counter::builder("counter_total", help.clone())).inc();
        with!(Counter::builder("floats_total", help.clone()).values::<f64>()).inc_by(1.5);
        with!(Gauge::builder("gauge", help.clone())).set(f64::INFINITY);
        with!(Gauge::builder("integers", help.clone()).values::<i64>()).set(-3);
        with!(Histogram::builder("histogram", help.clone()).buckets([1e6]).unwrap()).observe(2.5);
        with!(Summary::builder("summary", help.clone()).quantiles([(0.5, 0.1)]).unwrap()).observe(4.25);
        with!(Info::builder("said", help.clone())).set(said.clone()).unwrap();
        with!(StateSet::<State>::builder("state", help.clone())).set(State::Busy);
        let read = Page::read(&page(&registry));
        assert_help(&read, &help);
        prop_assert_eq!(&read.help["target_info"], "Target metadata.");

        let labels = [("host", host.as_str()), ("zone", &zone), ("text", &text)];
        let with = |name: &str, more: &[(&str, &str)]| sample(name, &[&labels, more].concat());
        let said: Vec<(&str, &str)> = said.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let expected = [
            (sample("target_info", &[("service", &text), ("host", &zone)]), "1"),
            (with("counter_total", &[]), "1"),
            (with("floats_total", &[]), "1.5"),
            (with("gauge", &[]), "+Inf"),
            (with("integers", &[]), "-3"),
            (with("histogram_bucket", &[("le", "1e+06")]), "1"),
            (with("histogram_bucket", &[("le", "+Inf")]), "1"),
            (with("histogram_sum", &[]), "2.5"),
            (with("histogram_count", &[]), "1"),
            (with("summary", &[("quantile", "0.5")]), "4.25"),
            (with("summary_sum", &[]), "4.25"),
            (with("summary_count", &[]), "1"),
            (with("said_info", &said), "1"),
            (with("state", &[("state", "idle")]), "0"),
            (with("state", &[("state", "at \"work\"\\\n")]), "1"),
            (with("state", &[("state", "{gone=\"1\"} 2")]), "0"),
        ];
        let expected: BTreeMap<Sample, String> = expected.map(|(sample, value)| (sample, value.to_owned())).into();
        prop_assert_eq!(&read.samples, &expected);
        // What is found by name is what stands there.
        for ((name, labels), value) in &expected {
            let found = registry.value(name, labels.iter().map(|(label, text)| (label.as_str(), text.as_str())));
            prop_assert!(same(found.unwrap(), value.parse().unwrap()), "{}: {:?}", name, found);
        }
    }

    #[test]
    fn texts_of_collectors_read_back(
        help in any_text(),
        texts in prop::collection::btree_set(any_text(), 1..4),
        states in prop::collection::btree_map(any_text().prop_map(|text| text + "!"), any::<bool>(), 1..4),
        said in any_text(),
        host in any_text(),
    ) {
        let registry = Registry::builder().auto_describe(true).const_label("host", host.clone()).build();
        let collect = {
            let (texts, states, said) = (texts.clone(), states.clone(), said.clone());
            move |out: &mut Collected| {
                for text in &texts {
                    let at = [("text", text)];
                    out.counter("counter_total", &help).series(at, 1);
                    out.gauge("gauge", &help).series(at, -2);
                    out.unknown("unknown", &help).series(at, 0.5);
                    out.histogram("histogram", &help).histogram_series(at, [(1.0, 1)], 0.5);
                    out.gauge_histogram("level", &help).histogram_series(at, [(-1.0, 1), (1.0, 1)], -0.5);
                    out.summary("summary", &help).summary_series(at, 2, 3.0, [(0.5, 1.5)]);
                    out.info("said", &help).info_series(at, [("said", &said)]);
                    out.state_set("state", &help).state_series(at, states_of(&states));
                }
            }
        };
        registry.register(Custom(Mutex::new(collect))).unwrap();
        let read = Page::read(&page(&registry));
        let mut expected: BTreeMap<Sample, String> = BTreeMap::new();
        for text in &texts {
            let labels = [("host", host.as_str()), ("text", text)];
            let mut add = |name: &str, more: &[(&str, &str)], value: &str| {
                expected.insert(sample(name, &[&labels, more].concat()), value.to_owned());
            };
            add("counter_total", &[], "1");
            add("gauge", &[], "-2");
            add("unknown", &[], "0.5");
            add("histogram_bucket", &[("le", "1.0")], "1");
            add("histogram_bucket", &[("le", "+Inf")], "1");
            add("histogram_sum", &[], "0.5");
            add("histogram_count", &[], "1");
            add("level_bucket", &[("le", "-1.0")], "1");
            add("level_bucket", &[("le", "1.0")], "2");
            add("level_bucket", &[("le", "+Inf")], "2");
            add("level_gsum", &[], "-0.5");
            add("level_gcount", &[], "2");
            add("summary", &[("quantile", "0.5")], "1.5");
            add("summary_sum", &[], "3.0");
            add("summary_count", &[], "2");
            add("said_info", &[("said", &said)], "1");
            for (state, on) in &states {
                add("state", &[("state", state)], if *on { "1" } else { "0" });
            }
        }
        prop_assert_eq!(&read.samples, &expected);
        let words: BTreeSet<&str> = read.types.values().map(String::as_str).collect();
        prop_assert_eq!(words, BTreeSet::from(["counter", "gauge", "histogram", "summary", "untyped"]));
    }

    /// However the labels are ordered and named, a series stands there once: the first that was given.
    #[test]
    fn no_sample_stands_twice(
        given in prop::collection::vec(
            prop::sample::subsequence(&["a", "b", "c"][..], 0..=3).prop_shuffle()
                .prop_flat_map(|names| {
                    let values = prop::collection::vec(prop::sample::select(&["", "1", "2"][..]), names.len());
                    (Just(names), values)
                })
                .prop_map(|(names, values)| names.into_iter().zip(values).collect::<Vec<_>>()),
            0..12,
        ),
    ) {
        let registry = Registry::new();
        let collect = {
            let given = given.clone();
            move |out: &mut Collected| {
                let labels = [("", ""); 0];
                for said in &given {
                    out.info("said", "").info_series(labels, said.iter().copied());
                }
            }
        };
        registry.register(Custom(Mutex::new(collect))).unwrap();
        let expected: BTreeSet<Sample> = given.iter().map(|said| sample("said_info", said)).collect();
        let read = Page::read(&page(&registry));
        let found: BTreeSet<Sample> = read.numbers("said_info").into_keys().collect();
        prop_assert_eq!(&found, &expected);
        for (_, labels) in &expected {
            let labels = || labels.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            prop_assert_eq!(registry.value("said_info", labels()), Some(1.0));
            prop_assert!(registry.get("said_info", labels()).unwrap().is_some());
        }
    }
}

fn states_of(states: &BTreeMap<String, bool>) -> Vec<(&str, bool)> {
    states.iter().map(|(state, on)| (state.as_str(), *on)).collect()
}
