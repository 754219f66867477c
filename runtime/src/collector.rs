//! Collectors: whatever has families to show.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::descriptor::{Descriptor, DescriptorRef, MetricKind};
use crate::error::Error;
use crate::name::LabelName;
use crate::snapshot::{HistogramValue, MetricFamily, Number, SeriesSnapshot, SeriesVisitor, Value};
use crate::storage::{Order, Position};

/// Something that has metric families to show at each scrape: every metric is one, and so is your own bridge to numbers
/// that are kept elsewhere.
///
/// ```
/// use tallymark::{Collected, Collector, Descriptor, MetricKind, Registry};
///
/// struct Disks;
///
/// impl Collector for Disks {
///     fn describe(&self) -> Vec<Descriptor> {
///         Descriptor::new(MetricKind::Gauge, "disk_free_bytes", "Free space.")
///             .and_then(|descriptor| descriptor.with_labels(["disk"]))
///             .into_iter()
///             .collect()
///     }
///
///     fn collect(&self, out: &mut Collected) {
///         out.gauge("disk_free_bytes", "Free space.").series([("disk", "sda")], 4096).series([("disk", "sdb")], 512);
///     }
/// }
///
/// let registry = Registry::new();
/// registry.register(Disks)?;
/// assert_eq!(registry.gather()[0].series().len(), 2);
/// # Ok::<(), tallymark::RegisterError>(())
/// ```
///
/// A panic in either method harms no other collector: [`Registry::register`](crate::Registry::register) turns it into
/// an error, and a gather leaves the families out and counts it in `tallymark_collector_failures_total`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no metric families to show",
    label = "is no collector",
    note = "a marked static is a `Counter`, a `Gauge` or a `Histogram`; for a type of yours implement `Collector`"
)]
pub trait Collector: Send + Sync {
    /// The families that [`collect`](Self::collect) will give, so that a registry finds collisions before there are
    /// values.
    ///
    /// A collector that describes nothing is not checked when it is registered, unless the registry has
    /// [`auto_describe`](crate::registry::RegistryBuilder::auto_describe).
    fn describe(&self) -> Vec<Descriptor>;

    /// Gives the families with their present values. It runs at each scrape, perhaps in several threads at once.
    fn collect(&self, out: &mut Collected);

    /// Of a metric of ours the one family that it describes and gives, so that a registry copies nothing.
    #[doc(hidden)]
    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        None
    }
}

impl<C: Collector + ?Sized> Collector for Arc<C> {
    fn describe(&self) -> Vec<Descriptor> {
        C::describe(self)
    }

    fn collect(&self, out: &mut Collected) {
        C::collect(self, out);
    }

    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        C::__descriptor(self)
    }
}

impl<C: Collector + ?Sized> Collector for Box<C> {
    fn describe(&self) -> Vec<Descriptor> {
        C::describe(self)
    }

    fn collect(&self, out: &mut Collected) {
        C::collect(self, out);
    }

    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        C::__descriptor(self)
    }
}

/// What can be registered: a [`Collector`] by value, or one of our metrics by reference (the registry keeps a handle to
/// the same numbers).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be registered",
    note = "a metric is registered by reference, `registry.register(&counter)`, a collector by value or as an `Arc`"
)]
pub trait IntoCollector {
    /// The collector.
    fn into_collector(self) -> Arc<dyn Collector>;
}

impl<C: Collector + 'static> IntoCollector for C {
    fn into_collector(self) -> Arc<dyn Collector> {
        Arc::new(self)
    }
}

/// What collectors give: families, one behind the other.
#[derive(Debug, Default)]
pub struct Collected {
    families: Vec<Given>,
    faults: Vec<Error>,
}

/// A family that was given.
#[derive(Clone)]
pub(crate) enum Given {
    /// With the values that it had.
    Values(MetricFamily),
    /// Of ours, whose values are read when they are shown.
    Live(Arc<dyn Live>),
}

/// A family of one of our metrics.
pub(crate) trait Live: Send + Sync {
    fn descriptor(&self) -> &Descriptor;

    fn note(&self) -> Note;

    /// The series that are there now, in the order in which they are to be visited.
    fn order(&self) -> Order;

    /// Shows series from a position on, which moves on, until the visitor breaks off.
    fn visit(&self, order: &Order, position: &mut Position, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()>;
}

impl Given {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Values(family) => &family.name,
            Self::Live(family) => family.descriptor().name(),
        }
    }

    pub(crate) fn kind(&self) -> MetricKind {
        match self {
            Self::Values(family) => family.kind,
            Self::Live(family) => family.descriptor().kind(),
        }
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())
    }
}

/// What a metric of ours has to say of itself.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) metric: String,
    pub(crate) overflowed: Option<u64>,
    pub(crate) refused: u64,
}

