use proptest::prelude::*;

use super::super::metrics_proto::{self as proto, read};
use super::super::{Escaping, Format, encode};
use super::*;
use crate::snapshot::{
    HistogramValue, IrregularSample, MetricFamily, NativeBuckets, SeriesSnapshot, StateSetValue, SummaryValue, Value,
    arbitrary,
};

/// What messages say that a family says, made without the encoder.
fn said(family: &MetricFamily) -> proto::MetricFamily {
    proto::MetricFamily {
        name: Some(family.name.clone()),
        help: Some(family.help.clone()).filter(|help| !help.is_empty()),
        r#type: Some(type_number(family.kind).try_into().unwrap()),
        unit: family.unit.clone(),
        metric: family.series.iter().flat_map(|series| metrics(family, series)).collect(),
    }
}

fn pair(name: &str, value: &str) -> proto::LabelPair {
    proto::LabelPair { name: Some(name.to_owned()), value: Some(value.to_owned()) }
}

fn instant(at: Timestamp) -> proto::Timestamp {
    proto::Timestamp { seconds: at.seconds(), nanos: at.nanos().try_into().unwrap() }
}

fn example(exemplar: &Exemplar) -> proto::Exemplar {
    proto::Exemplar {
        label: exemplar.labels().map(|(name, value)| pair(name, value)).collect(),
        value: Some(exemplar.value().as_f64()),
        timestamp: exemplar.timestamp().map(instant),
    }
}

fn metrics(family: &MetricFamily, series: &SeriesSnapshot) -> Vec<proto::Metric> {
    let mut metric = proto::Metric {
        label: series.labels().map(|(name, value)| pair(name, value)).collect(),
        timestamp_ms: series.timestamp().map(Timestamp::as_millis),
        ..proto::Metric::default()
    };
    let created_timestamp = series.created().map(instant);
    match series.value() {
        Value::Number(number) => {
            let value = Some(number.as_f64());
            match family.kind {
                MetricKind::Counter => {
                    let exemplar = series.exemplars().first().map(example);
                    metric.counter = Some(proto::Counter { value, exemplar, created_timestamp });
                }
                MetricKind::Unknown => metric.untyped = Some(proto::Plain { value }),
                _ => metric.gauge = Some(proto::Plain { value }),
            }
        }
        Value::Summary(summary) => {
            let quantiles = summary.quantiles().iter();
            let quantile = |&(quantile, value)| proto::Quantile { quantile: Some(quantile), value: Some(value) };
            metric.summary = Some(proto::Summary {
                sample_count: Some(summary.count()),
                sample_sum: Some(summary.sum()),
                quantile: quantiles.map(quantile).collect(),
                created_timestamp,
            });
        }
        Value::StateSet(states) => {
            let of_state = |(state, on): (&str, bool)| {
                let mut metric = metric.clone();
                metric.label.push(pair(&family.name, state));
                metric.gauge = Some(proto::Plain { value: Some(f64::from(u8::from(on))) });
                metric
            };
            return states.states().map(of_state).collect();
        }
        Value::Histogram(histogram) => {
            let told = told(histogram, series.exemplars());
            metric.histogram = Some(proto::Histogram { created_timestamp, ..told });
        }
        Value::Irregular(_) => unreachable!("none are made"),
    }
    vec![metric]
}

