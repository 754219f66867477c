//! Values of series.

use std::sync::Arc;

use super::{IrregularValue, NativeBuckets, Number, SeriesValue};

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Of a counter or gauge, or of what nobody said what it is. An info's is 1: what it says stands in the labels.
    Number(Number),
    /// Of a histogram or a gauge histogram.
    Histogram(HistogramValue),
    /// Of a summary.
    Summary(SummaryValue),
    /// Of a state set.
    StateSet(StateSetValue),
    /// Of a histogram or a summary of another program whose samples don't make one.
    Irregular(IrregularValue),
}

/// What a histogram had counted at one instant: count, buckets and sum belong to the same observations.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue {
    pub(crate) bounds: Arc<[f64]>,
    pub(crate) counts: Vec<u64>,
    /// None where a page didn't say it.
    pub(crate) sum: Option<f64>,
    pub(crate) native: Option<Box<NativeBuckets>>,
}

impl HistogramValue {
    /// The upper bounds with the number of observations in each bucket and all below it (`le` is inclusive). The
    /// last bound is +Inf, whose number is the count of all.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(self.counts.iter().scan(0_u64, |sum, count| {
            *sum = sum.wrapping_add(*count);
            Some(*sum)
        }))
    }

    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.wrapping_add(*count))
    }

    /// The sum of the observations; NaN where it was read from a page that doesn't say it.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum.unwrap_or(f64::NAN)
    }

    /// The native buckets, if it has such. They count the same observations as the others.
    #[must_use]
    pub fn native(&self) -> Option<&NativeBuckets> {
        self.native.as_deref()
    }
}

/// What a summary had seen: count and sum belong to the same observations, and the quantiles to those of its window.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryValue {
    pub(crate) count: u64,
    pub(crate) sum: f64,
    pub(crate) quantiles: Vec<(f64, f64)>,
}

impl SummaryValue {
    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of the observations.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The quantiles that were asked for, each with an observation of about that rank; NaN where there was none.
    #[must_use]
    pub fn quantiles(&self) -> &[(f64, f64)] {
        &self.quantiles
    }
}

/// Which states held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSetValue {
    pub(crate) states: Arc<[Arc<str>]>,
    pub(crate) on: Vec<bool>,
}

impl StateSetValue {
    /// Every state, and whether it held.
    pub fn states(&self) -> impl Iterator<Item = (&str, bool)> {
        self.states.iter().map(AsRef::as_ref).zip(self.on.iter().copied())
    }

    /// The first state that held.
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        self.states().find(|(_, on)| *on).map(|(state, _)| state)
    }
}

impl SeriesValue<'_> {
    pub(crate) fn to_owned(self) -> Value {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Histogram { bounds, counts, sum, native } => Value::Histogram(HistogramValue {
                bounds: Arc::clone(bounds),
                counts: counts.to_vec(),
                sum,
                native: native.map(|native| Box::new(native.clone())),
            }),
            Self::Summary { count, sum, quantiles } => {
                Value::Summary(SummaryValue { count, sum, quantiles: quantiles.to_vec() })
            }
            Self::StateSet { states, on } => {
                Value::StateSet(StateSetValue { states: Arc::clone(states), on: on.to_vec() })
            }
            Self::Irregular(value) => Value::Irregular(value.clone()),
        }
    }
}

impl Value {
    pub(crate) fn as_seen(&self) -> SeriesValue<'_> {
        match self {
            Self::Number(number) => SeriesValue::Number(*number),
            Self::Histogram(HistogramValue { bounds, counts, sum, native }) => {
                SeriesValue::Histogram { bounds, counts, sum: *sum, native: native.as_deref() }
            }
            Self::Summary(SummaryValue { count, sum, quantiles }) => {
                SeriesValue::Summary { count: *count, sum: *sum, quantiles }
            }
            Self::StateSet(StateSetValue { states, on }) => SeriesValue::StateSet { states, on },
            Self::Irregular(value) => SeriesValue::Irregular(value),
        }
    }
}
