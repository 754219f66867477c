//! Whether two families say the same. NaN is the same as NaN here, which `==` denies.

use std::fmt::Debug;

use tallymark::{Exemplar, IrregularSample, MetricFamily, Number, SeriesSnapshot, Value};

/// Makes sure that the families are the same, in the same order.
///
/// # Panics
/// Where they aren't.
pub fn assert_families(found: &[MetricFamily], expected: &[MetricFamily], what: &dyn Fn() -> String) {
    assert(found.len() == expected.len(), &found, &expected, what);
    for (found, expected) in found.iter().zip(expected) {
        assert(head(found, expected), &found, &expected, what);
        assert_series(found.series(), expected.series(), what);
    }
}

/// Makes sure that the series are the same, in the same order.
///
/// # Panics
/// Where they aren't.
pub fn assert_series(found: &[SeriesSnapshot], expected: &[SeriesSnapshot], what: &dyn Fn() -> String) {
    assert(found.len() == expected.len(), &found, &expected, what);
    for (found, expected) in found.iter().zip(expected) {
        assert(series(found, expected), found, expected, what);
    }
}

#[track_caller]
fn assert<T: Debug>(same: bool, found: &T, expected: &T, what: &dyn Fn() -> String) {
    assert!(same, "{}\nfound:    {found:?}\nexpected: {expected:?}", what());
}

/// Whether all is the same but the series.
#[must_use]
pub fn head(one: &MetricFamily, other: &MetricFamily) -> bool {
    one.name() == other.name() && one.help() == other.help() && one.kind() == other.kind() && one.unit() == other.unit()
}

/// Whether they are the same series with the same value.
#[must_use]
pub fn series(one: &SeriesSnapshot, other: &SeriesSnapshot) -> bool {
    one.labels().eq(other.labels())
        && one.created() == other.created()
        && one.timestamp() == other.timestamp()
        && all(one.exemplars(), other.exemplars(), exemplar)
        && value(one.value(), other.value())
}

fn value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => number(*one, *other),
        (Value::Histogram(one), Value::Histogram(other)) => {
            let bounds = |(a, b): ((f64, u64), (f64, u64))| float(a.0, b.0) && a.1 == b.1;
            one.buckets().count() == other.buckets().count()
                && one.buckets().zip(other.buckets()).all(bounds)
                && float(one.sum(), other.sum())
                && match (one.native(), other.native()) {
                    (None, None) => true,
                    (Some(one), Some(other)) => {
                        one.schema() == other.schema()
                            && float(one.zero_threshold(), other.zero_threshold())
                            && one.zero_count() == other.zero_count()
                            && one.positive() == other.positive()
                            && one.negative() == other.negative()
                    }
                    _ => false,
                }
        }
        (Value::Summary(one), Value::Summary(other)) => {
            let quantile = |a: &(f64, f64), b: &(f64, f64)| float(a.0, b.0) && float(a.1, b.1);
            one.count() == other.count()
                && float(one.sum(), other.sum())
                && all(one.quantiles(), other.quantiles(), quantile)
        }
        (Value::StateSet(one), Value::StateSet(other)) => one.states().eq(other.states()),
        (Value::Irregular(one), Value::Irregular(other)) => all(one.samples(), other.samples(), irregular),
        _ => false,
    }
}

fn irregular(one: &IrregularSample, other: &IrregularSample) -> bool {
    one.suffix() == other.suffix()
        && one.own_label() == other.own_label()
        && number(one.value(), other.value())
        && one.timestamp() == other.timestamp()
        && all(one.exemplar().as_slice(), other.exemplar().as_slice(), |one, other| exemplar(one, other))
}

fn exemplar(one: &Exemplar, other: &Exemplar) -> bool {
    one.labels().eq(other.labels()) && number(one.value(), other.value()) && one.timestamp() == other.timestamp()
}

fn all<T>(ones: &[T], others: &[T], equal: impl Fn(&T, &T) -> bool) -> bool {
    ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| equal(one, other))
}

/// An integer stays exact, so it is the same as a float only where that is as exact.
fn number(one: Number, other: Number) -> bool {
    one == other || (one.as_f64().is_nan() && other.as_f64().is_nan())
}

#[expect(clippy::float_cmp, reason = "what is read is what was written, to the last bit")]
fn float(one: f64, other: f64) -> bool {
    one == other || (one.is_nan() && other.is_nan())
}
