//! What this crate writes is read back equal.

use std::sync::Arc;

use proptest::prelude::*;

use crate::descriptor::MetricKind;
use crate::exposition::{Escaping, Format, encode};
use crate::parse::{self, Event, Reader};
use crate::snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, MetricFamily, Number, SeriesSnapshot, StateSetValue,
    SummaryValue, Timestamp, Value,
};

/// What a test may choose of a series.
#[derive(Clone, Debug)]
struct Chosen {
    texts: Vec<String>,
    floats: Vec<f64>,
    counts: Vec<u64>,
    on: Vec<bool>,
    created: Option<Timestamp>,
    timestamp: Option<Timestamp>,
}

fn text() -> impl Strategy<Value = String> {
    let escaped = prop::sample::select(vec!['\\', '"', '\n', '\r', '{', '}', ',', '=', '#', ' ', 'n', '\0', 'é', '𝒳']);
    let odd = prop::collection::vec(prop_oneof![escaped, any::<char>()], 0..12);
    prop_oneof![odd.prop_map(String::from_iter), "[a-z0-9/_]{0,20}".prop_map(String::from)]
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let now = (1_500_000_000..1_900_000_000_i64, 0..1_000_000_000_u32);
    prop_oneof![now, (any::<i64>(), 0..1_000_000_000_u32)]
        .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).expect("less than a second"))
}

fn chosen() -> impl Strategy<Value = Chosen> {
    (
        prop::collection::vec(text(), 4),
        prop::collection::vec(prop_oneof![3 => 0.0..1e9, 1 => Just(f64::INFINITY), 1 => any::<f64>()], 5),
        prop::collection::vec(prop_oneof![0..1000_u64, 0..u64::MAX / 8], 5),
        prop::collection::vec(any::<bool>(), 3),
        prop::option::of(timestamp()),
        prop::option::of(timestamp()),
    )
        .prop_map(|(texts, floats, counts, on, created, timestamp)| Chosen {
            texts,
            floats: floats.into_iter().map(|float: f64| if float.is_nan() { 0.5 } else { float }).collect(),
            counts,
            on,
            created,
            timestamp,
        })
}

const KINDS: [MetricKind; 8] = [
    MetricKind::Counter,
    MetricKind::Gauge,
    MetricKind::Histogram,
    MetricKind::Summary,
    MetricKind::Info,
    MetricKind::StateSet,
    MetricKind::GaugeHistogram,
    MetricKind::Unknown,
];

fn value(kind: MetricKind, chosen: &Chosen, bounds: &Arc<[f64]>) -> Value {
    let states: Arc<[Arc<str>]> = ["on", "of\"f", "\\\n"].map(Arc::from).into();
    match kind {
        MetricKind::Counter if chosen.on[0] => Value::Number(Number::Unsigned(chosen.counts[0])),
        MetricKind::Counter => Value::Number(Number::Float(chosen.floats[0].abs())),
        MetricKind::Info => Value::Number(Number::Unsigned(1)),
        MetricKind::Histogram | MetricKind::GaugeHistogram => Value::Histogram(HistogramValue {
            bounds: Arc::clone(bounds),
            counts: chosen.counts[..=bounds.len()].to_vec(),
            // A histogram with bounds below zero has none in any format.
            sum: (kind == MetricKind::GaugeHistogram || bounds.first().is_none_or(|first| *first >= 0.0))
                .then_some(chosen.floats[1])
                .filter(|_| chosen.on[1]),
            native: None,
        }),
        MetricKind::Summary => {
            let quantiles = [(0.5, chosen.floats[2]), (1.0, chosen.floats[3])];
            let quantiles = if chosen.on[2] { &quantiles[..] } else { &[] };
            let (count, sum) = (chosen.counts[0], chosen.floats[0]);
            match (chosen.on[0], chosen.on[1]) {
                (true, _) => Value::Summary(SummaryValue { count, sum, quantiles: quantiles.to_vec() }),
                // As another program may write it.
                (false, true) => summary_without(quantiles, ("_count", count.into()), chosen.timestamp),
                (false, false) => summary_without(quantiles, ("_sum", sum.abs().into()), chosen.timestamp),
            }
        }
        MetricKind::StateSet => Value::StateSet(StateSetValue { states, on: chosen.on.clone() }),
        _ if chosen.on[1] => Value::Number(Number::Float(-chosen.floats[0])),
        _ => Value::Number(Number::Unsigned(chosen.counts[0])),
    }
}

