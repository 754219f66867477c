//! Counters.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use super::api::metric_api;
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Handle, Metric, MetricCell, Room, Shown, read, sealed};
use super::exemplar;
use super::spec::Spec;
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::snapshot::{ExemplarLabels, Number, SeriesVisitor};
use crate::storage::{Float, Replaces, Series, Unsigned};

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
///
/// A name that is stated is shown as it is: unlike Python's client, which has every counter end in `_total`, nothing is
/// appended to it or taken off.
pub struct Counter<L: Labels = (), V: CounterValue = u64> {
    core: Core<L, V::Cell>,
}

/// One series of a [`Counter`]. Its clones count in the same place; it is as cheap to keep as two numbers.
pub struct CounterSeries<V: CounterValue = u64> {
    series: Series,
    value: PhantomData<fn() -> V>,
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
    use super::{Core, Series};

    pub(crate) trait Sealed: Sized {
        type Cell: super::MetricCell<Shape = (), Reading = Self>;
        const ONE: Self;
        const ZERO: Self;

        fn counts(self) -> bool;

        fn add_only(self, core: &Core<(), Self::Cell>);

        fn add(self, series: &Series);

        fn refuse(series: &Series);

        fn reset(series: &Series);
    }
}

impl CounterValue for u64 {}

impl sealed_value::Sealed for u64 {
    type Cell = Unsigned;
    const ONE: Self = 1;
    const ZERO: Self = 0;

    #[inline]
    fn counts(self) -> bool {
        true
    }

    #[inline]
    fn add_only(self, core: &Core<(), Unsigned>) {
        core.add(self);
    }

    #[inline]
    fn add(self, series: &Series) {
        series.add_unsigned(self);
    }

    fn refuse(_: &Series) {}

    fn reset(series: &Series) {
        series.reset_unsigned();
    }
}

impl MetricCell for Unsigned {
    const KIND: MetricKind = MetricKind::Counter;

    type Beside = ();

    fn shape(_: FamilyShape<'_>) {}

    #[inline]
    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        shown.show_number(room, visitor)
    }
}

impl CounterValue for f64 {}

impl sealed_value::Sealed for f64 {
    type Cell = Float;
    const ONE: Self = 1.0;
    const ZERO: Self = 0.0;

    #[inline]
    fn counts(self) -> bool {
        self >= 0.0
    }

    #[inline]
    fn add_only(self, core: &Core<(), Float>) {
        core.only().add_float(self);
    }

    #[inline]
    fn add(self, series: &Series) {
        series.add_float(self);
    }

    fn refuse(series: &Series) {
        series.refuse_float();
    }

    fn reset(series: &Series) {
        series.reset_float();
    }
}

impl MetricCell for Float {
    const KIND: MetricKind = MetricKind::Counter;

    type Beside = ();

    fn shape(_: FamilyShape<'_>) {}

    #[inline]
    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        shown.show_number(room, visitor)
    }
}

metric_api!(Counter, <L: Labels, V: CounterValue>, Counter<L, V>, V::Cell, CounterSeries<V>, |_core, series| CounterSeries {
    series,
    value: PhantomData
});

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
    #[inline]
    pub fn inc(&self) {
        V::ONE.add_only(&self.core);
    }

    /// Adds a value.
    ///
    /// A negative or NaN value is refused: it changes nothing, and `tallymark_refused_total{metric}` counts it. See
    /// [`try_inc_by`](Self::try_inc_by) for an error instead. Python's client raises one, and takes NaN.
    #[inline]
    pub fn inc_by(&self, value: V) {
        if value.counts() {
            value.add_only(&self.core);
        } else {
            V::refuse(&self.core.only());
        }
    }

    /// Adds a value that may be bad.
    ///
    /// # Errors
    /// Where the value is negative or NaN. The counter is as it was.
    #[track_caller]
    pub fn try_inc_by(&self, value: V) -> Result<(), Error> {
        if !value.counts() {
            return Err(refused(format_args!("the counter `{}`", self.core.descriptor().name()), value));
        }
        value.add_only(&self.core);
        Ok(())
    }

    /// Adds 1 with an exemplar of it: see [`CounterSeries::inc_with_exemplar`].
    pub fn inc_with_exemplar(&self, labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) {
        self.series().inc_with_exemplar(labels);
    }

    /// Adds a value with an exemplar of it: see [`CounterSeries::inc_with_exemplar`].
    pub fn inc_by_with_exemplar(&self, value: V, labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) {
        self.series().inc_by_with_exemplar(value, labels);
    }

    /// Takes the counter back to 0: for tests, and where what is counted begins anew. Prometheus takes a counter that goes
    /// down for one whose program was started again, so rates stay right.
    ///
    /// What other threads count meanwhile counts before it or after it, and nothing is lost: their cells stay as they
    /// are, and what they hold now is subtracted at each reading. So a counter of `f64` goes on with the precision of all
    /// that it ever counted; one that has reached infinity stays there. The exemplar goes, and the series is said to have
    /// been created then.
    pub fn reset(&self) {
        self.series().reset();
    }

    /// The present value.
    #[must_use]
    pub fn get(&self) -> V {
        read::<V::Cell>(self.core.only(), ()).unwrap_or(V::ZERO)
    }
}