fn told(histogram: &HistogramValue, exemplars: &[Exemplar]) -> proto::Histogram {
    let mut message = proto::Histogram {
        sample_count: Some(histogram.count()),
        sample_sum: Some(histogram.sum()),
        ..proto::Histogram::default()
    };
    if histogram.native().is_none() || !histogram.bounds.is_empty() {
        let mut below = f64::NEG_INFINITY;
        for (bound, count) in histogram.buckets() {
            let inside = |exemplar: &&Exemplar| {
                let value = exemplar.value().as_f64();
                (value > below || below.is_infinite()) && value <= bound
            };
            let exemplar = exemplars.iter().find(inside).map(example);
            if bound < f64::INFINITY || exemplar.is_some() {
                let (cumulative_count, upper_bound) = (Some(count), Some(bound));
                message.bucket.push(proto::Bucket { cumulative_count, upper_bound, exemplar, ..Default::default() });
            }
            below = bound;
        }
    }
    if let Some(native) = histogram.native() {
        message.schema = Some(native.schema());
        message.zero_threshold = Some(native.zero_threshold());
        message.zero_count = Some(native.zero_count());
        (message.positive_span, message.positive_delta) = sparse(native.positive());
        (message.negative_span, message.negative_delta) = sparse(native.negative());
        let is_empty = message.positive_span.is_empty() && message.negative_span.is_empty();
        if is_empty && native.zero_threshold() == 0.0 && native.zero_count() == 0 {
            message.positive_span.push(proto::BucketSpan { offset: Some(0), length: Some(0) });
        }
        message.exemplars = exemplars.iter().map(example).collect();
    }
    message
}

/// As Go's client does it (`makeBuckets`): up to two empty buckets in a row stand in a span.
fn sparse(buckets: &[(i32, u64)]) -> (Vec<proto::BucketSpan>, Vec<i64>) {
    let (mut spans, mut deltas) = (Vec::<proto::BucketSpan>::new(), Vec::new());
    let (mut next, mut before) = (0_i64, 0_i64);
    for &(index, count) in buckets {
        let gap = i64::from(index) - next;
        match spans.last_mut() {
            Some(span) if gap <= 2 => {
                for _ in 0..gap {
                    deltas.push(-before);
                    before = 0;
                }
                *span.length.as_mut().unwrap() += u32::try_from(gap).unwrap() + 1;
            }
            _ => spans.push(proto::BucketSpan { offset: Some(gap.try_into().unwrap()), length: Some(1) }),
        }
        let count = i64::try_from(count).unwrap();
        deltas.push(count - before);
        before = count;
        next = i64::from(index) + 1;
    }
    (spans, deltas)
}

/// NaN is equal to nothing, so messages are compared as they are shown.
fn shown(families: &[proto::MetricFamily]) -> String {
    format!("{families:#?}")
}

proptest! {
    #[test]
    fn another_library_reads_what_is_written(families in arbitrary::families()) {
        let said: Vec<proto::MetricFamily> = families.iter().map(said).collect();
        prop_assert_eq!(shown(&read(&encode(Format::PROTOBUF, &families))), shown(&said));
    }
}

fn family(kind: MetricKind, name: &str, series: Vec<SeriesSnapshot>) -> MetricFamily {
    MetricFamily { name: name.into(), help: String::new(), kind, unit: None, series, only: None }
}

fn series(labels: &[(&str, &str)], value: Value) -> SeriesSnapshot {
    SeriesSnapshot::new(labels.iter().map(|&(name, value)| (name.into(), value.into())).collect(), value)
}

/// A visitor is shown this as a page's way shows it, with constant labels.
fn with_constant(family: &MetricFamily, constant: &str, format: Format) -> Vec<proto::MetricFamily> {
    let mut encoder = Messages::new(format, usize::MAX);
    let mut labels = String::new();
    let _ = encoder.family(FamilyHead { constant, ..family.head() });
    for series in &family.series {
        let _ = series.show(&mut labels, &mut encoder);
    }
    encoder.finish();
    read(&encoder.out().take())
}

#[test]
fn labels_of_all_series_come_first() {
    let long = "x".repeat(200);
    for constant in
        [&[][..], &[("a", "b")], &[("a", "\\\""), ("c", &long)], &[("a", &long), ("b", &long), ("c", &long)]]
    {
        let mut text = String::new();
        crate::escape::push_labels(&mut text, constant.iter().copied());
        for labels in [&[][..], &[("path", "/")], &[("path", "/"), ("tenant", &long)], &[("p", &long), ("q", &long)]] {
            let number = || series(labels, Value::Number(2_u64.into()));
            let family = family(MetricKind::Gauge, "x", vec![number(), number(), number()]);
            let pairs: Vec<_> = constant.iter().chain(labels).map(|(name, value)| pair(name, value)).collect();
            let read = with_constant(&family, &text, Format::PROTOBUF);
            assert_eq!(read[0].metric.len(), 3);
            for metric in &read[0].metric {
                assert_eq!(metric.label, pairs);
                assert_eq!(metric.gauge, Some(proto::Plain { value: Some(2.0) }));
            }
        }
    }
}