/// A summary that has one sample beside its quantiles.
fn summary_without(
    quantiles: &[(f64, f64)],
    (suffix, value): (&'static str, Number),
    timestamp: Option<Timestamp>,
) -> Value {
    let sample = |suffix, own, value| IrregularSample { suffix, own, value, timestamp, exemplar: None };
    let quantile = |(quantile, value): &(f64, f64)| sample("", Some(format!("{quantile:?}").into()), (*value).into());
    let mut samples: Vec<IrregularSample> = quantiles.iter().map(quantile).collect();
    samples.push(sample(suffix, None, value));
    Value::Irregular(IrregularValue { samples })
}

fn exemplars(kind: MetricKind, chosen: &Chosen, bounds: &[f64]) -> Vec<Exemplar> {
    let exemplar = |value: f64, text: &str| Exemplar {
        labels: vec![("trace_id".into(), text.chars().take(100).collect::<String>().into())],
        value: Number::Float(value),
        timestamp: chosen.created,
    };
    match kind {
        MetricKind::Counter if chosen.on[1] => vec![exemplar(chosen.floats[1], &chosen.texts[3])],
        // One in the first bucket, and one above all bounds.
        MetricKind::Histogram | MetricKind::GaugeHistogram if chosen.on[0] && !bounds.is_empty() => {
            vec![exemplar(bounds[0], &chosen.texts[3]), exemplar(bounds[bounds.len() - 1] + 1.0, "b")]
        }
        _ => Vec::new(),
    }
}

fn family(number: usize, kind: MetricKind, plain: bool, chosen: &[Chosen]) -> MetricFamily {
    let first = chosen.first();
    let ending = match kind {
        MetricKind::Counter => "_seconds_total",
        MetricKind::Info => "_info",
        _ => "_seconds",
    };
    let bounds: Arc<[f64]> = match first.map(|chosen| (chosen.on[0], chosen.on[1])) {
        Some((true, true)) => [-0.5, 0.0, 1.0, 1e6].into(),
        Some((true, false)) => [0.005, 0.25, 2.0].into(),
        _ => [].into(),
    };
    let names = if plain { ["a", "_b", "C9"] } else { ["l.abel", "ü \"x\"\n\\", "c"] };
    let series = chosen.iter().enumerate().map(|(index, chosen)| {
        let count = if chosen.on[1] { 3 } else { 2 };
        let labels = names[..count].iter().zip(&chosen.texts).enumerate().map(|(place, (name, text))| {
            // Each series has another label set.
            (Arc::from(*name), if place == 1 { format!("{text}{index}").into() } else { Box::from(text.as_str()) })
        });
        let counts = matches!(kind, MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary);
        SeriesSnapshot {
            labels: labels.collect(),
            value: value(kind, chosen, &bounds),
            created: chosen.created.filter(|_| counts),
            timestamp: chosen.timestamp,
            exemplars: exemplars(kind, chosen, &bounds),
        }
    });
    MetricFamily {
        name: format!("{}{number}{ending}", if plain { "name_" } else { "na.me \"ä\"\\" }),
        help: first.map_or_else(String::new, |chosen| chosen.texts[2].clone()),
        kind,
        unit: (kind.has_unit() && first.is_some_and(|chosen| chosen.on[2])).then(|| "seconds".to_owned()),
        series: series.collect(),
        only: None,
    }
}

fn families(plain: bool) -> impl Strategy<Value = Vec<MetricFamily>> {
    let family_of = (prop::sample::select(KINDS.to_vec()), prop::collection::vec(chosen(), 0..5));
    prop::collection::vec(family_of, 0..6).prop_map(move |chosen| {
        let each = chosen.iter().enumerate();
        each.map(|(number, (kind, chosen))| family(number, *kind, plain, chosen)).collect()
    })
}

/// What `OpenMetrics` can say of a family: sums that are counters, of a gauge histogram that has buckets below zero also
/// a negative one, and no quantiles below zero. A summary that lacks its sum or its count is left out with those.
fn in_openmetrics(family: &MetricFamily) -> MetricFamily {
    let told = |series: &SeriesSnapshot| {
        let value = match &series.value {
            Value::Histogram(histogram) => {
                let below_zero = histogram.bounds.first().is_some_and(|first| *first < 0.0);
                let falls = family.kind == MetricKind::GaugeHistogram && below_zero;
                let sum = histogram.sum.filter(|sum| falls || *sum >= 0.0);
                Value::Histogram(HistogramValue { sum, ..histogram.clone() })
            }
            Value::Summary(summary) => {
                let quantiles = summary.quantiles.iter().copied().filter(|(_, value)| *value >= 0.0);
                let quantiles: Vec<(f64, f64)> = quantiles.collect();
                if summary.sum >= 0.0 {
                    Value::Summary(SummaryValue { quantiles, ..*summary })
                } else {
                    summary_without(&quantiles, ("_count", summary.count.into()), series.timestamp)
                }
            }
            Value::Irregular(IrregularValue { samples })
                if samples.iter().any(|sample| sample.value.as_f64() < 0.0) =>
            {
                return None;
            }
            value => value.clone(),
        };
        Some(SeriesSnapshot { value, ..series.clone() })
    };
    MetricFamily { series: family.series.iter().filter_map(told).collect(), ..family.clone() }
}

/// What the text format can say of a family: there it may be several.
fn in_text(family: &MetricFamily) -> Vec<MetricFamily> {
    let plain = |value: Value, series: &SeriesSnapshot| SeriesSnapshot {
        value,
        created: None,
        exemplars: Vec::new(),
        timestamp: series.timestamp.map(|at| Timestamp::from_millis(at.as_millis())),
        ..series.clone()
    };
    let kind = match family.kind {
        MetricKind::Info | MetricKind::StateSet => MetricKind::Gauge,
        MetricKind::GaugeHistogram => MetricKind::Histogram,
        kind => kind,
    };
    let mut told = MetricFamily { kind, unit: None, series: Vec::new(), ..family.clone() };
    let mut aside = Vec::new();
    for (suffix, sum) in [("_gsum", true), ("_gcount", false)] {
        let value = |series: &SeriesSnapshot| match &series.value {
            Value::Histogram(histogram) => {
                let of_all: Number = histogram.sum?.into();
                let number = if sum { of_all } else { histogram.count().into() };
                Some(plain(Value::Number(number), series))
            }
            _ => None,
        };
        if family.kind == MetricKind::GaugeHistogram {
            aside.push(MetricFamily {
                name: family.name.clone() + suffix,
                kind: MetricKind::Gauge,
                unit: None,
                series: family.series.iter().filter_map(value).collect(),
                ..family.clone()
            });
        }
    }
    for series in &family.series {
        match &series.value {
            Value::StateSet(states) => {
                for (state, on) in states.states() {
                    let mut series = plain(Value::Number(on.into()), series);
                    series.labels.push((Arc::from(family.name()), Box::from(state)));
                    told.series.push(series);
                }
            }
            Value::Histogram(histogram) if family.kind == MetricKind::GaugeHistogram => {
                let value = Value::Histogram(HistogramValue { sum: None, ..histogram.clone() });
                told.series.push(plain(value, series));
            }
            Value::Irregular(IrregularValue { samples }) => {
                let millis = |timestamp: Option<Timestamp>| Some(Timestamp::from_millis(timestamp?.as_millis()));
                let in_millis = |sample: &IrregularSample| IrregularSample {
                    timestamp: millis(sample.timestamp),
                    ..sample.clone()
                };
                let samples = samples.iter().map(in_millis).collect();
                told.series.push(plain(Value::Irregular(IrregularValue { samples }), series));
            }
            value => told.series.push(plain(value.clone(), series)),
        }
    }
    aside.insert(0, told);
    aside
}

/// All that a reader tells of a page, in the order of the lines.
fn streamed(mut reader: Reader<'_>) -> Vec<MetricFamily> {
    let mut families: Vec<(MetricFamily, Vec<(usize, SeriesSnapshot)>)> = Vec::new();
    while let Some(event) = reader.next() {
        match event.unwrap() {
            Event::Family(family) => families.push((family, Vec::new())),
            Event::Series(series) => families.last_mut().unwrap().1.push((reader.line(), series)),
            Event::Help(_) | Event::Unit(_) => panic!("help texts of ours stand in front"),
        }
    }
    let in_order = |(family, mut series): (MetricFamily, Vec<(usize, SeriesSnapshot)>)| {
        series.sort_by_key(|(line, _)| *line);
        MetricFamily { series: series.into_iter().map(|(_, series)| series).collect(), ..family }
    };
    families.into_iter().map(in_order).collect()
}

struct Drops<'a>(&'a [u8]);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = 7.min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

