//! Metrics made at run time.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use super::core::{FamilyShape, MAX_SERIES, Metric, sealed};
use super::quantiles::Window;
use super::spec::TWO_EMPTY_TEXTS;
use crate::buckets;
use crate::descriptor::{Descriptor, Site};
use crate::error::Error;
use crate::label::{LabelTuple, Labels};
use crate::native::NativeOptions;
use crate::quantiles;

/// Defines a metric step by step: [`Counter::builder`](crate::Counter::builder),
/// [`Gauge::builder`](crate::Gauge::builder), [`Histogram::builder`](crate::Histogram::builder).
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
    name: Cow<'static, str>,
    help: Cow<'static, str>,
    site: Site,
    utf8: bool,
    unit: Option<Cow<'static, str>>,
    const_labels: Vec<(Cow<'static, str>, String)>,
    bounds: Option<Vec<f64>>,
    native: Option<NativeOptions>,
    quantiles: Vec<(f64, f64)>,
    pub(super) window: Option<Window>,
    max_series: usize,
    init: Option<bool>,
    metric: PhantomData<fn() -> M>,
}

impl<M> MetricBuilder<M> {
    pub(crate) fn new(name: Cow<'static, str>, help: Cow<'static, str>, site: Site) -> Self {
        Self {
            name,
            help,
            site,
            utf8: false,
            unit: None,
            const_labels: Vec::new(),
            bounds: None,
            native: None,
            quantiles: Vec::new(),
            window: None,
            max_series: MAX_SERIES,
            init: None,
            metric: PhantomData,
        }
    }

    pub(crate) fn into_other<N>(self) -> MetricBuilder<N> {
        let Self {
            name,
            help,
            site,
            utf8,
            unit,
            const_labels,
            bounds,
            native,
            quantiles,
            window,
            max_series,
            init,
            metric: _,
        } = self;
        MetricBuilder {
            name,
            help,
            site,
            utf8,
            unit,
            const_labels,
            bounds,
            native,
            quantiles,
            window,
            max_series,
            init,
            metric: PhantomData,
        }
    }

    pub(crate) fn with_bounds(mut self, bounds: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        let mut bounds: Vec<f64> = bounds.into_iter().collect();
        bounds.truncate(buckets::without_infinity(&bounds).len());
        buckets::check(&bounds).map_err(|fault| self.fault(fault))?;
        self.bounds = Some(bounds);
        Ok(self)
    }

    pub(crate) fn with_native(mut self, options: NativeOptions) -> Result<Self, Error> {
        if let Some(fault) = options.fault() {
            return Err(self.fault(fault));
        }
        self.native = Some(options);
        Ok(self)
    }

    pub(crate) fn with_quantiles(mut self, quantiles: Vec<(f64, f64)>) -> Result<Self, Error> {
        quantiles::check(&quantiles).map_err(|fault| self.fault(fault))?;
        self.quantiles = quantiles;
        Ok(self)
    }

    fn fault(&self, fault: impl fmt::Display) -> Error {
        Error::new(format!("`{}`: {fault}", self.name)).at(self.site)
    }

    /// Allows any characters in the metric's name and in those of its constant labels, and of the texts of an info: see
    /// [`MetricName::utf8`](crate::MetricName::utf8). A label struct says so itself: `#[label("…", allow_utf8)]`.
    ///
    /// ```
    /// use tallymark::Counter;
    ///
    /// let requests = Counter::builder("http.requests", "Requests served.").allow_utf8().const_label("k8s.pod", "a1");
    /// assert!(requests.build().is_ok());
    /// ```
    pub fn allow_utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    /// States the unit, in which the name must end (as a mark's `unit`, Python's client appends it).
    pub fn unit(mut self, unit: impl Into<Cow<'static, str>>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Adds a label that has the same value in every series. A metric can't have it twice; in aioprometheus the one that
    /// is given with the value wins.
    pub fn const_label(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.const_labels.push((name.into(), value.into()));
        self
    }

    /// Limits a family with an open label to so many series (10,000 unless stated); what comes past them is counted in
    /// an overflow series whose open labels read `other`.
    pub fn max_series(mut self, max_series: usize) -> Self {
        self.max_series = max_series;
        self
    }

    /// States whether each series of a finite family shows from the first scrape; unless stated, those of up to 100 do.
    pub fn init(mut self, init: bool) -> Self {
        self.init = Some(init);
        self
    }
}

impl<M: Metric> MetricBuilder<M> {
    /// Makes the metric. It shows once it is registered.
    ///
    /// # Errors
    /// Where a name breaks the data model's rules, a label repeats, the name doesn't end in the unit, or the labels have more combinations
    /// than `max_series`.
    pub fn build(self) -> Result<M, Error> {
        self.check()?;
        let site = self.site;
        let descriptor = self.descriptor().map_err(|fault| fault.at(site))?;
        let shape = FamilyShape {
            bounds: self.bounds.as_deref(),
            native: self.native,
            quantiles: &self.quantiles,
            window: self.window,
            max_series: self.max_series,
            init: self.init,
        };
        Ok(sealed::Sealed::built(descriptor, shape))
    }

    /// Refuses what doesn't go together, besides names.
    fn check(&self) -> Result<(), Error> {
        if let Some(fault) = M::FAULT {
            return Err(self.fault(fault));
        }
        let values = <M::Labels as Labels>::Values::FINITE;
        if values > self.max_series {
            return Err(self.fault(format_args!(
                "its labels have {values} combinations, more than `max_series` = {}: raise it, or drop a label",
                self.max_series
            )));
        }
        if <M::Labels as Labels>::Values::AMBIGUOUS {
            return Err(self.fault(TWO_EMPTY_TEXTS));
        }
        if <M::Labels as Labels>::Values::OPEN && self.init == Some(true) {
            return Err(self.fault(
                "it has an open label, so `init(true)` can't show every series; drop it, or make the label an enum",
            ));
        }
        if let Some(window) = self.window {
            let fault = window.fault().or(self.quantiles.is_empty().then_some(
                "a window of time is that of quantiles, and none are asked for; ask with `quantiles`, or drop it",
            ));
            if let Some(fault) = fault {
                return Err(self.fault(fault));
            }
        }
        Ok(())
    }

    fn descriptor(&self) -> Result<Descriptor, Error> {
        let mut descriptor = Descriptor::at(M::KIND, self.name.clone(), self.help.clone(), self.site, self.utf8)?;
        if let Some(unit) = &self.unit {
            descriptor = descriptor.with_unit(unit.clone())?;
        }
        for (name, value) in &self.const_labels {
            descriptor = descriptor.with_const_label(name.clone(), value.clone())?;
        }
        descriptor.with_own_labels(<M::Labels as Labels>::NAMES)
    }
}
