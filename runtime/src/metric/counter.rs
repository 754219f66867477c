//! Counters.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Metric, MetricCell, metric_api, sealed};
use super::spec::Spec;
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::snapshot::{Number, Value};
use crate::storage::{FloatCell, Series, UnsignedCell};

/// A number that only goes up: requests served, bytes sent, errors met.
///
/// `L` is the struct of its labels, `V` the type of its numbers: `u64`, which is exact, or `f64`.
///
/// ```
/// use tallymark::{Counter, Registry};
///
/// /// Jobs done.
/// #[tallymark::counter(name = "jobs_total")]
/// static JOBS: Counter;
///
/// JOBS.inc();
/// JOBS.inc_by(2);
/// assert_eq!(JOBS.get(), 3);
/// ```
///
/// A marked static belongs to the global registry. One made at run time shows once it is registered:
///
/// ```
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// tallymark::Registry::new().register(&jobs)?;
/// jobs.inc();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Counter<L: Labels = (), V: CounterValue = u64> {
    core: Core<L, V::Cell>,
}

/// One series of a [`Counter`]: its clones count in the same place.
pub struct CounterSeries<V: CounterValue = u64> {
    series: Arc<Series<V::Cell>>,
}

/// The type of a counter's numbers: `u64` or `f64`.
#[diagnostic::on_unimplemented(
    message = "a counter can't count in `{Self}`",
    label = "is no type for a counter",
    note = "write `u64`, which is exact, or `f64`; what goes up and down is a `Gauge`, which can be `i64`"
)]
#[expect(private_bounds, reason = "the trait is sealed; cells are the storage's business")]
pub trait CounterValue: Copy + PartialOrd + fmt::Display + Into<Number> + sealed_value::Sealed + 'static {}

mod sealed_value {
    pub(crate) trait Sealed: Sized {
        type Cell: super::MetricCell;
        const ONE: Self;

        fn counts(self) -> bool;

        fn add(self, cell: &Self::Cell);

        fn get(cell: &Self::Cell) -> Self;
    }
}

impl CounterValue for u64 {}

impl sealed_value::Sealed for u64 {
    type Cell = UnsignedCell;
    const ONE: Self = 1;

    fn counts(self) -> bool {
        true
    }

    fn add(self, cell: &UnsignedCell) {
        cell.add(self);
    }

    fn get(cell: &UnsignedCell) -> Self {
        cell.get()
    }
}

impl MetricCell for UnsignedCell {
    const KIND: MetricKind = MetricKind::Counter;

    fn shape(_: &[f64]) {}

    fn value(&self) -> Value {
        Value::Number(self.get().into())
    }
}

impl CounterValue for f64 {}

impl sealed_value::Sealed for f64 {
    type Cell = CountedFloat;
    const ONE: Self = 1.0;

    fn counts(self) -> bool {
        self >= 0.0
    }

    fn add(self, cell: &CountedFloat) {
        cell.0.add(self);
    }

    fn get(cell: &CountedFloat) -> Self {
        cell.0.get()
    }
}

/// A float that a counter counts in.
pub(crate) struct CountedFloat(FloatCell);

impl crate::storage::Cell for CountedFloat {
    type Shape = ();

    fn new(shape: &()) -> Self {
        Self(FloatCell::new(shape))
    }
}

impl MetricCell for CountedFloat {
    const KIND: MetricKind = MetricKind::Counter;

    fn shape(_: &[f64]) {}

    fn value(&self) -> Value {
        Value::Number(self.0.get().into())
    }
}

metric_api!(Counter<L, V: CounterValue>, V::Cell, CounterSeries);

impl Counter {
    /// An unlabelled counter of `u64`, made at run time. Its site is the caller's. For one of `f64` write
    /// `Counter::builder(name, help).values::<f64>().build()?`.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines a counter with labels, or of `f64`, at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }
}

impl<L: Labels + 'static, V: CounterValue> MetricBuilder<Counter<L, V>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Counter<N, V>> {
        self.into_other()
    }

    /// States the type of the numbers: `u64` or `f64`.
    pub fn values<N: CounterValue>(self) -> MetricBuilder<Counter<L, N>> {
        self.into_other()
    }
}

impl<V: CounterValue> Counter<(), V> {
    /// Adds 1.
    pub fn inc(&self) {
        add(self.core.only(), V::ONE);
    }

    /// Adds a value.
    ///
    /// A negative or NaN value is refused: it changes nothing, and `tallymark_refused_total{metric}` counts it. See
    /// [`try_inc_by`](CounterSeries::try_inc_by) for an error instead.
    pub fn inc_by(&self, value: V) {
        add(self.core.only(), value);
    }

    /// Adds a value that may be bad.
    ///
    /// # Errors
    /// Where the value is negative or NaN. The counter is as it was.
    pub fn try_inc_by(&self, value: V) -> Result<(), Error> {
        try_add(self.core.only(), value)
    }

    /// The present value.
    #[must_use]
    pub fn get(&self) -> V {
        V::get(&self.core.only().cell)
    }
}

impl<V: CounterValue> CounterSeries<V> {
    /// Adds 1.
    pub fn inc(&self) {
        add(&self.series, V::ONE);
    }

    /// Adds a value.
    ///
    /// A negative or NaN value is refused: it changes nothing, and `tallymark_refused_total{metric}` counts it.
    pub fn inc_by(&self, value: V) {
        add(&self.series, value);
    }

    /// Adds a value that may be bad.
    ///
    /// # Errors
    /// Where the value is negative or NaN. The counter is as it was.
    pub fn try_inc_by(&self, value: V) -> Result<(), Error> {
        try_add(&self.series, value)
    }

    /// The present value.
    #[must_use]
    pub fn get(&self) -> V {
        V::get(&self.series.cell)
    }
}

fn add<V: CounterValue>(series: &Series<V::Cell>, value: V) {
    if value.counts() {
        value.add(&series.cell);
    } else {
        series.refuse();
    }
}

fn try_add<V: CounterValue>(series: &Series<V::Cell>, value: V) -> Result<(), Error> {
    if !value.counts() {
        return Err(Error::new(format!("a counter can't be incremented by {value}; it only goes up: use a gauge")));
    }
    value.add(&series.cell);
    Ok(())
}

impl<V: CounterValue> Counter<(), V> {
    pub(crate) fn series(&self) -> CounterSeries<V> {
        CounterSeries { series: Arc::clone(self.core.only()) }
    }
}

impl<V: CounterValue> Clone for CounterSeries<V> {
    fn clone(&self) -> Self {
        Self { series: Arc::clone(&self.series) }
    }
}

impl<V: CounterValue> fmt::Debug for CounterSeries<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterSeries({:?}: {})", self.series.labels(), self.get())
    }
}
