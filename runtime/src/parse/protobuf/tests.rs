use std::io;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message as _;

use super::super::{Event, Reader, protobuf};
use crate::descriptor::MetricKind;
use crate::exposition::metrics_proto as proto;
use crate::exposition::{Format, encode};
use crate::snapshot::{
    HistogramValue, IrregularSample, MetricFamily, NativeBuckets, Number, SeriesSnapshot, Timestamp, Value, arbitrary,
};

/// What a page of messages can say of a family: infos and state sets are gauges there.
fn told(mut family: MetricFamily) -> MetricFamily {
    if family.kind == MetricKind::StateSet {
        let name: Arc<str> = family.name.as_str().into();
        let mut told = Vec::new();
        for series in &family.series {
            let Value::StateSet(states) = &series.value else { unreachable!("of a state set") };
            for (state, on) in states.states() {
                let mut series = SeriesSnapshot { value: Value::Number(on.into()), ..series.clone() };
                series.labels.push((Arc::clone(&name), state.into()));
                told.push(series);
            }
        }
        family.series = told;
    }
    if matches!(family.kind, MetricKind::Info | MetricKind::StateSet) {
        family.kind = MetricKind::Gauge;
    }
    family
}

/// Reads a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1 == 3 {
            self.1 = 1;
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.1 += 1;
        let count = self.1.min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

fn collected(reader: Reader<'_>) -> Result<Vec<MetricFamily>, super::Error> {
    let mut families: Vec<MetricFamily> = Vec::new();
    for event in reader {
        match (event?, families.last_mut()) {
            (Event::Family(family), _) => families.push(family),
            (Event::Series(series), Some(family)) => family.series.push(series),
            (Event::Help(help), Some(family)) => family.help = help,
            (Event::Unit(unit), Some(family)) => family.unit = Some(unit).filter(|unit| !unit.is_empty()),
            (event, None) => panic!("{event:?} stands in front of any family"),
        }
    }
    Ok(families)
}

proptest! {
    #[test]
    fn what_is_written_reads_back(families in arbitrary::families()) {
        let page = encode(Format::PROTOBUF, &families);
        let families: Vec<MetricFamily> = families.into_iter().map(told).collect();
        prop_assert_eq!(protobuf(&page).unwrap(), families.clone());
        prop_assert_eq!(collected(Reader::protobuf(Drops(&page, 0))).unwrap(), families);
    }

    #[test]
    fn what_another_library_writes_is_read(families in vec(message(), 0..4)) {
        let page = proto::written(&families);
        let read = protobuf(&page).unwrap();
        prop_assert_eq!(collected(Reader::protobuf(&page[..])).unwrap(), read.clone());
        // What was read says the same in messages of ours.
        let mut expected: Vec<proto::MetricFamily> = Vec::new();
        for family in families.into_iter().map(normal) {
            match expected.last_mut() {
                Some(last) if last.name == family.name && last.r#type == family.r#type => {
                    last.metric.extend(family.metric);
                }
                _ => expected.push(family),
            }
        }
        prop_assert_eq!(format!("{:#?}", proto::read(&encode(Format::PROTOBUF, &read))), format!("{expected:#?}"));
    }

    #[test]
    fn no_page_makes_it_panic(
        families in vec(message(), 1..3),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        length in option::of(any::<prop::sample::Index>()),
    ) {
        let mut page = proto::written(&families);
        for (at, byte) in changes {
            let at = at.index(page.len());
            page[at] = byte;
        }
        page.truncate(length.map_or(page.len(), |length| length.index(page.len() + 1)));
        let whole = protobuf(&page).map_err(|error| error.to_string());
        let streamed = collected(Reader::protobuf(Drops(&page, 0)).limit(1 << 20)).map_err(|error| error.to_string());
        if let (Ok(whole), Ok(streamed)) = (&whole, &streamed) {
            prop_assert_eq!(format!("{whole:?}"), format!("{streamed:?}"));
        }
        prop_assert_eq!(whole.is_ok(), streamed.is_ok());
    }
}

fn label() -> impl Strategy<Value = Vec<proto::LabelPair>> {
    let labels = proptest::collection::btree_map("l_[a-z]{0,5}", any::<String>(), 0..4);
    labels.prop_map(|labels| {
        let pair = |(name, value)| proto::LabelPair { name: Some(name), value: Some(value) };
        labels.into_iter().map(pair).collect()
    })
}

fn instant() -> impl Strategy<Value = proto::Timestamp> {
    (any::<i64>(), 0..1_000_000_000_i32).prop_map(|(seconds, nanos)| proto::Timestamp { seconds, nanos })
}

fn exemplar() -> impl Strategy<Value = proto::Exemplar> {
    let exemplar = (label(), -1e3..1e3, option::of(instant()));
    exemplar.prop_map(|(label, value, timestamp)| proto::Exemplar { label, value: Some(value), timestamp })
}