#[test]
fn names_are_escaped_as_the_reader_asks() {
    let value = || Value::Number(1_u64.into());
    let mut dotted = family(MetricKind::Gauge, "http.sec", vec![series(&[("m.n", "\\"), ("o", "p")], value())]);
    dotted.series[0].exemplars.clear();
    let states = StateSetValue { states: [Arc::from("on")].into(), on: vec![true] };
    let state_set = family(MetricKind::StateSet, "a.b", vec![series(&[], Value::StateSet(states))]);
    let mut counter = family(MetricKind::Counter, "c", vec![series(&[], value())]);
    let labels = vec![("e.f".into(), "g".into())];
    counter.series[0].exemplars = vec![Exemplar { labels, value: 1_u64.into(), timestamp: None }];
    for (escaping, names) in [
        (Escaping::AllowUtf8, ["http.sec", "m.n", "a.b", "e.f"]),
        (Escaping::Underscores, ["http_sec", "m_n", "a_b", "e_f"]),
        (Escaping::Dots, ["http_dot_sec", "m_dot_n", "a_dot_b", "e_dot_f"]),
        (Escaping::Values, ["U__http_2e_sec", "U__m_2e_n", "U__a_2e_b", "U__e_2e_f"]),
    ] {
        let families = [dotted.clone(), state_set.clone(), counter.clone()];
        let read = read(&encode(Format::PROTOBUF.with_escaping(escaping), &families));
        assert_eq!(read[0].name.as_deref(), Some(names[0]));
        assert_eq!(read[0].metric[0].label, [pair(names[1], "\\"), pair("o", "p")]);
        assert_eq!(read[1].name.as_deref(), Some(names[2]));
        assert_eq!(read[1].metric[0].label, [pair(names[2], "on")]);
        let exemplar = read[2].metric[0].counter.as_ref().unwrap().exemplar.as_ref().unwrap();
        assert_eq!(exemplar.label, [pair(names[3], "g")]);
    }
}

#[test]
fn a_unit_is_said_where_the_name_ends_in_it() {
    for (kind, name, unit, said) in [
        (MetricKind::Gauge, "x_seconds", "seconds", true),
        (MetricKind::Counter, "x_seconds_total", "seconds", true),
        (MetricKind::Counter, "x_seconds", "seconds", true),
        (MetricKind::Gauge, "x_seconds_total", "seconds", false),
        (MetricKind::Gauge, "x_milliseconds", "seconds", false),
        (MetricKind::Gauge, "seconds", "seconds", false),
        (MetricKind::Gauge, "x", "seconds", false),
    ] {
        let mut family = family(kind, name, Vec::new());
        family.unit = Some(unit.to_owned());
        let read = read(&encode(Format::PROTOBUF, &[family]));
        assert_eq!(read[0].unit.as_deref(), Some(unit).filter(|_| said), "{name}");
    }
}