impl<V: CounterValue> CounterSeries<V> {
    /// Adds 1.
    #[inline]
    pub fn inc(&self) {
        V::ONE.add(&self.series);
    }

    /// Adds a value.
    ///
    /// A negative or NaN value is refused: it changes nothing, and `tallymark_refused_total{metric}` counts it.
    #[inline]
    pub fn inc_by(&self, value: V) {
        if value.counts() {
            value.add(&self.series);
        } else {
            V::refuse(&self.series);
        }
    }

    /// Adds a value that may be bad.
    ///
    /// # Errors
    /// Where the value is negative or NaN. The counter is as it was.
    #[track_caller]
    pub fn try_inc_by(&self, value: V) -> Result<(), Error> {
        if !value.counts() {
            return Err(refused("a counter", value));
        }
        value.add(&self.series);
        Ok(())
    }

    /// Adds 1, and keeps labels that lead to it, most often the ids of a trace: they are an *exemplar* of what was
    /// counted. A page shows the last one in `OpenMetrics` and in protobuf.
    ///
    /// Their names and values are at most [128 characters](crate::Exemplar::MAX_LENGTH) together. Where they are longer,
    /// or a name is not one of a label, it counts all the same, without the exemplar, and
    /// `tallymark_exemplars_dropped_total{metric}` says so. It never waits: where another thread is at the exemplar of
    /// this series, this one is not kept.
    ///
    /// ```
    /// use tallymark::{Counter, Registry};
    ///
    /// let registry = Registry::new();
    /// let failures = Counter::new("failures_total", "What failed.")?;
    /// registry.register(&failures)?;
    /// failures.inc_with_exemplar([("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")]);
    ///
    /// let families = registry.gather();
    /// let exemplar = &families[0].series()[0].exemplars()[0];
    /// assert!(exemplar.labels().eq([("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inc_with_exemplar(&self, labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) {
        self.inc_by_with_exemplar(V::ONE, labels);
    }

    /// Adds a value with an exemplar of it: see [`inc_with_exemplar`](Self::inc_with_exemplar). A value that
    /// [`inc_by`](Self::inc_by) refuses leaves none.
    pub fn inc_by_with_exemplar(&self, value: V, labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) {
        if value.counts() {
            value.add(&self.series);
            self.keep_exemplar(value, ExemplarLabels::of(labels));
        } else {
            V::refuse(&self.series);
        }
    }

    fn keep_exemplar(&self, value: V, labels: Result<ExemplarLabels, Error>) {
        exemplar::keep(self.series, Replaces::All, value.into(), labels);
    }

    /// Takes the series back to 0. See [`Counter::reset`].
    pub fn reset(&self) {
        self.series.reset_with_exemplars(|| V::reset(&self.series));
    }

    /// The present value; 0 where the series has been removed.
    #[must_use]
    pub fn get(&self) -> V {
        read::<V::Cell>(self.series, ()).unwrap_or(V::ZERO)
    }
}

#[track_caller]
fn refused(counter: impl fmt::Display, value: impl fmt::Display) -> Error {
    let fault = format!("{counter} can't be incremented by {value}; it only goes up: use a gauge");
    Error::new(fault).at(Site::caller())
}

impl<V: CounterValue> Counter<(), V> {
    pub(crate) fn series(&self) -> CounterSeries<V> {
        CounterSeries { series: self.core.only(), value: PhantomData }
    }
}

impl CounterSeries {
    /// Adds 1 if this thread has cells of the series; says whether it has. A series that has been removed has none.
    #[inline]
    pub(crate) fn inc_in_own_cells(&self) -> bool {
        self.series.add_unsigned_in_own(1)
    }
}

impl<V: CounterValue> Handle for CounterSeries<V> {
    #[inline]
    fn is_there(&self) -> bool {
        self.series.is_there()
    }
}

impl<V: CounterValue> Clone for CounterSeries<V> {
    fn clone(&self) -> Self {
        Self { series: self.series, value: PhantomData }
    }
}

impl<V: CounterValue> fmt::Debug for CounterSeries<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterSeries({})", self.get())
    }
}