fn histogram() -> impl Strategy<Value = proto::Histogram> {
    let bucket = (0..1_000_u64, option::of(exemplar()), any::<bool>());
    let native = (-4..=8_i32, 0..3_u64, vec((0..5_i32, vec(0..100_i64, 0..4)), 0..3));
    (vec(bucket, 0..5), option::of(native), -1e3..1e3, option::of(instant()), 0..9_u64, any::<bool>()).prop_map(
        |(chosen, native, sum, created_timestamp, above, infinite)| {
            let mut histogram = proto::Histogram { sample_sum: Some(sum), created_timestamp, ..Default::default() };
            let mut count = 0;
            for (at, (own, exemplar, as_float)) in chosen.into_iter().enumerate() {
                count += own;
                let upper_bound = Some(f64::from(u8::try_from(at).unwrap()));
                let float = f64::from(u32::try_from(count).unwrap());
                let exemplar = exemplar.map(|exemplar| proto::Exemplar { value: upper_bound, ..exemplar });
                histogram.bucket.push(if as_float && count > 0 {
                    let cumulative_count_float = Some(float);
                    proto::Bucket { upper_bound, exemplar, cumulative_count_float, ..Default::default() }
                } else {
                    proto::Bucket { upper_bound, exemplar, cumulative_count: Some(count), ..Default::default() }
                });
            }
            count += above;
            histogram.sample_count = Some(count);
            if infinite {
                let (cumulative_count, upper_bound) = (Some(count), Some(f64::INFINITY));
                histogram.bucket.push(proto::Bucket { cumulative_count, upper_bound, ..Default::default() });
            }
            if let Some((schema, zero_count, spans)) = native {
                histogram.schema = Some(schema);
                histogram.zero_count = Some(zero_count);
                histogram.zero_threshold = Some(0.5);
                let mut before = 0;
                for (offset, counts) in spans {
                    let length = Some(counts.len().try_into().unwrap());
                    histogram.positive_span.push(proto::BucketSpan { offset: Some(offset), length });
                    for count in counts {
                        histogram.positive_delta.push(count - before);
                        before = count;
                    }
                }
                // Below zero the same, with counts of another type.
                histogram.negative_span = histogram.positive_span.clone();
                let mut count = 0;
                for delta in &histogram.positive_delta {
                    count += delta;
                    histogram.negative_count.push(f64::from(i32::try_from(count).unwrap()));
                }
            }
            histogram
        },
    )
}

fn metric(kind: proto::MetricType) -> impl Strategy<Value = proto::Metric> {
    let quantile = (0.0..1.0, any::<f64>()).prop_map(|(quantile, value)| proto::Quantile {
        quantile: Some(quantile),
        value: Some(value).filter(|value| !value.is_nan()),
    });
    let summary = (any::<u64>(), -1e9..1e9, vec(quantile, 0..3));
    (label(), -1e9..1e9, option::of(exemplar()), option::of(instant()), option::of(0..i64::MAX), summary, histogram())
        .prop_map(move |(label, value, exemplar, created_timestamp, timestamp_ms, summary, histogram)| {
            let metric = proto::Metric { label, timestamp_ms, ..Default::default() };
            let plain = Some(proto::Plain { value: Some(value) });
            let counter = proto::Counter { value: Some(value), exemplar, created_timestamp };
            match kind {
                proto::MetricType::Counter => proto::Metric { counter: Some(counter), ..metric },
                proto::MetricType::Gauge => proto::Metric { gauge: plain, ..metric },
                proto::MetricType::Untyped => proto::Metric { untyped: plain, ..metric },
                proto::MetricType::Summary => {
                    let (sample_count, sample_sum, quantile) = (Some(summary.0), Some(summary.1), summary.2);
                    let summary = proto::Summary { sample_count, sample_sum, quantile, created_timestamp };
                    proto::Metric { summary: Some(summary), ..metric }
                }
                _ => proto::Metric { histogram: Some(histogram), ..metric },
            }
        })
}

fn message() -> impl Strategy<Value = proto::MetricFamily> {
    use proto::MetricType::{Counter, Gauge, GaugeHistogram, Histogram, Summary, Untyped};
    let kind = prop::sample::select(vec![Counter, Gauge, Summary, Untyped, Histogram, GaugeHistogram]);
    (kind, any::<bool>()).prop_flat_map(|(kind, has_unit)| {
        // Few names, so that some come again.
        let name = if has_unit { "[ab]_seconds" } else { "[ab]" };
        (name, ".{0,5}", vec(metric(kind), 0..4)).prop_map(move |(name, help, metric)| proto::MetricFamily {
            name: Some(name),
            help: Some(help),
            r#type: Some(kind as i32),
            metric,
            unit: has_unit.then(|| "seconds".to_owned()),
        })
    })
}

