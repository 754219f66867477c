//! Metrics made at run time.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::core::{Family, Metric, MetricCell, sealed};
use super::counter::{Counter, CounterValue};
use super::gauge::{Gauge, GaugeValue};
use super::histogram::Histogram;
use super::spec::MAX_SERIES;
use crate::buckets;
use crate::descriptor::{Descriptor, Site};
use crate::error::Error;
use crate::label::{LabelTuple, Labels};
use crate::name::MetricName;

/// Defines a metric step by step: [`Counter::builder`], [`Gauge::builder`], [`Histogram::builder`].
///
/// ```
/// use tallymark::{Histogram, Labels, Registry};
///
/// #[derive(Labels)]
/// struct Disk { disk: String }
///
/// let registry = Registry::new();
/// let latency = Histogram::builder("disk_read_seconds", "Time to read a block.")
///     .buckets([0.001, 0.01, 0.1])?
///     .unit("seconds")
///     .labels::<Disk>()
///     .build()?;
/// registry.register(&latency)?;
/// latency.with(&Disk { disk: "sda".to_owned() }).observe(0.004);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder makes nothing until `build`"]
pub struct MetricBuilder<M> {
    parts: Parts,
    metric: PhantomData<fn() -> M>,
}

/// What a builder was told.
#[derive(Debug)]
pub struct Parts {
    name: Cow<'static, str>,
    help: Cow<'static, str>,
    site: Site,
    unit: Option<Cow<'static, str>>,
    const_labels: Vec<(Cow<'static, str>, String)>,
    bounds: Option<Vec<f64>>,
    max_series: usize,
    init: Option<bool>,
}

impl<M> MetricBuilder<M> {
    pub(crate) fn new(name: Cow<'static, str>, help: Cow<'static, str>, site: Site) -> Self {
        let parts = Parts {
            name,
            help,
            site,
            unit: None,
            const_labels: Vec::new(),
            bounds: None,
            max_series: MAX_SERIES,
            init: None,
        };
        Self { parts, metric: PhantomData }
    }

    fn into_other<N>(self) -> MetricBuilder<N> {
        MetricBuilder { parts: self.parts, metric: PhantomData }
    }

    /// States the unit, in which the name must end.
    pub fn unit(mut self, unit: impl Into<Cow<'static, str>>) -> Self {
        self.parts.unit = Some(unit.into());
        self
    }

    /// Adds a label that has the same value in every series.
    pub fn const_label(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.parts.const_labels.push((name.into(), value.into()));
        self
    }

    /// Limits a family with an open label to so many series (10,000 unless stated); what comes past them is counted in an overflow
    /// series whose open labels read `other`.
    pub fn max_series(mut self, max_series: usize) -> Self {
        self.parts.max_series = max_series;
        self
    }

    /// States whether each series of a finite family shows from the first scrape; unless stated, those of up to 100 do.
    pub fn init(mut self, init: bool) -> Self {
        self.parts.init = Some(init);
        self
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

impl<L: Labels + 'static> MetricBuilder<Histogram<L>> {
    /// States the labels.
    pub fn labels<N: Labels + 'static>(self) -> MetricBuilder<Histogram<N>> {
        self.into_other()
    }

    /// States the upper bounds of the buckets, rising; +Inf is added.
    ///
    /// # Errors
    /// Where there is no bound, one is NaN or infinite, two are the same, or they don't rise.
    pub fn buckets(mut self, bounds: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        let mut bounds: Vec<f64> = bounds.into_iter().collect();
        bounds.truncate(buckets::without_infinity(&bounds).len());
        buckets::check(&bounds).map_err(|fault| Error::new(format!("`{}`: {fault}", self.parts.name)))?;
        self.parts.bounds = Some(bounds);
        Ok(self)
    }
}

impl<M: Metric> MetricBuilder<M> {
    /// Makes the metric. It shows once it is registered.
    ///
    /// # Errors
    /// Where a name breaks the data model's rules, a label repeats, the name doesn't end in the unit, or the labels have more combinations
    /// than `max_series`.
    pub fn build(self) -> Result<M, Error> {
        let mut parts = self.parts;
        let values = <M::Labels as Labels>::Values::FINITE;
        if values > parts.max_series {
            return Err(Error::new(format!(
                "the labels of `{}` have {values} combinations, more than `max_series` = {}: raise it, or drop a label",
                parts.name, parts.max_series
            )));
        }
        if <M::Labels as Labels>::Values::OPEN && parts.init == Some(true) {
            return Err(Error::new(format!(
                "`{}` has an open label, so `init(true)` can't show every series; drop it, or make the label an enum",
                parts.name
            )));
        }
        let name = MetricName::new(parts.name.clone())?;
        let mut descriptor = Descriptor::assembled(M::KIND, name, parts.help.clone(), parts.site);
        if let Some(unit) = parts.unit.take() {
            descriptor = descriptor.unit(unit)?;
        }
        for (name, value) in parts.const_labels.drain(..) {
            descriptor = descriptor.const_label(name, value)?;
        }
        let descriptor = descriptor.labels(<M::Labels as Labels>::NAMES.iter().copied())?;
        Ok(sealed::Sealed::built(descriptor, parts))
    }
}

impl Parts {
    pub(crate) fn family<L: Labels, C: MetricCell>(self, descriptor: Descriptor) -> Family<C> {
        let bounds = self.bounds.as_deref().unwrap_or(buckets::DEFAULT);
        Family::new::<L>(descriptor, bounds, self.max_series, self.init)
    }
}
