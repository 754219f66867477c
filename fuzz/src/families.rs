//! Families of every type, with all that can be said of one, and what comes back of them.

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use tallymark::exposition::{self, Escaping, Format};
use tallymark::fuzzing::{self, Pairs};
use tallymark::{
    Exemplar, LabelName, MetricFamily, MetricKind, MetricName, Number, SeriesSnapshot, Timestamp, Value, parse,
};

use crate::same;

/// A page: a format and families.
#[derive(Arbitrary, Debug)]
pub struct Page<'a> {
    syntax: Syntax,
    escaping: Scheme,
    created: Option<bool>,
    /// As many as can be told apart by a digit.
    families: Vec<Family<'a>>,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Syntax {
    Text0_0_4,
    Text1_0_0,
    OpenMetrics0_0_1,
    OpenMetrics1_0_0,
    Protobuf,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Scheme {
    AllowUtf8,
    Underscores,
    Dots,
    Values,
}

#[derive(Arbitrary, Debug)]
struct Family<'a> {
    kind: Kind,
    name: &'a str,
    unit: bool,
    /// By what the names of labels begin with.
    labels: [&'a str; 2],
    help: &'a str,
    bounds: Bounds,
    series: Vec<Series<'a>>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Info,
    StateSet,
    GaugeHistogram,
    Unknown,
}

#[derive(Arbitrary, Debug)]
enum Bounds {
    None,
    Some([f64; 3]),
    Native { schema: i8, threshold: f32, positive: [(i16, u16); 2], negative: [(i16, u16); 2] },
}