/// The one way in which the encoder says what a message says.
fn normal(mut family: proto::MetricFamily) -> proto::MetricFamily {
    family.help = family.help.filter(|help| !help.is_empty());
    for metric in &mut family.metric {
        if let Some(summary) = &mut metric.summary {
            for quantile in &mut summary.quantile {
                quantile.value.get_or_insert(0.0);
            }
        }
        let Some(histogram) = &mut metric.histogram else { continue };
        if family.r#type == Some(5) {
            // It goes up and down, so nobody asks since when it counts.
            histogram.created_timestamp = None;
        }
        histogram.bucket.retain(|bucket| bucket.upper_bound != Some(f64::INFINITY));
        for bucket in &mut histogram.bucket {
            if let Some(float) = bucket.cumulative_count_float.take() {
                bucket.cumulative_count = Some(format!("{float}").parse().unwrap());
            }
        }
        if histogram.schema.is_some() {
            histogram.exemplars = histogram.bucket.iter().filter_map(|bucket| bucket.exemplar.clone()).collect();
            let (mut index, mut count, mut deltas) = (0, 0, histogram.positive_delta.iter());
            let mut buckets = Vec::new();
            for span in &histogram.positive_span {
                index += span.offset.unwrap();
                for delta in deltas.by_ref().take(span.length.unwrap().try_into().unwrap()) {
                    count += delta;
                    if count > 0 {
                        buckets.push((index, count.try_into().unwrap()));
                    }
                    index += 1;
                }
            }
            // How spans are written is what the encoder's tests are about.
            let native = NativeBuckets { positive: buckets, zero_threshold: 0.5, ..NativeBuckets::default() };
            let (bounds, counts) = (Arc::from([]), vec![0]);
            let value = Value::Histogram(HistogramValue { bounds, counts, sum: None, native: Some(Box::new(native)) });
            let series = vec![SeriesSnapshot::new(Vec::new(), value)];
            let (name, help, kind) = ("x".to_owned(), String::new(), MetricKind::Histogram);
            let family = MetricFamily { name, help, kind, unit: None, series, only: None };
            let written =
                proto::read(&encode(Format::PROTOBUF, &[family])).remove(0).metric.remove(0).histogram.unwrap();
            histogram.negative_count.clear();
            histogram.negative_span = written.positive_span.clone();
            histogram.negative_delta = written.positive_delta.clone();
            (histogram.positive_span, histogram.positive_delta) = (written.positive_span, written.positive_delta);
        }
    }
    family
}

/// A field with bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    prost::encode_length_delimiter(bytes.len(), &mut field).unwrap();
    field.extend_from_slice(bytes);
    field
}

/// A message with these fields, behind its length.
fn page(fields: &[&[u8]]) -> Vec<u8> {
    let message = fields.concat();
    let mut page = Vec::new();
    prost::encode_length_delimiter(message.len(), &mut page).unwrap();
    page.extend_from_slice(&message);
    page
}

fn refused(page: &[u8]) -> String {
    let whole = protobuf(page).unwrap_err();
    let streamed = collected(Reader::protobuf(Drops(page, 0))).unwrap_err();
    assert_eq!(whole.to_string(), streamed.to_string());
    assert!(whole.offset().is_some_and(|offset| offset <= page.len() as u64));
    assert_eq!((whole.line(), whole.column()), (None, None));
    whole.to_string()
}

const GAUGE: &[u8] = &[3 << 3, 1];

fn number(number: f64) -> proto::Plain {
    proto::Plain { value: Some(number) }
}

fn gauge_of(value: f64) -> Vec<u8> {
    field(4, &proto::Metric { gauge: Some(number(value)), ..Default::default() }.encode_to_vec())
}

#[test]
fn the_fields_of_a_family_may_stand_in_any_order() {
    let (name, help, unit) = (field(1, b"a_bytes"), field(2, b"Help."), field(5, b"bytes"));
    let (one, two) = (gauge_of(1.0), gauge_of(2.0));
    let expected = protobuf(page(&[&name, &help, GAUGE, &unit, &one, &two])).unwrap();
    assert_eq!((expected[0].help(), expected[0].unit()), ("Help.", Some("bytes")));
    assert_eq!(expected[0].series().len(), 2);
    for fields in [
        &[&name[..], GAUGE, &one, &help, &two, &unit],
        // A type behind series is that which these have.
        &[&unit, &help, &name, &one, &two, GAUGE],
        &[&one[..0], &name, &one, GAUGE, &help, &[&two[..], &unit].concat()],
        // The last one counts.
        &[&field(1, b"b"), &field(2, b"Not this."), &name, &help, GAUGE, &[&one[..], &two, &unit].concat()],
    ] {
        assert_eq!(protobuf(page(fields)).unwrap(), expected);
    }
    let page = page(&[&name, GAUGE, &one, &help, &unit]);
    let behind = Reader::protobuf(&page[..]).map(Result::unwrap);
    assert_eq!(behind.skip(2).collect::<Vec<_>>(), [Event::Help("Help.".into()), Event::Unit("bytes".into())]);
}