#[test]
fn the_label_of_a_state_set_is_called_as_the_family() {
    for (name, escaped) in [
        ("my:state", ["my:state", "my_state", "my__state", "U__my_3a_state"]),
        ("my.sta:te", ["my.sta:te", "my_sta_te", "my_dot_sta__te", "U__my_2e_sta_3a_te"]),
        ("plain_state", ["plain_state"; 4]),
    ] {
        let states = StateSetValue { states: [Arc::from("on")].into(), on: vec![true] };
        let series = vec![SeriesSnapshot::new(Vec::new(), Value::StateSet(states))];
        let kind = MetricKind::StateSet;
        let families = [MetricFamily { name: name.into(), help: String::new(), kind, unit: None, series, only: None }];
        let schemes = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
        for (escaping, escaped) in schemes.into_iter().zip(escaped) {
            let page = encode(Format::OPENMETRICS_1_0_0.with_escaping(escaping), &families);
            assert!(escaping == Escaping::AllowUtf8 || !page.windows(2).any(|pair| pair == b"{\""), "a quoted name");
            let read = parse::openmetrics(&page).unwrap();
            assert_eq!((read[0].name(), read[0].kind()), (escaped, kind));
            assert_eq!(read[0].series(), families[0].series());
            let page = encode(Format::TEXT_1_0_0.with_escaping(escaping), &families);
            let read = parse::text(&page).unwrap();
            assert_eq!((read[0].name(), read[0].series()[0].label(escaped)), (escaped, Some("on")));
            let page = encode(Format::PROTOBUF.with_escaping(escaping), &families);
            let read = parse::protobuf(&page).unwrap();
            assert_eq!((read[0].name(), read[0].series()[0].label(escaped)), (escaped, Some("on")));
        }
    }
}

