//! Values and texts at which parsers differ, and what must come of them.

mod types;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tallymark::{Counter, Gauge, Histogram, Labels, Registry};

use crate::checks::Result;

/// A registry with these values.
#[derive(Debug)]
pub(crate) struct Values {
    pub(crate) registry: Registry,
    pub(crate) samples: Vec<Sample>,
    pub(crate) families: Vec<Family>,
}

/// A line that the page must have.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Vec<(&'static str, String)>,
    pub(crate) number: Number,
}

impl Sample {
    pub(crate) fn is_quantile_below_zero(&self) -> bool {
        self.labels.iter().any(|(name, _)| *name == "quantile") && matches!(self.number, Number::Float(..0.0))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) help: &'static str,
}

#[derive(Labels)]
struct Case {
    case: &'static str,
}

#[derive(Labels)]
struct Texts<'a> {
    text: &'a str,
    next: &'a str,
}

const FLOATS: [(&str, f64); 12] = [
    ("NaN", f64::NAN),
    ("infinite", f64::INFINITY),
    ("negative infinite", f64::NEG_INFINITY),
    ("zero", 0.0),
    ("negative zero", -0.0),
    ("huge", 1e300),
    ("largest", f64::MAX),
    ("smallest", 5e-324),
    ("smallest normal", f64::MIN_POSITIVE),
    ("no short decimal", 0.1 + 0.2),
    ("negative", -1.5e-7),
    ("whole", 123_456_789.0),
];

const UNSIGNED: [(&str, u64); 4] =
    [("zero", 0), ("2^53", 1 << 53), ("2^53 + 1", (1 << 53) + 1), ("2^64 - 1", u64::MAX)];

const SIGNED: [(&str, i64); 4] =
    [("negative", -1), ("-2^53 - 1", -(1 << 53) - 1), ("-2^63", i64::MIN), ("2^63 - 1", i64::MAX)];

/// Pairs, so that a label that ends in the wrong place takes from the next.
const TEXTS: [(&str, &str); 14] = [
    ("", ""),
    ("", "empty before"),
    ("plain", "text"),
    ("back\\slash", "\\"),
    ("\\n is no line feed", "\\\\"),
    ("\"quoted\"", "\""),
    ("line\nfeed", "\n"),
    ("\ttab\t", "\u{7f}"),
    (" space around ", "  "),
    ("{curly=\"braces\"} 1", "a,b=\"c\""),
    ("# HELP x y", "#"),
    ("\u{1f980} crab", "\u{1f469}\u{200d}\u{1f52c}"),
    ("größe", "e\u{301}"),
    ("\\\"\n\\\"\n", "\n\\\""),
];

const HELP: &str = "A back\\slash, \\n as two letters, a line\nfeed, \"quotes\", a \t tab, \u{1f980}.";

const BYTES: usize = 1 << 20;

impl Values {
    pub(crate) fn new() -> Result<Self> {
        let mut values = Self { registry: Registry::new(), samples: Vec::new(), families: Vec::new() };
        values.floats()?;
        values.integers()?;
        values.texts()?;
        values.histogram()?;
        values.types()?;
        Ok(values)
    }