#[test]
fn what_is_unknown_is_passed_over() {
    let unknown = [
        &[0x50, 0x96, 1][..],
        &[0x51, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0x55, 1, 2, 3, 4],
        &field(15, &vec![b'x'; 200_000]),
        &[0xFA, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0],
    ]
    .concat();
    let (name, one) = (field(1, b"a"), gauge_of(1.0));
    let expected = protobuf(page(&[&name, GAUGE, &one])).unwrap();
    assert_eq!(protobuf(page(&[&unknown, &name, &unknown, GAUGE, &one, &unknown])).unwrap(), expected);
    let in_metric =
        field(4, &[&unknown[..], &field(2, &[&unknown[..], &number(1.0).encode_to_vec()].concat())].concat());
    assert_eq!(protobuf(page(&[&name, GAUGE, &in_metric])).unwrap(), expected);
    let page = page(&[&unknown, &name, GAUGE, &one]);
    // It needs no memory either.
    assert_eq!(collected(Reader::protobuf(&page[..]).limit(100)).unwrap(), expected);
}

#[test]
fn a_type_that_is_not_said_is_that_of_counters() {
    let counter = proto::Counter { value: None, ..Default::default() };
    let counter = field(4, &proto::Metric { counter: Some(counter), ..Default::default() }.encode_to_vec());
    let families = protobuf(page(&[&field(1, b"a"), &counter])).unwrap();
    assert_eq!(families[0].kind(), MetricKind::Counter);
    assert_eq!(*families[0].series()[0].value(), Value::Number(0_u64.into()));
    assert_eq!(protobuf(page(&[&field(1, b"a")])).unwrap()[0].kind(), MetricKind::Counter);
    assert_eq!(
        refused(&page(&[&field(1, b"a"), &gauge_of(1.0)])),
        "byte 17: `type`: the family `a` has series of the type gauge, and doesn't say that it is of that type"
    );
    assert_eq!(
        refused(&page(&[&field(1, b"a"), &gauge_of(1.0), &[3 << 3, 3]])),
        "byte 19: `type`: the family `a` is said to be of the type unknown behind series of the type gauge"
    );
}

#[test]
fn messages_of_one_name_and_type_are_one_family() {
    let (name, one) = (field(1, b"a"), gauge_of(1.0));
    let first = page(&[&name, &field(2, b"First."), GAUGE, &one]);
    let second = page(&[&name, &field(2, b"Second."), GAUGE, &one, &field(5, b"bytes")]);
    let third = page(&[&name, GAUGE, &one, &field(2, b"Third.")]);
    let untyped = proto::Metric { untyped: Some(number(1.0)), ..Default::default() };
    let other = page(&[&name, &[3 << 3, 3], &field(4, &untyped.encode_to_vec())]);
    let families = protobuf([&first[..], &second, &third, &other, &first].concat()).unwrap();
    let told: Vec<_> = families.iter().map(|family| (family.kind(), family.help(), family.series().len())).collect();
    assert_eq!(
        told,
        [(MetricKind::Gauge, "First.", 3), (MetricKind::Unknown, "", 1), (MetricKind::Gauge, "First.", 1)]
    );
    assert_eq!(families[0].unit(), None);
    assert_eq!(protobuf(b"").unwrap(), []);
}

fn metric_of(metric: &proto::Metric, kind: u8) -> Result<Vec<MetricFamily>, super::Error> {
    protobuf(page(&[&field(1, b"a"), &[3 << 3, kind], &field(4, &metric.encode_to_vec())]))
}

fn of_histogram(histogram: proto::Histogram) -> Result<Value, String> {
    let metric = proto::Metric { histogram: Some(histogram), ..Default::default() };
    metric_of(&metric, 4).map(|families| families[0].series()[0].value().clone()).map_err(|error| error.to_string())
}

fn bucket(bound: f64, count: u64) -> proto::Bucket {
    proto::Bucket { upper_bound: Some(bound), cumulative_count: Some(count), ..Default::default() }
}

