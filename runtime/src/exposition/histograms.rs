//! Histograms as messages.

use super::Escaping;
use super::buffer::{Buffer, Place};
use super::pairs::put_exemplar;
use super::wire::{
    LONGEST_VARINT, close, double, integer, length, open, put_double, put_integer, put_signed, put_timestamp, varint,
    varint_length,
};
use crate::snapshot::{
    Exemplar, IrregularSample, IrregularValue, NativeBuckets, Number, SeriesValue, SeriesView, Timestamp,
};

/// The fields of a `Histogram`.
const COUNT: u8 = 1;
const SUM: u8 = 2;
const BUCKET: u8 = 3;
const COUNT_FLOAT: u8 = 4;
const SCHEMA: u8 = 5;
const ZERO_THRESHOLD: u8 = 6;
const ZERO_COUNT: u8 = 7;
const NEGATIVE: Sparse = Sparse { span: 9, delta: 10 };
const POSITIVE: Sparse = Sparse { span: 12, delta: 13 };
const CREATED: u8 = 15;
const EXEMPLARS: [u8; 2] = [0x82, 0x01];

/// The fields of a `Bucket`.
const BUCKET_COUNT: u8 = 1;
const BOUND: u8 = 2;
const BUCKET_EXEMPLAR: u8 = 3;
const BUCKET_COUNT_FLOAT: u8 = 4;

/// What a message `Histogram` has in it.
pub(super) fn put_histogram(out: &mut Buffer, series: &SeriesView<'_>, created: Option<Timestamp>, escaping: Escaping) {
    let SeriesValue::Histogram { bounds, counts, sum, native } = series.value else { return };
    let count = counts.iter().fold(0_u64, |count, own| count.wrapping_add(*own));
    // A reader takes a sum that isn't there for 0.
    let sum = sum.unwrap_or(f64::NAN);
    let mut exemplars = series.exemplars();
    if exemplars.is_empty() {
        put_plain(out, (count, sum), bounds, counts);
    } else {
        put_integer(out, COUNT, count);
        put_double(out, SUM, sum);
        let mut cumulative = 0_u64;
        for (own, bound) in counts.iter().zip(&**bounds) {
            cumulative = cumulative.wrapping_add(*own);
            // Those of the bucket: the first is what it shows.
            let above = exemplars.iter().position(|exemplar| exemplar.value().as_f64() > *bound);
            let (of_bucket, above) = exemplars.split_at(above.unwrap_or(exemplars.len()));
            exemplars = above;
            put_bucket(out, cumulative.into(), *bound, of_bucket.first(), escaping);
        }
    }
    // The bucket of +Inf says no more than the count, so it is there for its exemplar alone.
    if let Some(exemplar) = exemplars.first()
        && (native.is_none() || !bounds.is_empty())
    {
        put_bucket(out, count.into(), f64::INFINITY, Some(exemplar), escaping);
    }
    if let Some(native) = native {
        put_native(out, native);
        for exemplar in series.exemplars() {
            out.reserve(1);
            out.put_few(&[EXEMPLARS[0]]);
            put_exemplar(out, EXEMPLARS[1], exemplar, escaping);
        }
    }
    if let Some(created) = created {
        put_timestamp(out, CREATED, created);
    }
}

/// The most bytes that a bucket without an exemplar takes.
const BUCKET_LENGTH: usize = 2 + 1 + LONGEST_VARINT + 9;

/// Count, sum, and buckets without exemplars.
fn put_plain(out: &mut Buffer, (count, sum): (u64, f64), bounds: &[f64], counts: &[u64]) {
    let mut room = out.room(1 + LONGEST_VARINT + 9 + bounds.len() * BUCKET_LENGTH);
    room.put_few(&[integer(COUNT)]);
    varint(&mut room, count);
    room.put_few(&[double(SUM)]);
    room.put_few(&sum.to_le_bytes());
    let mut cumulative = 0_u64;
    for (own, bound) in counts.iter().zip(bounds) {
        cumulative = cumulative.wrapping_add(*own);
        // It is shorter than 128 bytes, whatever the count.
        let length_of_count = varint_length(cumulative).to_le_bytes()[0];
        room.put_few(&[length(BUCKET), 1 + length_of_count + 9, integer(BUCKET_COUNT)]);
        varint(&mut room, cumulative);
        room.put_few(&[double(BOUND)]);
        room.put_few(&bound.to_le_bytes());
    }
    let written = room.len();
    out.add(written);
}

/// A bucket with a count that may be a fraction, and an exemplar.
fn put_bucket(out: &mut Buffer, cumulative: Number, bound: f64, exemplar: Option<&Exemplar>, escaping: Escaping) {
    let bucket = open(out, length(BUCKET), 0);
    match whole(cumulative) {
        Some(count) => put_integer(out, BUCKET_COUNT, count),
        None => put_double(out, BUCKET_COUNT_FLOAT, cumulative.as_f64()),
    }
    put_double(out, BOUND, bound);
    if let Some(exemplar) = exemplar {
        put_exemplar(out, length(BUCKET_EXEMPLAR), exemplar, escaping);
    }
    close(out, bucket);
}

/// The fields of native buckets on one side of zero.
#[derive(Clone, Copy)]
struct Sparse {
    span: u8,
    delta: u8,
}