#[test]
fn when_a_series_began_is_left_out_where_nobody_asks() {
    let mut counter = series(&[("a", "b")], Value::Number(1_u64.into()));
    counter.created = Timestamp::new(1_520_430_000, 123);
    let summary = SummaryValue { count: 1, sum: 2.0, quantiles: Vec::new() };
    let mut summary = series(&[], Value::Summary(summary));
    summary.created = Timestamp::new(-5, 999_999_999);
    let families = [family(MetricKind::Counter, "c", vec![counter]), family(MetricKind::Summary, "s", vec![summary])];
    let read_as = |format| read(&encode(format, &families));
    let said = read_as(Format::PROTOBUF);
    let counter = said[0].metric[0].counter.as_ref().unwrap();
    assert_eq!(counter.created_timestamp, Some(proto::Timestamp { seconds: 1_520_430_000, nanos: 123 }));
    let summary = said[1].metric[0].summary.as_ref().unwrap();
    assert_eq!(summary.created_timestamp, Some(proto::Timestamp { seconds: -5, nanos: 999_999_999 }));
    let said = read_as(Format::PROTOBUF.with_created(false));
    assert_eq!(said[0].metric[0].counter.as_ref().unwrap().created_timestamp, None);
    assert_eq!(said[1].metric[0].summary.as_ref().unwrap().created_timestamp, None);
}

fn irregular(suffix: &'static str, own: Option<&str>, value: impl Into<Number>) -> IrregularSample {
    let own = own.map(Into::into);
    IrregularSample { suffix, own, value: value.into(), timestamp: None, exemplar: None }
}

fn of_irregular(kind: MetricKind, samples: Vec<IrregularSample>) -> Option<proto::Metric> {
    let mut series = series(&[("a", "b")], Value::Irregular(IrregularValue { samples }));
    series.created = Some(Timestamp::from_millis(1_500));
    read(&encode(Format::PROTOBUF, &[family(kind, "x", vec![series])]))[0].metric.pop()
}

#[test]
fn what_makes_no_histogram_is_written_as_it_was_read() {
    let mut bucket = irregular("_bucket", Some("1"), 2.5);
    bucket.exemplar = Some(Exemplar { labels: Vec::new(), value: 0.5.into(), timestamp: None });
    let samples = vec![
        irregular("_bucket", Some("+Inf"), 7_u64),
        bucket,
        irregular("_bucket", Some("2.0"), 1_i64),
        irregular("_count", None, 6.5),
        irregular("_sum", None, 12.0),
    ];
    let metric = of_irregular(MetricKind::Histogram, samples).unwrap();
    assert_eq!(metric.label, [pair("a", "b")]);
    let histogram = metric.histogram.unwrap();
    assert_eq!((histogram.sample_count, histogram.sample_count_float), (None, Some(6.5)));
    assert_eq!(histogram.sample_sum, Some(12.0));
    assert_eq!(histogram.created_timestamp, Some(proto::Timestamp { seconds: 1, nanos: 500_000_000 }));
    let buckets: Vec<_> = histogram
        .bucket
        .iter()
        .map(|bucket| (bucket.upper_bound.unwrap(), bucket.cumulative_count, bucket.cumulative_count_float))
        .collect();
    assert_eq!(buckets, [(1.0, None, Some(2.5)), (2.0, Some(1), None), (f64::INFINITY, Some(7), None)]);
    assert_eq!(histogram.bucket[0].exemplar.as_ref().unwrap().value, Some(0.5));

    let without_count = vec![irregular("_bucket", Some("+Inf"), 7_u64)];
    let histogram = of_irregular(MetricKind::GaugeHistogram, without_count).unwrap().histogram.unwrap();
    assert_eq!(histogram.sample_count, Some(7));
    assert!(histogram.sample_sum.unwrap().is_nan());
}