#[test]
fn what_makes_no_histogram_is_kept_as_it_was_read() {
    let infinite = f64::INFINITY;
    for (count, buckets) in [
        (3, vec![bucket(1.0, 2), bucket(2.0, 1)]),
        (3, vec![bucket(1.0, 4)]),
        (3, vec![bucket(2.0, 1), bucket(1.0, 2)]),
        (3, vec![bucket(1.0, 1), bucket(1.0, 2)]),
        (3, vec![bucket(1.0, 1), bucket(infinite, 4)]),
        (3, vec![bucket(infinite, 3), bucket(1.0, 3)]),
        (3, vec![bucket(f64::NAN, 3)]),
    ] {
        let bounds: Vec<f64> = buckets.iter().map(|bucket| bucket.upper_bound.unwrap()).collect();
        let histogram = proto::Histogram {
            bucket: buckets,
            sample_count: Some(count),
            sample_sum: Some(0.5),
            ..Default::default()
        };
        let Value::Irregular(value) = of_histogram(histogram).unwrap() else { panic!("{bounds:?} is irregular") };
        let suffixes: Vec<&str> = value.samples().iter().map(IrregularSample::suffix).collect();
        assert_eq!(suffixes[bounds.len()..], ["_sum", "_count"]);
        for (sample, bound) in value.samples().iter().zip(bounds) {
            let read: f64 = sample.own_label().unwrap().parse().unwrap();
            assert_eq!((sample.suffix(), read.to_bits()), ("_bucket", bound.to_bits()));
        }
    }
    let fractions = proto::Histogram {
        sample_count_float: Some(2.5),
        sample_sum: Some(f64::NAN),
        bucket: vec![proto::Bucket { cumulative_count_float: Some(1.5), upper_bound: Some(1.0), ..Default::default() }],
        ..Default::default()
    };
    let metric = proto::Metric { histogram: Some(fractions), ..Default::default() };
    let families = metric_of(&metric, 5).unwrap();
    let Value::Irregular(value) = families[0].series()[0].value() else { panic!("fractions are irregular") };
    let samples: Vec<_> = value.samples().iter().map(|it| (it.suffix(), it.own_label(), it.value())).collect();
    assert_eq!(samples, [("_bucket", Some("1.0"), 1.5.into()), ("_gcount", None, 2.5.into())]);
    // And so it is written again.
    assert_eq!(protobuf(encode(Format::PROTOBUF, &families)).unwrap(), families);
    let Value::Histogram(absent) = of_histogram(proto::Histogram::default()).unwrap() else { panic!("it is empty") };
    assert_eq!((absent.count(), absent.sum), (0, Some(0.0)));
}

#[test]
fn native_buckets_that_can_not_be_are_refused() {
    let span = |offset, length| proto::BucketSpan { offset: Some(offset), length: Some(length) };
    let native = |spans: &[proto::BucketSpan], deltas: &[i64]| proto::Histogram {
        schema: Some(3),
        zero_threshold: Some(0.1),
        positive_span: spans.to_vec(),
        positive_delta: deltas.to_vec(),
        ..Default::default()
    };
    let plain = native(&[span(-3, 2), span(1, 1)], &[1, 1, -1]);
    let Value::Histogram(value) = of_histogram(plain.clone()).unwrap() else { panic!("it is a histogram") };
    assert_eq!(value.native().unwrap().positive(), [(-3, 1), (-2, 2), (0, 1)]);
    let schema = |schema| proto::Histogram { schema: Some(schema), ..plain.clone() };
    let torn = proto::Histogram { sample_count: Some(1), bucket: vec![bucket(1.0, 2)], ..plain.clone() };
    let zero = proto::Histogram { zero_count_float: Some(0.5), ..plain.clone() };
    let counts = proto::Histogram { negative_span: vec![span(0, 1)], negative_count: vec![0.5], ..plain.clone() };
    for (histogram, reason) in [
        (schema(-5), "`metric.histogram.schema`: a native histogram has a schema from -4 to 8, and not -5"),
        (schema(9), "and not 9"),
        (native(&[span(0, 2)], &[1]), "`metric.histogram.positive_span`: its spans have more buckets than the 1 that"),
        (native(&[span(0, u32::MAX)], &[1]), "its spans have more buckets than the 1 that have counts"),
        (native(&[span(0, 1)], &[1, 1, 1]), "its spans have 2 buckets less than there are counts"),
        (native(&[span(0, 1), span(-1, 1)], &[1, 1]), "a span begins 1 buckets before its turn"),
        (native(&[span(i32::MAX, 2)], &[1, 1]), "there is no bucket 2147483648: indices have 32 bits"),
        (native(&[span(0, 2)], &[1, -2]), "a bucket has -2 more than the one before it, which has 1"),
        (torn, "the classic buckets of a native histogram are not cumulative counts"),
        (zero, "`metric.histogram.zero_count_float`: native buckets with counts that are fractions can't be kept"),
        (counts, "`metric.histogram.negative_span`: native buckets with counts that are fractions"),
    ] {
        let refused = of_histogram(histogram).unwrap_err();
        assert!(refused.contains(reason), "{refused}");
    }
    // Integers may stand together as well.
    let mut together = field(12, &span(-3, 3).encode_to_vec());
    together.extend_from_slice(&field(13, &[2, 2, 1]));
    let message = field(4, &field(7, &together));
    let families = protobuf(page(&[&field(1, b"a"), &[3 << 3, 4], &message])).unwrap();
    let Value::Histogram(value) = families[0].series()[0].value() else { panic!("it is a histogram") };
    assert_eq!(value.native().unwrap().positive(), [(-3, 1), (-2, 2), (-1, 1)]);
    let mut floats = field(12, &span(0, 2).encode_to_vec());
    floats.extend_from_slice(&field(14, &[2.0_f64.to_le_bytes(), 7.0_f64.to_le_bytes()].concat()));
    let families = protobuf(page(&[&field(1, b"a"), &[3 << 3, 4], &field(4, &field(7, &floats))])).unwrap();
    let Value::Histogram(value) = families[0].series()[0].value() else { panic!("it is a histogram") };
    assert_eq!(value.native().unwrap().positive(), [(0, 2), (1, 7)]);
}