    /// The families whose names promtool doesn't like, and mustn't.
    pub(crate) fn odd(&self) -> Vec<&'static str> {
        let odd = |name: &&str| types::ODD.contains(name);
        self.families.iter().map(|family| family.name).filter(odd).collect()
    }

    fn floats(&mut self) -> Result {
        let family = self.family("peers_float", "gauge", "Floats.");
        let gauge = Gauge::builder(family.name, family.help).labels::<Case>().build()?;
        self.registry.register(&gauge)?;
        let family = self.family("peers_amount_total", "counter", "Floats that only go up.");
        let counter = Counter::builder(family.name, family.help).values::<f64>().labels::<Case>().build()?;
        self.registry.register(&counter)?;
        for (case, value) in FLOATS {
            gauge.with(&Case { case }).set(value);
            self.sample("peers_float", [("case", case)], Number::Float(value));
            if value >= 0.0 && value.is_finite() && value.is_sign_positive() {
                counter.with(&Case { case }).inc_by(value);
                self.sample("peers_amount_total", [("case", case)], Number::Float(value));
            }
        }
        Ok(())
    }

    fn integers(&mut self) -> Result {
        let family = self.family("peers_unsigned_total", "counter", "Integers that only go up.");
        let counter = Counter::builder(family.name, family.help).labels::<Case>().build()?;
        self.registry.register(&counter)?;
        for (case, value) in UNSIGNED {
            counter.with(&Case { case }).inc_by(value);
            self.sample("peers_unsigned_total", [("case", case)], Number::Integer(value.into()));
        }
        let family = self.family("peers_signed", "gauge", "Integers.");
        let gauge = Gauge::builder(family.name, family.help).values::<i64>().labels::<Case>().build()?;
        self.registry.register(&gauge)?;
        for (case, value) in SIGNED {
            gauge.with(&Case { case }).set(value);
            self.sample("peers_signed", [("case", case)], Number::Integer(value.into()));
        }
        Ok(())
    }

    fn texts(&mut self) -> Result {
        let family = self.family("peers_text", "gauge", HELP);
        let gauge = Gauge::builder(family.name, family.help).values::<i64>().labels::<Texts<'static>>().build()?;
        self.registry.register(&gauge)?;
        let long = "\u{1f980}\"\\\n".repeat(BYTES / 7);
        for (number, (text, next)) in (1..).zip(TEXTS.into_iter().chain([(&*long, "long")])) {
            gauge.with(&Texts { text, next }).set(number);
            self.sample("peers_text", [("text", text), ("next", next)], Number::Integer(number.into()));
        }
        Ok(())
    }

    fn histogram(&mut self) -> Result {
        let family = self.family("peers_size_bytes", "histogram", "Sizes.");
        let histogram = Histogram::builder(family.name, family.help).unit("bytes").labels::<Texts<'static>>();
        let histogram = histogram.buckets([0.1, 2.0, 1e6])?.build()?;
        self.registry.register(&histogram)?;
        let (text, next) = ("\\\"\n", "{le=\"1\"}");
        for size in [0.05, 1.5, 2.0, 1e7] {
            histogram.with(&Texts { text, next }).observe(size);
        }
        for (bound, count) in [("0.1", 1), ("2.0", 3), ("1e+06", 3), ("+Inf", 4)] {
            let labels = [("text", text), ("next", next), ("le", bound)];
            self.sample("peers_size_bytes_bucket", labels, Number::Integer(count));
        }
        let labels = [("text", text), ("next", next)];
        self.sample("peers_size_bytes_count", labels, Number::Integer(4));
        self.sample("peers_size_bytes_sum", labels, Number::Float(0.05 + 1.5 + 2.0 + 1e7));
        Ok(())
    }

    /// All that is expected, for another program.
    pub(crate) fn to_json(&self) -> Value {
        let samples = self.samples.iter().map(|sample| {
            let labels: BTreeMap<&str, &str> = sample.labels.iter().map(|(name, text)| (*name, &**text)).collect();
            let (integer, bits) = match sample.number {
                Number::Integer(integer) => (Some(integer.to_string()), None),
                Number::Float(float) => (None, Some(format!("{:016x}", float.to_bits()))),
            };
            json!({ "name": sample.name, "labels": labels, "integer": integer, "bits": bits })
        });
        let families =
            self.families.iter().map(|family| json!({ "name": family.name, "type": family.kind, "help": family.help }));
        json!({ "samples": samples.collect::<Vec<_>>(), "families": families.collect::<Vec<_>>() })
    }

    fn family(&mut self, name: &'static str, kind: &'static str, help: &'static str) -> Family {
        let family = Family { name, kind, help };
        self.families.push(family);
        family
    }

    fn sample<const N: usize>(&mut self, name: &str, labels: [(&'static str, &str); N], number: Number) {
        self.add(name, &labels, number);
    }

    fn add(&mut self, name: &str, labels: &[(&'static str, &str)], number: Number) {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        self.samples.push(Sample { name: name.to_owned(), labels, number });
    }
}
