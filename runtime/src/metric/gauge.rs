//! Gauges.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::api::metric_api;
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Handle, Metric, MetricCell, Room, Shown, read, sealed};
use super::spec::Spec;
use super::timer::{Record, Timer};
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::snapshot::{Number, SeriesVisitor};
use crate::storage::{FloatGauge, Series, SignedGauge, whole};

/// A number that goes up and down: connections open, bytes free, the time of the last success.
///
/// `L` is the struct of its labels, `V` the type of its numbers: `f64`, or `i64`, which is exact.
///
/// ```
/// use tallymark::Gauge;
///
/// /// Degrees in the cellar.
/// #[tallymark::gauge(name = "cellar_temperature_celsius")]
/// static CELLAR: Gauge;
///
/// CELLAR.set(11.5);
/// CELLAR.sub(0.5);
/// assert_eq!(CELLAR.get(), 11.0);
/// ```
pub struct Gauge<L: Labels = (), V: GaugeValue = f64> {
    core: Core<L, V::Cell>,
}

/// One series of a [`Gauge`]. Its clones move the same number; it is as cheap to keep as two numbers.
pub struct GaugeSeries<V: GaugeValue = f64> {
    series: Series,
    value: PhantomData<fn() -> V>,
}

/// The type of a gauge's numbers: `f64` or `i64`.
#[diagnostic::on_unimplemented(
    message = "a gauge can't hold `{Self}`",
    label = "is no type for a gauge",
    note = "write `f64`, or `i64`, which is exact"
)]
#[expect(private_bounds, reason = "the trait is sealed; cells are the storage's business")]
pub trait GaugeValue: Copy + Into<Number> + sealed_value::Sealed + fmt::Display + 'static {}

mod sealed_value {
    use super::{Number, Series};

    pub(crate) trait Sealed: Sized {
        type Cell: super::MetricCell<Shape = (), Reading = Self>;
        const ZERO: Self;

        fn negated(self) -> Self;

        fn of_number(number: Number) -> Self;

        fn step(series: &Series, by: i32);

        fn add(self, series: &Series);

        fn set(self, series: &Series);
    }
}

impl GaugeValue for f64 {}

impl sealed_value::Sealed for f64 {
    type Cell = FloatGauge;
    const ZERO: Self = 0.0;

    #[inline]
    fn negated(self) -> Self {
        -self
    }

    #[inline]
    fn of_number(number: Number) -> Self {
        number.as_f64()
    }

    #[inline]
    fn step(series: &Series, by: i32) {
        series.move_whole(by);
    }

    #[inline]
    fn add(self, series: &Series) {
        series.move_float(self);
    }

    #[inline]
    fn set(self, series: &Series) {
        series.set_float(self);
    }
}

impl MetricCell for FloatGauge {
    const KIND: MetricKind = MetricKind::Gauge;

    type Beside = ();

    fn shape(_: FamilyShape<'_>) {}

    #[inline]
    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        shown.show_number(room, visitor)
    }
}

impl GaugeValue for i64 {}

impl sealed_value::Sealed for i64 {
    type Cell = SignedGauge;
    const ZERO: Self = 0;

    #[inline]
    fn negated(self) -> Self {
        self.wrapping_neg()
    }

    #[inline]
    fn of_number(number: Number) -> Self {
        whole(number)
    }

    #[inline]
    fn step(series: &Series, by: i32) {
        series.move_signed(by.into());
    }

    #[inline]
    fn add(self, series: &Series) {
        series.move_signed(self);
    }

    #[inline]
    fn set(self, series: &Series) {
        series.set_signed(self);
    }
}

impl MetricCell for SignedGauge {
    const KIND: MetricKind = MetricKind::Gauge;

    type Beside = ();

    fn shape(_: FamilyShape<'_>) {}

    #[inline]
    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        shown.show_number(room, visitor)
    }
}

metric_api!(Gauge, <L: Labels, V: GaugeValue>, Gauge<L, V>, V::Cell, GaugeSeries<V>, |_core, series| GaugeSeries { series, value: PhantomData });

impl Gauge {
    /// An unlabelled gauge of `f64`, made at run time. Its site is the caller's. For one of `i64` write
    /// `Gauge::builder(name, help).values::<i64>().build()?`.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines a gauge with labels, or of `i64`, at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }
}

impl<L: Labels + 'static, V: GaugeValue> MetricBuilder<Gauge<L, V>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Gauge<N, V>> {
        self.into_other()
    }

    /// States the type of the numbers: `f64` or `i64`.
    pub fn values<N: GaugeValue>(self) -> MetricBuilder<Gauge<L, N>> {
        self.into_other()
    }
}

