//! A page as a stranger reads it, who knows nothing but the format's description.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::collections::BTreeMap;
use std::str::Chars;

use tallymark::exposition::text;
use tallymark::{MetricFamily, MetricKind, Number, Registry, Value};

/// A sample's name and its labels.
pub(crate) type Sample = (String, BTreeMap<String, String>);

#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) help: BTreeMap<String, String>,
    pub(crate) types: BTreeMap<String, String>,
    pub(crate) samples: BTreeMap<Sample, String>,
}

/// The page of a registry, which reads the same whichever way it is written.
pub(crate) fn page(registry: &Registry) -> String {
    let encoded = text::encode(&registry.gather());
    let mut written = Vec::new();
    text::write(registry.page(), &mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), encoded);
    encoded
}

impl Page {
    pub(crate) fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut family = None;
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        for line in text.split_terminator('\n') {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                let help = unescaped(&mut help.chars(), None);
                assert!(page.help.insert(name.to_owned(), help).is_none(), "two help texts: {line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(page.types.insert(name.to_owned(), kind.to_owned()).is_none(), "two types: {line}");
                family = Some(name.to_owned());
            } else {
                let (sample, value) = sample(line);
                let of_family = family.as_deref().and_then(|family| sample.0.strip_prefix(family));
                assert!(matches!(of_family, Some("" | "_bucket" | "_sum" | "_count")), "{line} stands in {family:?}");
                assert!(page.samples.insert(sample, value).is_none(), "two samples: {line}");
            }
        }
        page
    }

    /// The values of the samples whose names begin so.
    pub(crate) fn numbers(&self, prefix: &str) -> BTreeMap<Sample, f64> {
        let asked = self.samples.iter().filter(|((name, _), _)| name.starts_with(prefix));
        asked.map(|(sample, value)| (sample.clone(), value.parse().unwrap())).collect()
    }
}

fn sample(line: &str) -> (Sample, String) {
    let mut rest = line.chars();
    let mut labels = BTreeMap::new();
    let (name, end) = word(&mut rest);
    if end == '{' {
        loop {
            let (label, end) = word(&mut rest);
            if label.is_empty() && end == '}' {
                break;
            }
            assert!(end == '=' && rest.next() == Some('"'), "{line}");
            let value = unescaped(&mut rest, Some('"'));
            assert!(labels.insert(label, value).is_none(), "a label stands twice: {line}");
            match rest.next() {
                Some(',') => {}
                Some('}') => break,
                _ => panic!("{line}"),
            }
        }
        assert_eq!(rest.next(), Some(' '), "{line}");
    }
    ((name, labels), rest.as_str().to_owned())
}

/// A name, and what ended it.
fn word(rest: &mut Chars<'_>) -> (String, char) {
    let mut word = String::new();
    loop {
        match rest.next().unwrap() {
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | ':') => word.push(c),
            end => return (word, end),
        }
    }
}

/// A text up to its end, which is a quote or that of the line.
fn unescaped(rest: &mut Chars<'_>, end: Option<char>) -> String {
    let mut text = String::new();
    loop {
        match rest.next() {
            c if c == end => return text,
            Some('\\') => match rest.next() {
                Some('n') => text.push('\n'),
                Some('\\') => text.push('\\'),
                Some('"') if end.is_some() => text.push('"'),
                other => panic!("\\ before {other:?}"),
            },
            Some(c) => text.push(c),
            None => panic!("no end"),
        }
    }
}

/// The samples that families have by their values.
pub(crate) fn of_families(families: &[MetricFamily]) -> BTreeMap<Sample, f64> {
    let mut samples = BTreeMap::new();
    for family in families {
        let name = family.name();
        let negative = |bounds: Option<(f64, u64)>| bounds.is_some_and(|(first, _)| first < 0.0);
        for series in family.series() {
            let labels: BTreeMap<String, String> =
                series.labels().map(|(label, text)| (label.to_owned(), text.to_owned())).collect();
            let mut add = |suffix: &str, own: Option<(&str, String)>, value: f64| {
                let mut labels = labels.clone();
                labels.extend(own.map(|(label, text)| (label.to_owned(), text)));
                assert!(samples.insert((format!("{name}{suffix}"), labels), value).is_none(), "{name}{suffix} twice");
            };
            match series.value() {
                Value::Number(number) => add("", None, number.as_f64()),
                Value::Histogram(histogram) => {
                    for (bound, count) in histogram.buckets() {
                        add("_bucket", Some(("le", float(bound))), Number::from(count).as_f64());
                    }
                    let (sum, count) = (histogram.sum(), Number::from(histogram.count()).as_f64());
                    if family.kind() == MetricKind::GaugeHistogram {
                        add("_gsum", None, sum);
                        add("_gcount", None, count);
                    } else if !negative(histogram.buckets().next()) {
                        add("_sum", None, sum);
                        add("_count", None, count);
                    }
                }
                Value::Summary(summary) => {
                    for (quantile, value) in summary.quantiles() {
                        add("", Some(("quantile", float(*quantile))), *value);
                    }
                    add("_sum", None, summary.sum());
                    add("_count", None, Number::from(summary.count()).as_f64());
                }
                Value::StateSet(states) => {
                    for (state, on) in states.states() {
                        add("", Some((name, state.to_owned())), Number::from(on).as_f64());
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }
    samples
}

/// A bound or a quantile as it stands in a label.
fn float(number: f64) -> String {
    if number == f64::INFINITY { "+Inf".to_owned() } else { format!("{number:?}") }
}

/// Whether two numbers read alike.
pub(crate) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}
