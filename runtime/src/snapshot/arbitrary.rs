//! Families of every type with any values, for tests of properties.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::{
    Exemplar, HistogramValue, MetricFamily, NativeBuckets, Number, SeriesSnapshot, StateSetValue, SummaryValue,
    Timestamp, Value,
};
use crate::descriptor::MetricKind;

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

/// Families of which no two that stand side by side are called the same.
pub(crate) fn families() -> impl Strategy<Value = Vec<MetricFamily>> {
    vec(family(), 0..4).prop_map(|mut families| {
        families.dedup_by(|later, earlier| later.name == earlier.name);
        families
    })
}

fn family() -> impl Strategy<Value = MetricFamily> {
    let kind = prop::sample::select(&KINDS[..]);
    (kind, "[a-km-z_:][a-z0-9_:]{0,30}", any::<String>(), option::of("[a-z]{1,5}")).prop_flat_map(
        |(kind, mut name, help, unit)| {
            let unit = unit.filter(|_| kind.has_unit());
            if let Some(unit) = &unit {
                name = [&name, "_", unit].concat();
            }
            match kind {
                MetricKind::Counter => name.push_str("_total"),
                MetricKind::Info => name.push_str("_info"),
                // A label is called so too.
                MetricKind::StateSet => name = name.replace(':', "_"),
                _ => {}
            }
            vec(series(kind), 0..4).prop_map(move |series| {
                let (name, help, unit) = (name.clone(), help.clone(), unit.clone());
                MetricFamily { name, help, kind, unit, series, only: None }
            })
        },
    )
}

fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("l_[a-z0-9_]{0,20}", prop_oneof![any::<String>(), "[a-z]{0,200}"], 0..4)
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![-10_000_000_000..10_000_000_000_i64, 0..2_000_000_000_i64];
    (seconds, 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
}

fn series(kind: MetricKind) -> impl Strategy<Value = SeriesSnapshot> {
    let created = option::of(timestamp()).prop_map(move |created| created.filter(|_| kind.has_created()));
    let millis = option::of(-1_000_000_000_000..4_000_000_000_000_i64);
    (labels(), value(kind), created, millis).prop_map(|(labels, (value, exemplars), created, millis)| SeriesSnapshot {
        labels: labels.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        value,
        created,
        timestamp: millis.map(Timestamp::from_millis),
        exemplars,
    })
}

/// Floats other than NaN, which is equal to nothing.
fn float() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1000.0..1000.0].prop_filter("a number", |float| !float.is_nan())
}

fn number() -> impl Strategy<Value = Number> {
    let exact = 1_u64 << 53;
    prop_oneof![float().prop_map(Number::from), (0..=exact).prop_map(Number::from), any::<i32>().prop_map(Number::from)]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..3_u64, 0..1_000_u64, 0..u64::MAX / 1000]
}

fn exemplars() -> impl Strategy<Value = Vec<Exemplar>> {
    let exemplar = (labels(), float(), option::of(timestamp())).prop_map(|(labels, value, timestamp)| Exemplar {
        labels: labels.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        value: value.into(),
        timestamp,
    });
    vec(exemplar, 0..4).prop_map(|mut exemplars| {
        exemplars.sort_by(|a, b| a.value.as_f64().total_cmp(&b.value.as_f64()));
        exemplars
    })
}

fn value(kind: MetricKind) -> BoxedStrategy<(Value, Vec<Exemplar>)> {
    let alone = |value| (value, Vec::new());
    match kind {
        MetricKind::Counter => (number(), exemplars())
            .prop_map(|(number, mut exemplars)| {
                exemplars.truncate(1);
                (Value::Number(number), exemplars)
            })
            .boxed(),
        MetricKind::Gauge | MetricKind::Unknown => {
            number().prop_map(move |number| alone(Value::Number(number))).boxed()
        }
        MetricKind::Info => Just(alone(Value::Number(1_u64.into()))).boxed(),
        MetricKind::Summary => (count(), float(), vec((0.0..1.0, float()), 0..4))
            .prop_map(move |(count, sum, quantiles)| alone(Value::Summary(SummaryValue { count, sum, quantiles })))
            .boxed(),
        MetricKind::StateSet => vec((any::<String>(), any::<bool>()), 1..4)
            .prop_map(move |states| {
                let (names, on): (Vec<String>, Vec<bool>) = states.into_iter().unzip();
                let states = names.into_iter().map(Into::into).collect();
                alone(Value::StateSet(StateSetValue { states, on }))
            })
            .boxed(),
        MetricKind::Histogram | MetricKind::GaugeHistogram => {
            (prop_oneof![classic(), native()], exemplars()).prop_map(with_exemplars).boxed()
        }
    }
}

fn bounds() -> impl Strategy<Value = Vec<f64>> {
    btree_set(-1000..1000, 0..12).prop_map(|bounds| bounds.into_iter().map(|bound| f64::from(bound) / 8.0).collect())
}

fn classic() -> impl Strategy<Value = HistogramValue> {
    (bounds(), vec(count(), 13), option::of(float())).prop_map(|(bounds, mut counts, sum)| {
        counts.truncate(bounds.len() + 1);
        HistogramValue { bounds: bounds.into(), counts, sum, native: None }
    })
}

fn native() -> impl Strategy<Value = HistogramValue> {
    let buckets = || btree_map(prop_oneof![-10..10, -300_000..300_000], 1..u64::MAX / 1000, 0..8);
    let buckets = (buckets(), buckets());
    let zero = (prop_oneof![Just(0.0), Just(1e-120), 0.0..1.0], count());
    (-4..=8, zero, buckets, bounds(), float()).prop_map(|(schema, zero, (positive, negative), bounds, sum)| {
        let native = NativeBuckets {
            schema,
            zero_threshold: zero.0,
            zero_count: zero.1,
            positive: positive.into_iter().collect(),
            negative: negative.into_iter().collect(),
        };
        let both = native.positive.iter().chain(&native.negative);
        let mut counts = vec![0; bounds.len()];
        counts.push(native.zero_count + both.map(|(_, count)| count).sum::<u64>());
        HistogramValue { bounds: bounds.into(), counts, sum: Some(sum), native: Some(Box::new(native)) }
    })
}

/// One at most for each bucket; a histogram with native buckets alone may have any.
fn with_exemplars((value, mut exemplars): (HistogramValue, Vec<Exemplar>)) -> (Value, Vec<Exemplar>) {
    if value.native.is_none() || !value.bounds.is_empty() {
        let bucket = |exemplar: &Exemplar| value.bounds.partition_point(|bound| *bound < exemplar.value.as_f64());
        exemplars.dedup_by_key(|exemplar| bucket(exemplar));
    }
    (Value::Histogram(value), exemplars)
}