/// Up to how many buckets between two without observations are written as such, rather than as the gap between two spans,
/// which takes as many bytes.
const SHORT_GAP: i64 = 2;

fn put_native(out: &mut Buffer, native: &NativeBuckets) {
    put_signed(out, SCHEMA, native.schema.into());
    put_double(out, ZERO_THRESHOLD, native.zero_threshold);
    put_integer(out, ZERO_COUNT, native.zero_count);
    put_sparse(out, NEGATIVE, &native.negative);
    put_sparse(out, POSITIVE, &native.positive);
    // One that has nothing is told from a classic histogram by a span without buckets (metrics.proto, "positive_span").
    if native.zero_threshold.max(0.0) == 0.0
        && native.zero_count == 0
        && native.negative.is_empty()
        && native.positive.is_empty()
    {
        put_span(out, POSITIVE.span, 0, 0);
    }
}

/// The spans of consecutive buckets, and how much each bucket has more than the one before it.
fn put_sparse(out: &mut Buffer, fields: Sparse, buckets: &[(i32, u64)]) {
    let mut rest = buckets;
    let mut next = 0_i64;
    while let Some(&(first, _)) = rest.first() {
        let start = i64::from(first);
        let mut end = start + 1;
        let mut taken = 1;
        for &(index, _) in rest.get(1..).unwrap_or_default() {
            if i64::from(index) - end > SHORT_GAP {
                break;
            }
            end = i64::from(index) + 1;
            taken += 1;
        }
        put_span(out, fields.span, start - next, end - start);
        next = end;
        rest = rest.get(taken..).unwrap_or_default();
    }
    let (mut before, mut next) = (0_u64, None);
    let mut put_delta = |count: u64| {
        put_signed(out, fields.delta, count.wrapping_sub(before).cast_signed());
        before = count;
    };
    for &(index, count) in buckets {
        let index = i64::from(index);
        let gap = next.map_or(0, |next| index - next);
        if gap <= SHORT_GAP {
            for _ in 0..gap {
                put_delta(0);
            }
        }
        put_delta(count);
        next = Some(index + 1);
    }
}

fn put_span(out: &mut Buffer, field: u8, offset: i64, length_of_span: i64) {
    let span = open(out, length(field), 0);
    put_signed(out, 1, offset);
    put_integer(out, 2, length_of_span.cast_unsigned());
    close(out, span);
}

/// What a message `Histogram` has in it that says what another program's samples say, unless that can't be said: no count,
/// a negative one, a bound that is no number.
pub(super) fn put_irregular_histogram(
    out: &mut Buffer,
    value: &IrregularValue,
    created: Option<Timestamp>,
    escaping: Escaping,
) {
    let samples = value.samples();
    let count = count_of(samples);
    if let Some(count) = count {
        match whole(count) {
            Some(count) => put_integer(out, COUNT, count),
            None => put_double(out, COUNT_FLOAT, count.as_f64()),
        }
    }
    put_double(out, SUM, sum_of(samples).unwrap_or(f64::NAN));
    // A reader stops at +Inf.
    for infinite in [false, true] {
        for sample in samples {
            if let Some(bound) = bound_of(sample)
                && (bound == f64::INFINITY) == infinite
            {
                put_bucket(out, sample.value(), bound, sample.exemplar(), escaping);
            }
        }
    }
    if let Some(created) = created {
        put_timestamp(out, CREATED, created);
    }
}

/// Whether these samples can be told as a `Histogram`, in which every count is there and none is negative.
pub(super) fn is_histogram(value: &IrregularValue) -> bool {
    let samples = value.samples();
    let counts = |sample: &IrregularSample| sample.value().as_f64() >= 0.0;
    let told = |sample: &IrregularSample| match sample.suffix() {
        "_bucket" => bound_of(sample).is_some() && counts(sample),
        "_count" | "_gcount" => counts(sample),
        _ => true,
    };
    count_of(samples).is_some() && samples.iter().all(told)
}

/// What the samples say that the count is, or else the bucket of +Inf.
pub(super) fn count_of(samples: &[IrregularSample]) -> Option<Number> {
    let said = samples.iter().find(|sample| matches!(sample.suffix(), "_count" | "_gcount"));
    let infinite = || samples.iter().find(|sample| bound_of(sample) == Some(f64::INFINITY));
    said.or_else(infinite).map(IrregularSample::value)
}

pub(super) fn sum_of(samples: &[IrregularSample]) -> Option<f64> {
    let sum = samples.iter().find(|sample| matches!(sample.suffix(), "_sum" | "_gsum"));
    sum.map(|sample| sample.value().as_f64())
}

fn bound_of(sample: &IrregularSample) -> Option<f64> {
    sample.own_label().filter(|_| sample.suffix() == "_bucket").and_then(|bound| bound.parse().ok())
}

/// An integer that is not negative, whatever its type.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with what comes out")]
pub(super) fn whole(number: Number) -> Option<u64> {
    match number {
        Number::Unsigned(number) => Some(number),
        Number::Signed(number) => u64::try_from(number).ok(),
        Number::Float(float) => Some(float as u64).filter(|whole| Number::Unsigned(*whole) == number),
    }
}