#[derive(Arbitrary, Debug)]
struct Series<'a> {
    texts: [&'a str; 2],
    number: Figure,
    /// Of a sum.
    float: f64,
    counts: [u32; 4],
    created: Option<Instant>,
    timestamp: Option<Instant>,
    exemplar: Option<(&'a str, f64, Option<Instant>)>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Figure {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Instant {
    seconds: i64,
    nanos: u32,
}

const FAMILIES: usize = 10;

impl Page<'_> {
    /// Writes the families, reads them, and makes sure that they say the same, as far as the format can.
    ///
    /// # Panics
    /// Where they don't.
    pub fn check(&self) {
        let families: Vec<MetricFamily> =
            self.families.iter().take(FAMILIES).enumerate().map(|(at, family)| family.family(at)).collect();
        let format = self.format();
        let page = exposition::encode(format, &families);
        let expected: Vec<MetricFamily> = families.iter().flat_map(|family| self.read(family)).collect();
        let read = match self.syntax {
            Syntax::Text0_0_4 | Syntax::Text1_0_0 => parse::text(&page),
            Syntax::OpenMetrics0_0_1 | Syntax::OpenMetrics1_0_0 => parse::openmetrics(&page),
            Syntax::Protobuf => parse::protobuf(&page),
        };
        let what = || format!("{} was written as\n{}", format.content_type(), String::from_utf8_lossy(&page));
        let read = read.unwrap_or_else(|error| panic!("{error}\n{}", what()));
        same::assert_families(&read, &expected, &what);
        if format.escaping() != Escaping::AllowUtf8 {
            let labels = read.iter().flat_map(MetricFamily::series).flat_map(SeriesSnapshot::labels);
            let mut names = read.iter().map(MetricFamily::name).chain(labels.map(|(name, _)| name));
            assert!(names.all(is_plain), "{}", what());
        }
    }

    fn format(&self) -> Format {
        let format = match self.syntax {
            Syntax::Text0_0_4 => Format::TEXT_0_0_4,
            Syntax::Text1_0_0 => Format::TEXT_1_0_0,
            Syntax::OpenMetrics0_0_1 => Format::OPENMETRICS_0_0_1,
            Syntax::OpenMetrics1_0_0 => Format::OPENMETRICS_1_0_0,
            Syntax::Protobuf => Format::PROTOBUF,
        };
        let format = format.with_escaping(match self.escaping {
            Scheme::AllowUtf8 => Escaping::AllowUtf8,
            Scheme::Underscores => Escaping::Underscores,
            Scheme::Dots => Escaping::Dots,
            Scheme::Values => Escaping::Values,
        });
        self.created.map_or(format, |created| format.with_created(created))
    }

    fn is_text(&self) -> bool {
        matches!(self.syntax, Syntax::Text0_0_4 | Syntax::Text1_0_0)
    }

    /// What is read of a family.
    fn read(&self, family: &MetricFamily) -> Vec<MetricFamily> {
        let format = self.format();
        let (text, messages) = (self.is_text(), self.syntax == Syntax::Protobuf);
        let name = fuzzing::metric_name(family.name(), family.kind(), format.escaping());
        let kind = match family.kind() {
            MetricKind::Info | MetricKind::StateSet if text || messages => MetricKind::Gauge,
            MetricKind::GaugeHistogram if text => MetricKind::Histogram,
            kind => kind,
        };
        let head = |kind, name: &str, series| fuzzing::family(kind, name, family.help(), None, series);
        // A name that has been escaped doesn't end in it any more.
        let unit = family.unit().filter(|unit| !text && name.trim_end_matches("_total").ends_with(&format!("_{unit}")));
        let mut read = vec![fuzzing::family(kind, &name, family.help(), unit, self.series(family))];
        let part = |suffix: &str, value: &dyn Fn(&SeriesSnapshot) -> Option<Number>| {
            let series = family.series().iter().filter_map(|series| {
                let labels = self.labels(series);
                Some(fuzzing::series(labels, Value::Number(value(series)?), None, self.timestamp(series), Vec::new()))
            });
            head(MetricKind::Gauge, &[&name, suffix].concat(), series.collect())
        };
        if text && family.kind() == MetricKind::GaugeHistogram {
            let histogram = |series: &SeriesSnapshot| match series.value() {
                Value::Histogram(histogram) => Some((histogram.sum(), histogram.count())),
                _ => None,
            };
            read.push(part("_gsum", &|series| Some(histogram(series)?.0.into())));
            read.push(part("_gcount", &|series| Some(histogram(series)?.1.into())));
        }
        let created = matches!(family.kind(), MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary);
        if text && format.created() && created {
            let base = if family.kind() == MetricKind::Counter {
                name.strip_suffix("_total").expect("so it ends")
            } else {
                &name
            };
            let seconds = |series: &SeriesSnapshot| Some(seconds(series.created()?));
            let created = part("", &seconds);
            read.push(head(MetricKind::Gauge, &[base, "_created"].concat(), created.series().to_vec()));
        }
        read
    }

    /// What is read of its series.
    fn series(&self, family: &MetricFamily) -> Vec<SeriesSnapshot> {
        let (text, messages) = (self.is_text(), self.syntax == Syntax::Protobuf);
        let own = fuzzing::label_name(family.name(), self.format().escaping());
        let mut read = Vec::new();
        for series in family.series() {
            let timestamp = self.timestamp(series);
            let mut push = |labels, value| {
                let created = series.created().filter(|_| !text && self.format().created());
                let exemplars = if text { Vec::new() } else { self.exemplars(series) };
                read.push(fuzzing::series(labels, value, created, timestamp, exemplars));
            };
            match series.value() {
                Value::StateSet(states) if text || messages => {
                    for (state, on) in states.states() {
                        let mut labels = self.labels(series);
                        labels.push((own.clone(), state.to_owned()));
                        push(labels, Value::Number(on.into()));
                    }
                }
                // There all numbers are of one type.
                Value::Number(number) if messages => push(self.labels(series), Value::Number(number.as_f64().into())),
                Value::Histogram(histogram) if !messages => {
                    let buckets: Vec<(f64, u64)> = match histogram.native() {
                        Some(native) => classic(native, histogram.count()),
                        None => histogram.buckets().collect(),
                    };
                    let bounds: Vec<f64> = buckets[..buckets.len() - 1].iter().map(|(bound, _)| *bound).collect();
                    let mut below = 0;
                    let counts = buckets.iter().map(|(_, upto)| upto - std::mem::replace(&mut below, *upto)).collect();
                    let below_zero = bounds.first().is_some_and(|bound| *bound < 0.0);
                    let sum = Some(histogram.sum()).filter(|sum| match family.kind() {
                        // There it is a family of its own.
                        MetricKind::GaugeHistogram if text => false,
                        MetricKind::GaugeHistogram => *sum >= 0.0 || (below_zero && *sum < 0.0),
                        _ => !below_zero && (text || *sum >= 0.0),
                    });
                    push(self.labels(series), fuzzing::histogram(&bounds, counts, sum, None));
                }
                Value::Summary(summary) if !text && !messages => {
                    let mut quantiles = summary.quantiles().to_vec();
                    quantiles.retain(|(_, value)| value.is_nan() || *value >= 0.0);
                    let value = if summary.sum() >= 0.0 {
                        fuzzing::summary(summary.count(), summary.sum(), quantiles)
                    } else {
                        // Without a sum it is none to us.
                        let quantile = |&(at, value): &(f64, f64)| ("", Some(format!("{at:?}")), Number::from(value));
                        let mut samples: Vec<_> = quantiles.iter().map(quantile).collect();
                        samples.push(("_count", None, summary.count().into()));
                        fuzzing::irregular(samples, timestamp)
                    };
                    push(self.labels(series), value);
                }
                value => push(self.labels(series), value.clone()),
            }
        }
        read
    }

    fn labels(&self, series: &SeriesSnapshot) -> Pairs {
        let escaping = self.format().escaping();
        series.labels().map(|(name, text)| (fuzzing::label_name(name, escaping), text.to_owned())).collect()
    }

    /// All but `OpenMetrics` have milliseconds.
    fn timestamp(&self, series: &SeriesSnapshot) -> Option<Timestamp> {
        let timestamp = series.timestamp()?;
        let millis = self.is_text() || self.syntax == Syntax::Protobuf;
        Some(if millis { Timestamp::from_millis(timestamp.as_millis()) } else { timestamp })
    }

    fn exemplars(&self, series: &SeriesSnapshot) -> Vec<Exemplar> {
        let escaping = self.format().escaping();
        let escaped = |exemplar: &Exemplar| {
            let labels = exemplar.labels().map(|(name, text)| (fuzzing::label_name(name, escaping), text.to_owned()));
            fuzzing::exemplar(labels.collect(), exemplar.value(), exemplar.timestamp())
        };
        series.exemplars().iter().map(escaped).collect()
    }
}

