//! Histograms.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::time::Duration;

use super::api::metric_api;
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Handle, Metric, MetricCell, Room, Shown, sealed};
use super::exemplar;
use super::observing::observing;
use super::spec::Spec;
use super::timer::{Record, Timer};
use crate::buckets;
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::native::NativeOptions;
use crate::snapshot::{ExemplarLabels, Number, Rare, SeriesValue, SeriesView, SeriesVisitor};
use crate::storage::{Bounds, Buckets, Series};

/// Observations, counted in buckets, with their sum: durations in seconds, sizes in bytes.
///
/// `L` is the struct of its labels. Unless it states others, its bounds are
/// [`buckets::DEFAULT`](crate::buckets::DEFAULT); Python's client has [`buckets::PYTHON`](crate::buckets::PYTHON).
///
/// ```
/// use tallymark::Histogram;
///
/// /// Time to first byte.
/// #[tallymark::histogram(name = "ttfb_seconds", unit = "seconds", buckets = [0.01, 0.1, 1.0])]
/// static TTFB: Histogram;
///
/// TTFB.observe(0.25);
/// let page = TTFB.time(|| "<html>");
/// let timer = TTFB.start_timer();
/// timer.stop();
/// ```
///
/// # Native histograms
///
/// A native histogram has no bounds to choose: each bucket ends at a fixed factor above the one before it, over all numbers,
/// and only those are kept and sent that have observations. Quantiles that Prometheus computes are as near as the factor
/// says, wherever the observations lie.
///
/// ```
/// use tallymark::Histogram;
///
/// /// Time to render a page.
/// #[tallymark::histogram(name = "render_seconds", native(factor = 1.05, max_buckets = 100))]
/// static RENDER: Histogram;
///
/// RENDER.observe(0.25);
/// ```
///
/// [`NativeOptions`] has what can be asked of it. `native` alone asks for a factor of 1.1; with `buckets = […]` it has classic
/// buckets too, for readers who know no others. Prometheus takes native buckets in the protobuf format, if it was started
/// with `--enable-feature=native-histograms`. Formats of text show the classic ones, or if there are none, those native ones
/// that have observations, between their bounds. A series takes 16 bytes for each of `max_buckets`, as a power of two, in
/// each thread that observes into it: 4 KiB by default.
///
/// # What counts where
///
/// A bucket counts what is at most its bound. NaN is refused: it is in no bucket and no sum (in Python's client the sum
/// is NaN from then on), and `tallymark_refused_total{metric}` counts it.
pub struct Histogram<L: Labels = ()> {
    core: Core<L, Buckets>,
}

/// One series of a [`Histogram`]. Its clones observe into the same place; it is as cheap to keep as three numbers.
pub struct HistogramSeries {
    series: Series,
    bounds: &'static Bounds,
}

impl MetricCell for Buckets {
    const KIND: MetricKind = MetricKind::Histogram;

    type Beside = ();

    fn shape(family: FamilyShape<'_>) -> &'static Bounds {
        // Beside native buckets there are classic ones only where they are asked for.
        let bounds = family.bounds.unwrap_or(if family.native.is_some() { &[] } else { buckets::DEFAULT });
        Bounds::of_native(bounds, family.native)
    }

    #[inline]
    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        let exemplars = shown.exemplars();
        let exemplars = exemplars.as_ref().map(|exemplars| exemplars.list());
        let created = shown.created();
        let Some(sum) = shown.read(&mut room.cells) else { return ControlFlow::Continue(()) };
        let (bounds, counts) = (shown.shape.shared(), &*room.cells.counts);
        let native = shown.shape.is_native().then_some(&room.cells.native);
        let value = SeriesValue::Histogram { bounds, counts, sum: Some(sum), native };
        let rare = exemplars.as_ref().map(|exemplars| Rare::new(None, exemplars));
        visitor.series(&SeriesView {
            labels: shown.labels(),
            lengths: shown.lengths(),
            value,
            created,
            rare: rare.as_ref(),
        })
    }
}

metric_api!(Histogram, <L: Labels>, Histogram<L>, Buckets, HistogramSeries, |core, series| HistogramSeries { series, bounds: core.shape() });

impl Histogram {
    /// An unlabelled histogram with the default buckets, made at run time. Its site is the caller's.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines a histogram with buckets or labels at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }

    pub(crate) fn series(&self) -> HistogramSeries {
        self.only()
    }

    #[inline]
    fn only(&self) -> HistogramSeries {
        HistogramSeries { series: self.core.only(), bounds: self.core.shape() }
    }
}

