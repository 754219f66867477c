//! What gathering gives: families, their series, and the values that these had.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::descriptor::{Descriptor, MetricKind};
use crate::escape::push_labels;

/// A number as it was counted: an integer stays exact.
///
/// A [`Duration`] becomes seconds, a `bool` 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
}

impl Number {
    /// The nearest `f64`; integers above 2^53 lose their last digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the documented loss")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Signed(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

macro_rules! number_from {
    ($($variant:ident: $($from:ty),* => $as:ident;)*) => {$($(
        impl From<$from> for Number {
            fn from(number: $from) -> Self {
                Self::$variant($as(number))
            }
        }
    )*)*};
}

fn unsigned(number: impl Into<u64>) -> u64 {
    number.into()
}

fn signed(number: impl Into<i64>) -> i64 {
    number.into()
}

fn float(number: impl Into<f64>) -> f64 {
    number.into()
}

number_from! {
    Unsigned: u8, u16, u32, u64, bool => unsigned;
    Signed: i8, i16, i32, i64 => signed;
    Float: f32, f64 => float;
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        // No platform has a `usize` of more than 64 bits.
        Self::Unsigned(number as u64)
    }
}

impl From<isize> for Number {
    fn from(number: isize) -> Self {
        Self::Signed(number as i64)
    }
}

impl From<Duration> for Number {
    fn from(duration: Duration) -> Self {
        Self::Float(duration.as_secs_f64())
    }
}

/// What a histogram had counted at one instant: count, buckets and sum belong to the same observations.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue {
    pub(crate) bounds: Arc<[f64]>,
    pub(crate) counts: Vec<u64>,
    pub(crate) sum: f64,
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

    /// The sum of the observations.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

/// What a visitor is shown of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SeriesValue<'a> {
    Number(Number),
    /// The counts are not cumulative, and the last is +Inf's.
    Histogram {
        bounds: &'a Arc<[f64]>,
        counts: &'a [u64],
        sum: f64,
    },
}

impl SeriesValue<'_> {
    pub(crate) fn to_owned(self) -> Value {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Histogram { bounds, counts, sum } => {
                Value::Histogram(HistogramValue { bounds: Arc::clone(bounds), counts: counts.to_vec(), sum })
            }
        }
    }
}

impl Value {
    pub(crate) fn as_seen(&self) -> SeriesValue<'_> {
        match self {
            Self::Number(number) => SeriesValue::Number(*number),
            Self::Histogram(HistogramValue { bounds, counts, sum }) => {
                SeriesValue::Histogram { bounds, counts, sum: *sum }
            }
        }
    }
}

/// Who is shown the series of a family.
pub(crate) trait SeriesVisitor {
    /// The labels stand as on a page: `a="x",b="y"`. The visitor may break off behind this series.
    fn series(&mut self, labels: &str, value: SeriesValue<'_>) -> ControlFlow<()>;
}

/// What a family is, as a visitor is shown it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyHead<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: MetricKind,
    /// The names of the samples that are to be shown; all where none are named.
    pub(crate) only: Option<&'a [String]>,
}

impl FamilyHead<'_> {
    /// Whether a sample called by the family's name and this suffix is to be shown.
    pub(crate) fn shows(&self, suffix: &str) -> bool {
        let named = |name: &String| name.strip_prefix(self.name) == Some(suffix);
        self.only.is_none_or(|only| only.iter().any(named))
    }
}

/// Who is shown a page: families, each with its series behind it.
pub(crate) trait PageVisitor: SeriesVisitor {
    fn family(&mut self, head: FamilyHead<'_>) -> ControlFlow<()>;
}

/// The families of a registry, of which each value is read when it is written: what
/// [`Registry::page`](crate::Registry::page) gives, and [`exposition`](crate::exposition) writes.
pub struct Page {
    walk: Box<dyn Walk>,
}

/// A way through a page.
pub(crate) trait Walk: Send {
    /// Goes on from where it was until the visitor breaks off, or to the end.
    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()>;
}

impl Page {
    pub(crate) fn new(walk: impl Walk + 'static) -> Self {
        Self { walk: Box::new(walk) }
    }

    pub(crate) fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        self.walk.walk(visitor)
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Of a counter or gauge.
    Number(Number),
    /// Of a histogram.
    Histogram(HistogramValue),
}

/// A label set of a family, and the value that it had.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSnapshot {
    pub(crate) labels: Vec<(Arc<str>, Box<str>)>,
    pub(crate) value: Value,
}

impl SeriesSnapshot {
    /// The labels: name and value, first the constant ones.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels().find(|&(label, _)| label == name).map(|(_, value)| value)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Shows it to a visitor; `labels` is room for what they read.
    pub(crate) fn show<V: SeriesVisitor + ?Sized>(&self, labels: &mut String, visitor: &mut V) -> ControlFlow<()> {
        labels.clear();
        push_labels(labels, self.labels());
        visitor.series(labels, self.value.as_seen())
    }
}

/// A metric family and its series.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricFamily {
    pub(crate) name: String,
    pub(crate) help: String,
    pub(crate) kind: MetricKind,
    pub(crate) unit: Option<String>,
    pub(crate) series: Vec<SeriesSnapshot>,
    /// The names of the samples that are to be shown; all where none are named.
    pub(crate) only: Option<Vec<String>>,
}

impl MetricFamily {
    pub(crate) fn of(descriptor: &Descriptor, series: Vec<SeriesSnapshot>) -> Self {
        Self {
            name: descriptor.name().to_owned(),
            help: descriptor.help().to_owned(),
            kind: descriptor.kind(),
            unit: descriptor.unit().map(ToOwned::to_owned),
            series,
            only: None,
        }
    }

    pub(crate) fn head(&self) -> FamilyHead<'_> {
        FamilyHead { name: &self.name, help: &self.help, kind: self.kind, only: self.only.as_deref() }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The help text.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        self.kind
    }

    /// The unit, if one was stated.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The series, by label values.
    #[must_use]
    pub fn series(&self) -> &[SeriesSnapshot] {
        &self.series
    }

    /// The series with exactly these labels, in any order.
    ///
    /// ```
    /// let registry = tallymark::Registry::new();
    /// let counter = tallymark::Counter::new("jobs_total", "Jobs done.")?;
    /// registry.register(&counter)?;
    /// counter.inc();
    /// let families = registry.gather();
    /// let series = families[0].find(&[]).expect("an unlabelled counter is always there");
    /// assert_eq!(*series.value(), tallymark::Value::Number(1_u64.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn find(&self, labels: &[(&str, &str)]) -> Option<&SeriesSnapshot> {
        self.series.iter().find(|series| {
            series.labels.len() == labels.len() && labels.iter().all(|&(name, value)| series.label(name) == Some(value))
        })
    }
}