/// The same methods on the one series of an unlabelled gauge, and on a series of a labelled one.
macro_rules! gauge_methods {
    ($on:ty, |$this:ident| $series:expr) => {
        impl<V: GaugeValue> $on {
            /// Adds 1.
            #[inline]
            pub fn inc(&self) {
                let $this = self;
                V::step(&$series, 1);
            }

            /// Subtracts 1.
            #[inline]
            pub fn dec(&self) {
                let $this = self;
                V::step(&$series, -1);
            }

            /// Adds a value.
            #[inline]
            pub fn add(&self, value: V) {
                let $this = self;
                value.add(&$series);
            }

            /// Subtracts a value.
            #[inline]
            pub fn sub(&self, value: V) {
                self.add(value.negated());
            }

            /// Adds a value: the same as [`add`](Self::add), as counters call it.
            #[inline]
            pub fn inc_by(&self, value: V) {
                self.add(value);
            }

            /// Subtracts a value: the same as [`sub`](Self::sub).
            #[inline]
            pub fn dec_by(&self, value: V) {
                self.sub(value);
            }

            /// Sets the value. It is exactly this until the next change; a gauge that is never set moves faster.
            #[inline]
            pub fn set(&self, value: V) {
                let $this = self;
                value.set(&$series);
            }

            /// Sets the value to the present time, in seconds since 1970-01-01 UTC.
            pub fn set_to_current_time(&self) {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                self.set(V::of_number(since.into()));
            }

            /// Adds 1 until the guard is dropped, on whatever way.
            #[inline]
            pub fn track_inprogress(&self) -> InProgress<V> {
                let $this = self;
                let series = GaugeSeries { series: $series, value: PhantomData };
                series.inc();
                InProgress { series }
            }

            /// Starts a timer, which sets the gauge to the seconds when it is stopped or dropped. A gauge of `i64` holds
            /// whole ones.
            #[inline]
            pub fn start_timer(&self) -> Timer<GaugeSeries<V>> {
                let $this = self;
                Timer::start(GaugeSeries { series: $series, value: PhantomData })
            }

            /// Runs a function and sets the gauge to the seconds that it took, also where it panics.
            #[inline]
            pub fn time<T>(&self, run: impl FnOnce() -> T) -> T {
                let _timer = self.start_timer();
                run()
            }

            /// Sets the gauge to the seconds that a future took from its first poll until it was ready or dropped.
            pub fn time_async<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F, V> {
                let $this = self;
                let series: GaugeSeries<V> = GaugeSeries { series: $series, value: PhantomData };
                async move {
                    let _timer = series.start_timer();
                    future.await
                }
            }

            /// Shows from now on what a function returns, which is called at every scrape and by [`get`](Self::get),
            /// perhaps from several threads at once. What sets or moves the gauge otherwise changes nothing any more;
            /// another function takes the place of this one. The function goes with its series.
            ///
            /// ```
            /// # use std::sync::{Arc, Mutex};
            /// let queue = Arc::new(Mutex::new(vec!["a job"]));
            /// let depth = tallymark::Gauge::new("queue_depth", "Jobs waiting.")?;
            /// depth.set_function({
            ///     let queue = Arc::clone(&queue);
            ///     move || queue.lock().map_or(0, |queue| queue.len())
            /// });
            /// assert_eq!(depth.get(), 1.0);
            /// # Ok::<(), tallymark::Error>(())
            /// ```
            ///
            /// A page waits for the function. Where it panics, the series is left out of that page, and `get` gives 0.
            /// It must not read its own gauge, which would call it again, and should not own it, or a registry in
            /// which it stands: these would keep each other for ever.
            pub fn set_function<N: Into<Number>>(&self, function: impl Fn() -> N + Send + Sync + 'static) {
                let $this = self;
                $series.call::<V::Cell>((), Arc::new(move || function().into()));
            }

            /// Sets the value to a number of whatever type. A gauge of `i64` takes what is before the point.
            #[inline]
            pub(crate) fn show(&self, number: Number) {
                self.set(V::of_number(number));
            }

            /// The present value; 0 where the series has been removed.
            #[must_use]
            pub fn get(&self) -> V {
                let $this = self;
                read::<V::Cell>($series, ()).unwrap_or(V::ZERO)
            }
        }

        impl<V: GaugeValue> Record for $on {
            #[inline]
            fn record_seconds(&self, seconds: f64) {
                self.show(seconds.into());
            }
        }
    };
}

gauge_methods!(Gauge<(), V>, |this| this.core.only());
gauge_methods!(GaugeSeries<V>, |this| this.series);

impl<V: GaugeValue> Gauge<(), V> {
    pub(crate) fn series(&self) -> GaugeSeries<V> {
        GaugeSeries { series: self.core.only(), value: PhantomData }
    }
}

/// What [`track_inprogress`](GaugeSeries::track_inprogress) has counted: it comes down when this is dropped.
#[derive(Debug)]
#[must_use = "the gauge comes down again when this is dropped"]
pub struct InProgress<V: GaugeValue = f64> {
    series: GaugeSeries<V>,
}

impl<V: GaugeValue> Drop for InProgress<V> {
    #[inline]
    fn drop(&mut self) {
        self.series.dec();
    }
}

impl<V: GaugeValue> Handle for GaugeSeries<V> {
    #[inline]
    fn is_there(&self) -> bool {
        self.series.is_there()
    }
}

impl<V: GaugeValue> Clone for GaugeSeries<V> {
    fn clone(&self) -> Self {
        Self { series: self.series, value: PhantomData }
    }
}

impl<V: GaugeValue> fmt::Debug for GaugeSeries<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GaugeSeries({})", self.get())
    }
}
