//! Collectors: whatever has families to show.

mod family;
mod live;

use std::sync::Arc;

use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::name::{LabelName, MetricName};
use crate::snapshot::MetricFamily;

pub use family::CollectedFamily;
pub(crate) use live::{Given, Live, Note, check_labels, remove_by_labels};

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
    note = "a marked static is one of this crate's metrics, for example a `Counter`; for a type of yours implement `Collector`"
)]
pub trait Collector: Send + Sync {
    /// The families that [`collect`](Self::collect) will give, so that a registry finds collisions before there are
    /// values.
    ///
    /// A collector that describes nothing is not checked when it is registered, unless the registry has
    /// [`auto_describe`](crate::registry::RegistryBuilder::auto_describe). In Python's client an empty list keeps it
    /// from being collected there, too; here register it where there is no `auto_describe`.
    fn describe(&self) -> Vec<Descriptor>;

    /// Gives the families with their present values. It runs at each scrape, perhaps in several threads at once.
    fn collect(&self, out: &mut Collected);

    /// Of a metric of ours the one family that it describes and gives, so that a registry copies nothing.
    #[doc(hidden)]
    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        None
    }

    /// Of a marked collector the place of its mark.
    #[doc(hidden)]
    fn __site(&self) -> Option<Site> {
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

    fn __site(&self) -> Option<Site> {
        C::__site(self)
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

    fn __site(&self) -> Option<Site> {
        C::__site(self)
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
    utf8: bool,
}

impl Collected {
    /// Allows any characters in the names of the families that are begun from here on, and in those of their labels: see
    /// [`MetricName::utf8`].
    ///
    /// ```
    /// # let mut collected = tallymark::Collected::default();
    /// # let out = &mut collected;
    /// out.allow_utf8().counter("http.requests", "Requests served.").series([("http.method", "GET")], 12);
    /// ```
    pub fn allow_utf8(&mut self) -> &mut Self {
        self.utf8 = true;
        self
    }

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

    /// Begins a family of summaries, or goes on with the one of this name.
    pub fn summary(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Summary, name, help)
    }

    /// Begins a family of infos, or goes on with the one of this name, which ends in `_info`.
    pub fn info(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Info, name, help)
    }

    /// Begins a family of state sets, or goes on with the one of this name.
    pub fn state_set(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::StateSet, name, help)
    }

    /// Begins a family of gauge histograms, or goes on with the one of this name.
    pub fn gauge_histogram(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::GaugeHistogram, name, help)
    }

    /// Begins a family of numbers of which nobody knows what they are, or goes on with the one of this name.
    pub fn unknown(&mut self, name: &str, help: &str) -> CollectedFamily<'_> {
        self.family(MetricKind::Unknown, name, help)
    }

    fn family(&mut self, kind: MetricKind, name: &str, help: &str) -> CollectedFamily<'_> {
        let utf8 = self.utf8;
        let name = match checked(kind, name, utf8) {
            Ok(name) => name.as_str().to_owned(),
            Err(fault) => {
                self.faults.push(fault);
                return CollectedFamily::refused(&mut self.faults);
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
        CollectedFamily::new(family, &mut self.faults, utf8)
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

/// The name of a family of this type.
fn checked(kind: MetricKind, name: &str, utf8: bool) -> Result<MetricName, Error> {
    let name = MetricName::checked(name.to_owned().into(), utf8)?.ending_in(kind.required_ending());
    if kind == MetricKind::StateSet {
        // Its states stand in a label of this name.
        LabelName::checked(name.as_str().to_owned().into(), utf8)?;
    }
    Ok(name)
}