impl Collected {
    /// Begins a family of counters, or goes on with the one of this name.
    pub fn counter(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Counter, name, help)
    }

    /// Begins a family of gauges, or goes on with the one of this name.
    pub fn gauge(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Gauge, name, help)
    }

    /// Begins a family of histograms, or goes on with the one of this name.
    pub fn histogram(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Histogram, name, help)
    }

    fn family(&mut self, kind: MetricKind, name: &str, help: &str) -> CollectedFamily<'_> {
        let name = match crate::name::MetricName::new(name.to_owned()) {
            Ok(name) => name.as_str().to_owned(),
            Err(fault) => {
                self.faults.push(fault);
                return CollectedFamily { family: None, faults: &mut self.faults };
            }
        };
        let same = |given: &Given| matches!(given, Given::Values(family) if family.name == name && family.kind == kind && family.help == help);
        let at = self.families.iter().rposition(same).unwrap_or_else(|| {
            self.families.push(Given::Values(MetricFamily {
                name,
                help: help.to_owned(),
                kind,
                unit: None,
                series: Vec::new(),
                only: None,
            }));
            self.families.len() - 1
        });
        let family = match self.families.get_mut(at) {
            Some(Given::Values(family)) => Some(family),
            _ => None,
        };
        CollectedFamily { family, faults: &mut self.faults }
    }

    /// Takes a family of ours.
    pub(crate) fn push(&mut self, family: Arc<dyn Live>) {
        self.families.push(Given::Live(family));
    }

    /// Takes a family that keeps the rules because this crate made it.
    pub(crate) fn push_values(&mut self, family: MetricFamily) {
        self.families.push(Given::Values(family));
    }

    pub(crate) fn into_parts(self) -> (Vec<Given>, Vec<Error>) {
        (self.families, self.faults)
    }
}

/// A family that a [`Collector`] is giving.
///
/// What breaks a rule (a name, a label that repeats, a negative counter) is left out; the registry says so where the
/// collector is registered with [`auto_describe`](crate::registry::RegistryBuilder::auto_describe), and counts it in
/// `tallymark_collector_failures_total` at a scrape.
#[derive(Debug)]
pub struct CollectedFamily<'a> {
    family: Option<&'a mut MetricFamily>,
    faults: &'a mut Vec<Error>,
}

impl CollectedFamily<'_> {
    /// Gives the value of a family without labels.
    pub fn value(&mut self, value: impl Into<Number>) -> &mut Self {
        self.series::<&str, &str>([], value)
    }

    /// Gives the value of the series with these labels.
    pub fn series<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        value: impl Into<Number>,
    ) -> &mut Self {
        let value = value.into();
        let kind = self.family.as_ref().map(|family| family.kind);
        if kind == Some(MetricKind::Histogram) {
            return self.refuse("is a histogram; give its series with `histogram_series`");
        }
        if kind == Some(MetricKind::Counter) && !counts(value) {
            return self.refuse("is a counter, which is never negative and never NaN; make it a gauge");
        }
        self.push(labels, Value::Number(value))
    }

    /// Gives the state of the histogram with these labels: upper bounds with the observations in each bucket **alone**
    /// (not cumulative; what lies above the last bound goes to `f64::INFINITY`), and the sum of the observations.
    pub fn histogram_series<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        buckets: impl IntoIterator<Item = (f64, u64)>,
        sum: f64,
    ) -> &mut Self {
        if self.family.as_ref().is_some_and(|family| family.kind != MetricKind::Histogram) {
            return self.refuse("is no histogram; give its series with `series`");
        }
        let (mut bounds, mut counts): (Vec<f64>, Vec<u64>) = buckets.into_iter().unzip();
        let above = match bounds.pop_if(|last| last.is_infinite() && last.is_sign_positive()) {
            Some(_) => counts.pop().unwrap_or(0),
            None => 0,
        };
        counts.push(above);
        match crate::buckets::check(&bounds) {
            Ok(()) => self.push(labels, Value::Histogram(HistogramValue { bounds: bounds.into(), counts, sum })),
            Err(fault) => self.refuse(fault),
        }
    }

    fn push<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        value: Value,
    ) -> &mut Self {
        let mut checked: Vec<(Arc<str>, Box<str>)> = Vec::new();
        for (name, text) in labels {
            let name = match LabelName::new(name.as_ref().to_owned()) {
                Ok(name) => name,
                Err(fault) => return self.refuse(fault),
            };
            if checked.iter().any(|(taken, _)| **taken == *name.as_str()) {
                return self.refuse(format!("has a series on which the label `{name}` stands twice"));
            }
            checked.push((name.as_str().into(), text.as_ref().into()));
        }
        let Some(family) = self.family.as_deref_mut() else { return self };
        if let Some(first) = family.series.first() {
            // In the order of the first series, so that the same labels are the same series however they are given.
            let position = |name: &str| first.labels.iter().position(|(known, _)| **known == *name);
            if first.labels.len() != checked.len() || checked.iter().any(|(name, _)| position(name).is_none()) {
                return self.refuse("has series with different label names; give every series the same ones");
            }
            checked.sort_by_key(|(name, _)| position(name));
        }
        family.series.push(SeriesSnapshot { labels: checked, value });
        self
    }

    fn refuse(&mut self, fault: impl std::fmt::Display) -> &mut Self {
        if let Some(family) = &self.family {
            self.faults.push(Error::new(format!("the collected family `{}`: {fault}", family.name)));
        }
        self
    }
}

fn counts(value: Number) -> bool {
    match value {
        Number::Unsigned(_) => true,
        Number::Signed(value) => value >= 0,
        Number::Float(value) => value >= 0.0,
    }
}