#[test]
fn series_that_can_not_be_are_refused_with_their_place() {
    let pair = |name: &str| proto::LabelPair { name: Some(name.to_owned()), value: Some("x".to_owned()) };
    let with =
        |names: &[&str]| proto::Metric { label: names.iter().map(|name| pair(name)).collect(), ..Default::default() };
    let gauge = |metric: proto::Metric| proto::Metric { gauge: Some(number(1.0)), ..metric };
    let histogram = |metric: proto::Metric| proto::Metric { histogram: Some(proto::Histogram::default()), ..metric };
    for (metric, kind, reason) in [
        (gauge(with(&["a", "b", "a"])), 1, "byte 8: `metric.label`: the label `a` stands there twice"),
        (gauge(with(&["a", ""])), 1, "`metric.label`: a label has no name"),
        (gauge(with(&["__name__"])), 1, "`metric.label`: no label is to be called `__name__`"),
        (histogram(with(&["le"])), 4, "`metric.label`: no series of the type histogram is to have the label `le`"),
        (with(&[]), 1, "`metric`: a series of the type gauge has no value"),
        (gauge(with(&[])), 0, "`metric`: a series of the type counter has a value of the type gauge"),
        (gauge(with(&[])), 5, "a series of the type gaugehistogram has a value of the type gauge"),
        (histogram(gauge(with(&[]))), 1, "`metric.histogram`: the series has another value already, of the type gauge"),
    ] {
        let refused = metric_of(&metric, kind).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    for value in ["counter", "summary", "untyped", "histogram"] {
        let mut metric = gauge(with(&[]));
        metric.gauge = None;
        match value {
            "counter" => metric.counter = Some(proto::Counter::default()),
            "summary" => metric.summary = Some(proto::Summary::default()),
            "untyped" => metric.untyped = Some(proto::Plain::default()),
            _ => metric.histogram = Some(proto::Histogram::default()),
        }
        let twice = [metric.encode_to_vec(), metric.encode_to_vec()].concat();
        let kind = u8::from(value != "counter");
        let refused = refused(&page(&[&field(1, b"a"), &[3 << 3, kind], &field(4, &twice)]));
        let kind = if value == "untyped" { "unknown" } else { value };
        assert!(
            refused.contains(&format!("`metric.{value}`: the series has another value already, of the type {kind}"))
        );
    }
}

#[test]
fn the_same_names_in_another_order_are_told_apart() {
    let labels = |names: [&str; 2]| {
        let pair = |name: &&str| proto::LabelPair { name: Some((*name).to_owned()), value: Some((*name).to_owned()) };
        let label = names.iter().map(pair).collect();
        field(4, &proto::Metric { label, gauge: Some(number(1.0)), ..Default::default() }.encode_to_vec())
    };
    let message = page(&[&field(1, b"a"), GAUGE, &labels(["x", "y"]), &labels(["y", "x"]), &labels(["x", "y"])]);
    let families = protobuf(&message).unwrap();
    let names: Vec<String> =
        families[0].series().iter().map(|series| series.labels().map(|it| it.0).collect()).collect();
    assert_eq!(names, ["xy", "yx", "xy"]);
    let twice = refused(&page(&[&field(1, b"a"), GAUGE, &labels(["x", "y"]), &labels(["x", "x"])]));
    assert!(twice.contains("the label `x` stands there twice"), "{twice}");
}

#[test]
fn bytes_that_are_no_messages_are_refused_with_their_place() {
    let name = field(1, b"a");
    let deep = |bytes: &[u8]| page(&[&name, GAUGE, &field(4, bytes)]);
    let exemplar = |bytes: &[u8]| page(&[&name, &[3 << 3, 4], &field(4, &field(7, &field(3, &field(3, bytes))))]);
    for (page, reason) in [
        (vec![0x80], "byte 0: the page ends within a number"),
        (vec![0xFF; 10], "byte 0: an integer of more than 64 bits"),
        (vec![5, 10, 1, b'a'], "byte 4: the page ends within a number"),
        (vec![5, 10, 9, b'a'], "a field goes on behind the end of its message"),
        (vec![1, 10], "byte 2: the page ends within a number"),
        (vec![9, 10, 5, b'a'], "byte 3: the page ends within `name`, which has 5 bytes"),
        (vec![9, 50, 5, b'a'], "byte 4: the page ends within a field"),
        (vec![2, 10, 1, b'a'], "a field goes on behind the end of its message"),
        (page(&[&[0x0B]]), "byte 1: field 1 is a group, which this format doesn't have"),
        (page(&[&[0x0E]]), "byte 1: field 1 has the wire type 6, which there isn't"),
        (page(&[&[0x02, 0]]), "byte 1: there is no field 0"),
        (page(&[&[0x08, 0]]), "byte 1: `name`: it has the wire type 0"),
        (page(&[&field(3, b"x")]), "byte 1: `type`: it has the wire type 2"),
        (page(&[&[3 << 3, 6]]), "`type`: there is no type 6: they are numbered from 0 to 5"),
        (page(&[&field(1, b"a\xFFb")]), "byte 4: `name`: `a\u{FFFD}b` is not UTF-8"),
        (page(&[GAUGE, &gauge_of(1.0), &name]), "a family has no name before its series"),
        (page(&[&name, GAUGE, &gauge_of(1.0), &field(1, b"b")]), "`name`: a family is called `b` behind its series"),
        (page(&[GAUGE]), "a family has no name"),
        (page(&[&field(1, b"")]), "a family has no name"),
        (deep(&[0x10, 1]), "byte 8: `metric.gauge`: an integer stands where a message is to be"),
        (deep(&field(1, &field(1, b"\xFF"))), "`metric.label.name`: `\u{FFFD}` is not UTF-8"),
        (deep(&field(1, &field(2, b"\xFF"))), "`metric.label.value`"),
        (deep(&field(1, &[0x08, 1])), "`metric.label.name`: an integer stands where a text is to be"),
        (deep(&field(2, &[0x08, 1])), "`metric.gauge.value`: an integer stands where a `double` is to be"),
        (deep(&[0x31, 1, 2, 3, 4, 5, 6, 7, 8]), "`metric.timestamp_ms`: eight bytes stand where an integer is to be"),
        (deep(&field(2, &[0x0D, 1, 2, 3, 4])), "`metric.gauge.value`: four bytes stand where a `double`"),
        (deep(&field(2, &field(1, b""))), "`metric.gauge.value`: bytes with a length stand where a `double`"),
        (deep(&field(2, &[0x09, 1])), "`metric.gauge.value`: a field goes on behind the end of its message"),
        (deep(&field(4, &field(3, &[0x08, 1]))), "`metric.summary.quantile.quantile`"),
        (deep(&field(4, &field(3, &[0x10, 1]))), "`metric.summary.quantile.value`"),
        (
            deep(&field(3, &field(3, &[0x10, 0x80, 0x94, 0xEB, 0xDC, 3]))),
            "`metric.counter.created_timestamp.nanos`: the nanoseconds are not from 0",
        ),
        (deep(&field(3, &field(3, &field(1, b"")))), "`metric.counter.created_timestamp.seconds`"),
        (deep(&field(3, &field(3, &field(2, b"")))), "`metric.counter.created_timestamp.nanos`"),
        (deep(&field(3, &[field(2, b""), field(2, b"")].concat())), "`metric.counter.exemplar`: it stands there twice"),
        (exemplar(&field(1, &field(1, b"\xFF"))), "`metric.histogram.bucket.exemplar.label.name`"),
        (exemplar(&field(2, b"")), "`metric.histogram.bucket.exemplar.value`"),
        (deep(&field(7, &[0x62, 2, 0x0A, 0])), "`metric.histogram.positive_span.offset`"),
        (deep(&field(7, &[0x62, 2, 0x12, 0])), "`metric.histogram.positive_span.length`"),
        (deep(&field(7, &[0x69, 1, 2, 3, 4, 5, 6, 7, 8])), "`metric.histogram.positive_delta`: eight bytes stand"),
        (deep(&field(7, &[0x70, 1])), "`metric.histogram.positive_count`: an integer stands where a `double`"),
        (deep(&field(7, &field(14, b"1234567"))), "`metric.histogram.positive_count`: a field goes on behind"),
        (deep(&field(7, &field(13, b"\x80"))), "`metric.histogram.positive_delta`: a field goes on behind"),
    ] {
        let refused = refused(&page);
        assert!(refused.contains(reason), "{refused}\n{reason}");
    }
}

#[test]
fn a_stream_is_held_a_metric_at_a_time() {
    let labels = vec![proto::LabelPair { name: Some("a".to_owned()), value: Some("x".repeat(1_000)) }];
    let metric = proto::Metric { label: labels, gauge: Some(number(1.0)), ..Default::default() };
    let family = |count| {
        let (name, metric) = (Some("a".to_owned()), vec![metric.clone(); count]);
        proto::MetricFamily { name, r#type: Some(1), metric, ..Default::default() }
    };
    let page = proto::written(&[family(2_000)]);
    assert_eq!(Reader::protobuf(&page[..]).limit(2_000).flatten().count(), 2_001);
    let error = Reader::protobuf(&page[..]).limit(1_000).find_map(Result::err).unwrap();
    assert_eq!(error.to_string(), "byte 8: `metric`: it has 1020 bytes, more than the 1000 that are allowed");
    // A length that is only claimed is not made room for.
    let claimed = [&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x0A, 0xFF, 0xFF, 0xFF, 0x07][..], b"abc"].concat();
    let error = Reader::protobuf(&claimed[..]).limit(usize::MAX).find_map(Result::err).unwrap();
    assert_eq!(error.to_string(), "byte 10: the page ends within `name`, which has 16777215 bytes");
    let error = Reader::protobuf(&claimed[..]).find_map(Result::err).unwrap();
    assert_eq!(error.to_string(), "byte 10: the page ends within `name`, which has 16777215 bytes");
}

struct Broken;

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("gone"))
    }
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    let page = page(&[&field(1, b"a"), GAUGE, &gauge_of(1.0)]);
    let events: Vec<_> = Reader::protobuf(io::Read::chain(&page[..page.len() - 1], Broken)).collect();
    let error = events.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.to_string(), "byte 8: the page can't be read further: gone");
    assert!(std::error::Error::source(error).is_some());
    assert_eq!(events.len(), 1);
}