proptest! {
    #[test]
    fn openmetrics_reads_back(families in families(true)) {
        let page = encode(Format::OPENMETRICS_1_0_0, &families);
        let expected: Vec<MetricFamily> = families.iter().map(in_openmetrics).collect();
        prop_assert_eq!(&parse::openmetrics(&page).unwrap(), &expected);
        prop_assert_eq!(&streamed(Reader::openmetrics(Drops(&page))), &expected);
    }

    #[test]
    fn openmetrics_with_names_in_quotes_reads_back(families in families(false)) {
        let page = encode(Format::OPENMETRICS_1_0_0.with_escaping(Escaping::AllowUtf8), &families);
        let expected: Vec<MetricFamily> = families.iter().map(in_openmetrics).collect();
        prop_assert_eq!(&parse::openmetrics(&page).unwrap(), &expected);
    }

    #[test]
    fn text_reads_back(families in families(true)) {
        let page = encode(Format::TEXT_0_0_4, &families);
        let expected: Vec<MetricFamily> = families.iter().flat_map(in_text).collect();
        prop_assert_eq!(&parse::text(&page).unwrap(), &expected);
        prop_assert_eq!(&streamed(Reader::text(Drops(&page))), &expected);
    }

    #[test]
    fn text_with_names_in_quotes_reads_back(families in families(false)) {
        let page = encode(Format::TEXT_1_0_0.with_escaping(Escaping::AllowUtf8), &families);
        let expected: Vec<MetricFamily> = families.iter().flat_map(in_text).collect();
        prop_assert_eq!(&parse::text(&page).unwrap(), &expected);
    }
}