impl Family<'_> {
    fn family(&self, at: usize) -> MetricFamily {
        let (kind, ending) = match self.kind {
            Kind::Counter => (MetricKind::Counter, "_total"),
            Kind::Gauge => (MetricKind::Gauge, ""),
            Kind::Histogram => (MetricKind::Histogram, ""),
            Kind::Summary => (MetricKind::Summary, ""),
            Kind::Info => (MetricKind::Info, "_info"),
            Kind::StateSet => (MetricKind::StateSet, ""),
            Kind::GaugeHistogram => (MetricKind::GaugeHistogram, ""),
            Kind::Unknown => (MetricKind::Unknown, ""),
        };
        let unit = self.unit && !matches!(kind, MetricKind::Info | MetricKind::StateSet);
        let unit = unit.then_some("bytes");
        let end = unit.map_or_else(|| ending.to_owned(), |unit| format!("_{unit}{ending}"));
        let name = format!("{}{at}{end}", self.name);
        // A state set's is a label's too; by the digit no two are the same, however they are escaped.
        let good = !self.name.is_empty()
            && if kind == MetricKind::StateSet {
                LabelName::utf8(name.clone()).is_ok()
            } else {
                MetricName::utf8(name.clone()).is_ok()
            };
        let name = if good { name } else { format!("name{at}{end}") };
        let bounds = self.bounds();
        let mut series: BTreeMap<Pairs, SeriesSnapshot> = BTreeMap::new();
        for chosen in &self.series {
            let labels = self.labels(chosen);
            let value = self.value(kind, chosen, &bounds);
            let exemplars = chosen.exemplars(kind, &value);
            let created = matches!(kind, MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary);
            let created = chosen.created.filter(|_| created).map(Instant::timestamp);
            let timestamp = chosen.timestamp.map(Instant::timestamp);
            series.insert(labels.clone(), fuzzing::series(labels, value, created, timestamp, exemplars));
        }
        fuzzing::family(kind, &name, self.help, unit, series.into_values().collect())
    }

    /// Finite and rising.
    fn bounds(&self) -> Vec<f64> {
        let Bounds::Some(bounds) = &self.bounds else { return Vec::new() };
        let mut bounds: Vec<f64> = bounds.iter().copied().filter(|bound| bound.is_finite()).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        bounds
    }

    fn labels(&self, series: &Series<'_>) -> Pairs {
        let pairs = self.labels.iter().zip(["x", "y"]).zip(series.texts);
        let labels = pairs.map(|((name, end), text)| {
            // Different by their last letter, and never one that is reserved, however they are escaped.
            let name = format!("l{name}{end}");
            assert!(LabelName::utf8(name.clone()).is_ok(), "{name}");
            (name, text.to_owned())
        });
        labels.collect()
    }

    fn value(&self, kind: MetricKind, series: &Series<'_>, bounds: &[f64]) -> Value {
        let counts = series.counts.map(u64::from);
        let float = series.float;
        match kind {
            MetricKind::Counter => Value::Number(match series.number {
                Figure::Unsigned(number) => number.into(),
                Figure::Signed(number) => number.unsigned_abs().into(),
                Figure::Float(number) if number.is_nan() => 0.25.into(),
                Figure::Float(number) => number.abs().into(),
            }),
            MetricKind::Gauge | MetricKind::Unknown => Value::Number(match series.number {
                Figure::Unsigned(number) => number.into(),
                Figure::Signed(number) => number.into(),
                Figure::Float(number) => number.into(),
            }),
            MetricKind::Info => Value::Number(1_u64.into()),
            MetricKind::Summary => {
                let quantiles = if bounds.is_empty() { vec![] } else { vec![(0.5, f64::NAN), (0.999, float / 2.0)] };
                fuzzing::summary(counts[0], float, quantiles)
            }
            MetricKind::StateSet => {
                let names = [self.labels[0], self.labels[1], self.help];
                let states = names.iter().enumerate().map(|(at, name)| (format!("{name}{at}"), counts[at] % 2 == 1));
                fuzzing::state_set(states.collect())
            }
            _ => match &self.bounds {
                Bounds::Native { schema, threshold, positive, negative } => {
                    let schema = i32::from(*schema).rem_euclid(13) - 4;
                    let side = |buckets: &[(i16, u16)]| -> Vec<(i32, u64)> {
                        let mut side: BTreeMap<i32, u64> = BTreeMap::new();
                        for (index, count) in buckets {
                            side.insert(i32::from(*index), u64::from(*count) + 1);
                        }
                        side.into_iter().collect()
                    };
                    let (positive, negative) = if series.counts[0].is_multiple_of(2) {
                        (side(positive), side(negative))
                    } else {
                        (side(positive), Vec::new())
                    };
                    let threshold = if threshold.is_finite() { f64::from(threshold.abs()) } else { 0.0 };
                    let both = positive.iter().chain(&negative);
                    let count = counts[1] + both.map(|(_, count)| count).sum::<u64>();
                    let native = fuzzing::native(schema, (threshold, counts[1]), positive, negative);
                    fuzzing::histogram(&[], vec![count], Some(float), Some(native))
                }
                _ => fuzzing::histogram(bounds, counts[..=bounds.len()].to_vec(), Some(float), None),
            },
        }
    }
}