#[test]
fn instants_are_exact() {
    let at = Timestamp::new(-3, 999_999_999).unwrap();
    let counter = proto::Counter {
        value: Some(2.5),
        exemplar: None,
        created_timestamp: Some(proto::Timestamp { seconds: -3, nanos: 999_999_999 }),
    };
    let metric = proto::Metric { counter: Some(counter), timestamp_ms: Some(-1), ..Default::default() };
    let families = metric_of(&metric, 0).unwrap();
    let series = &families[0].series()[0];
    assert_eq!((series.created(), series.timestamp()), (Some(at), Some(Timestamp::from_millis(-1))));
    assert_eq!(*series.value(), Value::Number(Number::Float(2.5)));
}

#[test]
fn the_content_type_says_that_a_page_is_of_messages() {
    let page = page(&[&field(1, b"a"), GAUGE, &gauge_of(1.0)]);
    for content_type in [
        crate::exposition::protobuf::CONTENT_TYPE,
        "application/vnd.google.protobuf",
        "Application/vnd.google.protobuf; encoding=\"delimited\"; escaping=allow-utf-8",
    ] {
        assert_eq!(Reader::by_content_type(content_type, &page[..]).unwrap().count(), 2);
    }
    for content_type in [
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
        "application/vnd.google.protobuf; proto=another; encoding=delimited",
    ] {
        assert!(Reader::by_content_type(content_type, &page[..]).is_err());
    }
}