#[test]
fn what_a_message_can_not_say_is_left_out() {
    let quantile = irregular("", Some("0.5"), 3_u64);
    for samples in [
        vec![quantile.clone(), irregular("_sum", None, 2_u64)],
        vec![quantile.clone(), irregular("_count", None, 1.5)],
        vec![quantile.clone(), irregular("_count", None, -1_i64)],
    ] {
        assert_eq!(of_irregular(MetricKind::Summary, samples), None);
    }
    for samples in [
        vec![irregular("_sum", None, 2_u64)],
        vec![irregular("_bucket", Some("1"), 2_u64)],
        vec![irregular("_bucket", Some("1"), -2_i64), irregular("_count", None, 1_u64)],
        vec![irregular("_bucket", Some("1"), f64::NAN), irregular("_count", None, 1_u64)],
        vec![irregular("_bucket", Some("one"), 1_u64), irregular("_count", None, 1_u64)],
        vec![irregular("_gcount", None, -1.0), irregular("_bucket", Some("1"), 0_u64)],
    ] {
        assert_eq!(of_irregular(MetricKind::Histogram, samples), None);
    }
    let samples = vec![quantile, irregular("_count", None, 4.0)];
    let summary = of_irregular(MetricKind::Summary, samples).unwrap().summary.unwrap();
    assert_eq!(summary.sample_count, Some(4));
    assert!(summary.sample_sum.unwrap().is_nan());
    assert_eq!(summary.quantile, [proto::Quantile { quantile: Some(0.5), value: Some(3.0) }]);
}

#[test]
fn a_native_histogram_that_has_nothing_is_told_from_a_classic_one() {
    let native = NativeBuckets { schema: 3, ..NativeBuckets::default() };
    let value = |native: Option<NativeBuckets>| {
        let (bounds, counts) = (Arc::from([]), vec![0]);
        Value::Histogram(HistogramValue { bounds, counts, sum: Some(0.0), native: native.map(Box::new) })
    };
    let classic = series(&[("a", "classic")], value(None));
    let families = [family(MetricKind::Histogram, "x", vec![series(&[], value(Some(native))), classic])];
    let read = read(&encode(Format::PROTOBUF, &families));
    let told = read[0].metric[0].histogram.as_ref().unwrap();
    assert_eq!(told.positive_span, [proto::BucketSpan { offset: Some(0), length: Some(0) }]);
    assert!(told.bucket.is_empty());
    assert!(read[0].metric[1].histogram.as_ref().unwrap().positive_span.is_empty());
}

/// A large family goes on in another message when it is written piece by piece, and is one message otherwise.
#[test]
fn a_large_family_is_several_messages_of_one_name_where_it_is_streamed() {
    let families = [("a_total", 3), ("b_total", 9_000), ("c_total", 5)].map(|(name, count)| {
        let counter = |number: u64| {
            let labels = [("number", number.to_string()), ("text", "some text, as labels have it".to_owned())];
            series(&labels.each_ref().map(|(name, value)| (*name, value.as_str())), Value::Number(number.into()))
        };
        family(MetricKind::Counter, name, (0..count).map(counter).collect())
    });
    let mut encoder = Messages::new(Format::PROTOBUF, 64 * 1024);
    let (mut pages, mut labels) = (Vec::new(), String::new());
    let mut take = |encoder: &mut Messages, flow: ControlFlow<()>| {
        if flow.is_break() {
            pages.push(encoder.out().take());
        }
    };
    for family in &families {
        let flow = encoder.family(family.head());
        take(&mut encoder, flow);
        for series in &family.series {
            let flow = series.show(&mut labels, &mut encoder);
            take(&mut encoder, flow);
        }
    }
    encoder.finish();
    pages.push(encoder.out().take());
    assert!(pages.len() > 1);
    assert!(pages.iter().all(|piece| piece.len() < 520 * 1024));
    // Each piece is whole messages.
    let messages: Vec<proto::MetricFamily> = pages.iter().flat_map(|piece| read(piece)).collect();
    let names: Vec<&str> = messages.iter().filter_map(|message| message.name.as_deref()).collect();
    assert_eq!(names, ["a_total", "b_total", "b_total", "c_total"]);
    assert!(messages.iter().all(|message| message.r#type == Some(0)));
    let whole = read(&encode(Format::PROTOBUF, &families));
    assert_eq!(whole.len(), families.len());
    let of_b: Vec<proto::Metric> = messages[1..3].iter().flat_map(|message| message.metric.clone()).collect();
    assert_eq!(of_b, whole[1].metric);
    assert_eq!((&messages[0], &messages[3]), (&whole[0], &whole[2]));
}