impl Series<'_> {
    /// One of a counter or in a bucket, as long as it may be.
    fn exemplars(&self, kind: MetricKind, value: &Value) -> Vec<Exemplar> {
        let Some((text, number, instant)) = self.exemplar else { return Vec::new() };
        let takes = match (kind, value) {
            (MetricKind::Counter, _) => true,
            (_, Value::Histogram(_)) => !number.is_nan(),
            _ => false,
        };
        let labels = vec![("span.id".to_owned(), text.chars().take(100).collect())];
        let exemplar = fuzzing::exemplar(labels, number.into(), instant.map(Instant::timestamp));
        if takes { vec![exemplar] } else { Vec::new() }
    }
}

impl Instant {
    fn timestamp(self) -> Timestamp {
        Timestamp::new(self.seconds, self.nanos % 1_000_000_000).expect("less than a second")
    }
}

/// Whether it is a name that every reader takes.
fn is_plain(name: &str) -> bool {
    let digit_first = name.starts_with(|first: char| first.is_ascii_digit());
    !digit_first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// As the line formats say it.
fn seconds(timestamp: Timestamp) -> Number {
    if timestamp.nanos() == 0 {
        return timestamp.seconds().into();
    }
    let nanos = i128::from(timestamp.seconds()) * 1_000_000_000 + i128::from(timestamp.nanos());
    let (sign, nanos) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let text = format!("{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    text.parse::<f64>().expect("a number").into()
}

/// Native buckets as a reader of lines finds them: with each bucket's own bounds.
fn classic(native: &tallymark::NativeBuckets, count: u64) -> Vec<(f64, u64)> {
    let page = {
        let value = fuzzing::histogram(&[], vec![count], None, Some(native.clone()));
        let series = fuzzing::series(Vec::new(), value, None, None, Vec::new());
        let family = fuzzing::family(MetricKind::Histogram, "h", "", None, vec![series]);
        exposition::encode(Format::TEXT_0_0_4, &[family])
    };
    let read = parse::text(page).expect("it was written by us");
    let Value::Histogram(histogram) = read[0].series()[0].value() else { panic!("it isn't regular: {read:?}") };
    assert_eq!(histogram.count(), count);
    histogram.buckets().collect()
}