impl<L: Labels + 'static> MetricBuilder<Histogram<L>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Histogram<N>> {
        self.into_other()
    }

    /// States the upper bounds of the buckets, rising; +Inf is added.
    ///
    /// # Errors
    /// Where there is no bound, one is NaN or infinite, two are the same, or they don't rise.
    pub fn buckets(self, bounds: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        self.with_bounds(bounds)
    }

    /// Makes it a native histogram, whose buckets come as they are needed: see [`NativeOptions`]. It has classic ones too
    /// if [`buckets`](Self::buckets) states them.
    ///
    /// # Errors
    /// Where an option is out of its range.
    pub fn native(self, options: NativeOptions) -> Result<Self, Error> {
        self.with_native(options)
    }
}

impl HistogramSeries {
    #[inline]
    fn take(&self, value: f64) {
        self.series.observe(self.bounds, value);
    }

    /// What has just been measured is most often in the same bucket as what was before.
    #[inline]
    fn take_seconds(&self, seconds: f64) {
        self.series.observe_measured(self.bounds, seconds);
    }

    fn refuse(&self) {
        self.series.refuse_observation(self.bounds);
    }
}

impl Histogram {
    #[inline]
    fn take(&self, value: f64) {
        match self.core.known() {
            Some((series, bounds)) => series.observe(bounds, value),
            None => self.take_first(value),
        }
    }

    #[inline]
    fn take_seconds(&self, seconds: f64) {
        match self.core.known() {
            Some((series, bounds)) => series.observe_measured(bounds, seconds),
            None => self.take_first(seconds),
        }
    }

    #[cold]
    #[inline(never)]
    fn take_first(&self, value: f64) {
        self.only().take(value);
    }

    #[cold]
    fn refuse(&self) {
        self.only().refuse();
    }
}

impl Histogram {
    /// Counts a value with an exemplar of it: see [`HistogramSeries::observe_with_exemplar`].
    pub fn observe_with_exemplar(
        &self,
        value: impl Into<Number>,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
    ) {
        self.only().observe_with_exemplar(value, labels);
    }
}

impl HistogramSeries {
    /// Counts a value, and keeps labels that lead to it, most often the ids of a trace: the value is their *exemplar*. A
    /// page shows the last one of each bucket in `OpenMetrics` and in protobuf.
    ///
    /// The labels' names and values are at most [128 characters](crate::Exemplar::MAX_LENGTH) together. Where they are
    /// longer, or a name is not one of a label, the value counts, the exemplar doesn't, and
    /// `tallymark_exemplars_dropped_total{metric}` says so. It never waits: where another thread is at the exemplars of
    /// this series, this one is not kept.
    ///
    /// ```
    /// use tallymark::{Histogram, Registry};
    ///
    /// let registry = Registry::new();
    /// let latency = Histogram::builder("latency_seconds", "How long it took.").buckets([0.1, 1.0])?.build()?;
    /// registry.register(&latency)?;
    /// latency.observe_with_exemplar(0.3, [("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")]);
    ///
    /// let families = registry.gather();
    /// let exemplar = &families[0].series()[0].exemplars()[0];
    /// assert_eq!(exemplar.value(), tallymark::Number::from(0.3));
    /// assert!(exemplar.labels().eq([("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn observe_with_exemplar(
        &self,
        value: impl Into<Number>,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
    ) {
        let value = value.into();
        if value.as_f64().is_nan() {
            self.refuse();
        } else {
            self.take(value.as_f64());
            self.keep_exemplar(value, ExemplarLabels::of(labels));
        }
    }

    pub(crate) fn keep_exemplar(&self, value: Number, labels: Result<ExemplarLabels, Error>) {
        exemplar::keep(self.series, self.bounds.exemplar_of(value.as_f64()), value, labels);
    }
}

impl Timer<HistogramSeries> {
    /// Records with an exemplar, as [`HistogramSeries::observe_with_exemplar`] does, and says what.
    pub fn stop_with_exemplar(self, labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Duration {
        self.stop_by(|series, seconds| {
            series.take_seconds(seconds);
            series.keep_exemplar(seconds.into(), ExemplarLabels::of(labels));
        })
    }
}

observing!(Histogram, HistogramSeries, take_seconds, |this| this.only());
observing!(HistogramSeries, HistogramSeries, take_seconds, |this| this.clone());

impl Handle for HistogramSeries {
    #[inline]
    fn is_there(&self) -> bool {
        self.series.is_there()
    }
}

impl Clone for HistogramSeries {
    fn clone(&self) -> Self {
        Self { series: self.series, bounds: self.bounds }
    }
}

impl fmt::Debug for HistogramSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistogramSeries").finish_non_exhaustive()
    }
}
