//! Summaries.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::api::metric_api;
use super::beside::{Attached, Beside};
use super::builder::MetricBuilder;
use super::core::{Core, FamilyShape, Handle, Metric, MetricCell, Room, Shown, sealed};
use super::observing::observing;
use super::quantiles::{Quantiles, Targets, Window};
use super::spec::Spec;
use super::timer::{Record, Timer};
use crate::collector::{Collected, Collector, IntoCollector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::label::{Held, LabelTuple, LabelValue, Labels};
use crate::snapshot::{Number, SeriesValue, SeriesView, SeriesVisitor};
use crate::storage::{Blocks, Bounds, Buckets, Kind, Scratch, Series};

/// Observations: how many there were, and their sum. Quantiles are shown if they are asked for.
///
/// `L` is the struct of its labels.
///
/// ```
/// use tallymark::{Registry, Summary, exposition::text};
///
/// let registry = Registry::new();
/// let sizes = Summary::builder("response_bytes", "Sizes of responses.")
///     .quantiles([(0.5, 0.05), (0.99, 0.001)])?
///     .build()?;
/// registry.register(&sizes)?;
/// for size in [3.0, 5.2, 13.0, 4.0] {
///     sizes.observe(size);
/// }
/// assert!(text::encode(&registry.gather()).ends_with("\
/// response_bytes{quantile=\"0.5\"} 4.0
/// response_bytes{quantile=\"0.99\"} 5.2
/// response_bytes_sum 25.2
/// response_bytes_count 4
/// "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Quantiles
///
/// Each has an error with it, the part of all ranks by which it may be off: of 10,000 observations `(0.99, 0.001)` gives
/// one whose rank is between 9,890 and 9,910. They are of all observations, or of those of the last
/// [`max_age`](MetricBuilder::max_age); count and sum are always of all. Where there are none they read NaN.
///
/// Quantiles can't be added up over services or turned into others, and each observation costs some 20 ns more: a
/// [`Histogram`](crate::Histogram) can, and doesn't. A series with the default quantiles takes about 5 KiB, with a window
/// of five ages 17 KiB.
///
/// aioprometheus has [`quantiles::DEFAULT`](crate::quantiles::DEFAULT) unless others are stated, and its own may be off
/// by more than they say.
///
/// `OpenMetrics` has no quantile and no sum below zero, so it doesn't show them; other formats do. Prometheus asks for
/// `OpenMetrics` first unless its `scrape_protocols` say otherwise (`[PrometheusText0.0.4]`).
///
/// NaN is refused: it is in no count, no sum and no quantile, and `tallymark_refused_total{metric}` counts it. In
/// Python's client it counts, and the sum is NaN from then on.
pub struct Summary<L: Labels = ()> {
    core: Core<L, Observations>,
}

/// One series of a [`Summary`]. Its clones observe into the same place.
pub struct SummarySeries {
    series: Series,
    bounds: &'static Bounds,
    quantiles: Option<Arc<Quantiles>>,
}

/// The cells of a summary are those of a histogram without bounds.
pub(crate) struct Observations;

impl Kind for Observations {
    type Shape = &'static Bounds;
    /// The sum; the count is the only one of [`Scratch::counts`].
    type Reading = f64;
    const REFUSED: Option<u32> = Buckets::REFUSED;

    fn width(bounds: &'static Bounds) -> u32 {
        Buckets::width(bounds)
    }

    fn read(series: Series, bounds: &'static Bounds, blocks: &Blocks, scratch: &mut Scratch) -> Option<f64> {
        Buckets::read(series, bounds, blocks, scratch)
    }
}

impl MetricCell for Observations {
    const KIND: MetricKind = MetricKind::Summary;

    type Beside = Sketches;

    fn shape(_: FamilyShape<'_>) -> &'static Bounds {
        Bounds::of(&[])
    }

    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()> {
        room.quantiles.clear();
        shown.beside.read(shown.series(), &mut room.quantiles);
        let created = shown.created();
        // Behind that: who removes the series takes its quantiles away after it, and who observes counts first.
        let Some(sum) = shown.read(&mut room.cells) else { return ControlFlow::Continue(()) };
        let count = room.cells.counts.first().copied().unwrap_or_default();
        let value = SeriesValue::Summary { count, sum, quantiles: &room.quantiles };
        visitor.series(&SeriesView { labels: shown.labels(), lengths: shown.lengths(), value, created, rare: None })
    }
}

/// The quantiles of a family's series, if any are asked for.
pub(crate) struct Sketches(Option<Asked>);

struct Asked {
    targets: Targets,
    window: Option<Window>,
    sketches: Attached<Quantiles>,
}

impl Beside for Sketches {
    fn of_family(_: &Descriptor, shape: FamilyShape<'_>) -> Self {
        // None are asked for where the list is empty; any other has been checked.
        let targets = Targets::new(shape.quantiles).ok();
        Self(targets.map(|targets| Asked { targets, window: shape.window, sketches: Attached::default() }))
    }

    fn forget(&self, series: Series) {
        if let Some(asked) = &self.0 {
            asked.sketches.forget(series);
        }
    }

    fn forget_removed(&self) {
        if let Some(asked) = &self.0 {
            asked.sketches.forget_removed();
        }
    }
}

impl Sketches {
    fn of(&self, series: Series) -> Option<Arc<Quantiles>> {
        let Asked { targets, window, sketches } = self.0.as_ref()?;
        Some(sketches.of(series, || Quantiles::new(targets, *window)))
    }

    /// The same by reference for the first series of the family, which is the only one where there are no labels.
    #[inline]
    fn observe_first(&self, series: Series, value: f64) {
        let Some(asked) = &self.0 else { return };
        match asked.sketches.first(series) {
            Some(quantiles) => quantiles.observe(value),
            None => {
                if let Some(quantiles) = self.of(series) {
                    quantiles.observe(value);
                }
            }
        }
    }

    fn read(&self, series: Series, out: &mut Vec<(f64, f64)>) {
        let Some(Asked { targets, sketches, .. }) = &self.0 else { return };
        match sketches.find(series) {
            Some(quantiles) => quantiles.read(out),
            None => {
                for quantile in targets.quantiles() {
                    out.push((quantile, f64::NAN));
                }
            }
        }
    }
}

metric_api!(Summary, <L: Labels>, Summary<L>, Observations, SummarySeries, |core, series| SummarySeries {
    series,
    bounds: core.shape(),
    quantiles: core.beside().of(series)
});

impl Summary {
    /// An unlabelled summary without quantiles, made at run time. Its site is the caller's.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::builder(name, help).build()
    }

    /// Defines a summary with quantiles or labels at run time. Its site is the caller's.
    #[track_caller]
    pub fn builder(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> MetricBuilder<Self> {
        MetricBuilder::new(name.into(), help.into(), Site::caller())
    }

    pub(crate) fn series(&self) -> SummarySeries {
        let series = self.core.only();
        SummarySeries { series, bounds: self.core.shape(), quantiles: self.core.beside().of(series) }
    }

    #[inline]
    fn take(&self, value: f64) {
        let series = self.core.only();
        series.observe_unbucketed(self.core.shape(), value);
        self.core.beside().observe_first(series, value);
    }

    fn refuse(&self) {
        self.core.only().refuse_observation(self.core.shape());
    }
}

impl SummarySeries {
    #[inline]
    fn take(&self, value: f64) {
        self.series.observe_unbucketed(self.bounds, value);
        if let Some(quantiles) = &self.quantiles {
            quantiles.observe(value);
        }
    }

    fn refuse(&self) {
        self.series.refuse_observation(self.bounds);
    }
}

impl<L: Labels + 'static> MetricBuilder<Summary<L>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Summary<N>> {
        self.into_other()
    }

    /// Asks for quantiles, rising, each with the part of all ranks by which it may be off:
    /// [`quantiles::DEFAULT`](crate::quantiles::DEFAULT) is a list.
    ///
    /// # Errors
    /// Where there is none, a quantile is not within 0 to 1, an error is not between them, or the quantiles don't rise.
    pub fn quantiles(self, quantiles: impl IntoIterator<Item = (f64, f64)>) -> Result<Self, Error> {
        self.with_quantiles(quantiles.into_iter().collect())
    }

    /// Shows the quantiles of the observations of this time alone, to [a step](Self::age_buckets) of it: 10 minutes are
    /// usual.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.window.get_or_insert(Window::DEFAULT).max_age = max_age;
        self
    }

    /// In how many steps old observations go, 5 unless stated and 1000 at most: each step takes as much memory as all
    /// observations without [`max_age`](Self::max_age).
    pub fn age_buckets(mut self, age_buckets: u32) -> Self {
        self.window.get_or_insert(Window::DEFAULT).age_buckets = age_buckets;
        self
    }
}

observing!(Summary, SummarySeries, take, |this| this.series());
observing!(SummarySeries, SummarySeries, take, |this| this.clone());

impl Handle for SummarySeries {
    #[inline]
    fn is_there(&self) -> bool {
        self.series.is_there()
    }
}

impl Clone for SummarySeries {
    fn clone(&self) -> Self {
        Self { series: self.series, bounds: self.bounds, quantiles: self.quantiles.clone() }
    }
}

impl fmt::Debug for SummarySeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SummarySeries").finish_non_exhaustive()
    }
}