#[test]
fn a_native_histogram_without_observations_stays_one_whatever_its_threshold() {
    for zero_threshold in [0.0, 0.5, -1.0, f64::NAN] {
        let histogram = proto::Histogram {
            zero_threshold: Some(zero_threshold),
            positive_span: vec![proto::BucketSpan::default()],
            ..Default::default()
        };
        let metric = proto::Metric { histogram: Some(histogram), ..Default::default() };
        let families = metric_of(&metric, 4).unwrap();
        let again = protobuf(encode(Format::PROTOBUF, &families)).unwrap();
        let Value::Histogram(value) = again[0].series()[0].value() else { panic!("it is a histogram") };
        assert!(value.native().is_some(), "{zero_threshold}");
    }
}

#[test]
fn exemplars_of_native_histograms_stand_there_once_even_if_their_values_are_no_numbers() {
    let exemplar = |value| proto::Exemplar { value: Some(value), ..Default::default() };
    let bucket = |value| proto::Bucket { exemplar: Some(exemplar(value)), ..bucket(1.0, 0) };
    for value in [0.5, f64::NAN, -f64::NAN] {
        let histogram = proto::Histogram {
            zero_threshold: Some(0.5),
            bucket: vec![bucket(value)],
            exemplars: vec![exemplar(value)],
            ..Default::default()
        };
        let metric = proto::Metric { histogram: Some(histogram), ..Default::default() };
        let families = metric_of(&metric, 4).unwrap();
        assert_eq!(families[0].series()[0].exemplars().len(), 1, "{value}");
        let again = protobuf(encode(Format::PROTOBUF, &families)).unwrap();
        assert_eq!(again[0].series()[0].exemplars().len(), 1, "{value}");
    }
}
