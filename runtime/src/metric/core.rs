//! What every metric is made of.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use super::spec::Spec;
use crate::buckets;
use crate::collector::{Collected, Collector, Note};
use crate::descriptor::{Descriptor, MetricKind};
use crate::label::{LabelTuple, Labels};
use crate::snapshot::{MetricFamily, SeriesSnapshot, Value};
use crate::storage::{Cell, Series, Table};

/// A cell that a metric is made of.
pub(crate) trait MetricCell: Cell {
    const KIND: MetricKind;

    fn shape(bounds: &[f64]) -> Self::Shape;

    fn value(&self) -> Value;
}

/// A metric of this crate: [`Counter`](crate::Counter), [`Gauge`](crate::Gauge), [`Histogram`](crate::Histogram). It
/// can't be implemented elsewhere; what else there is to show is a [`Collector`].
pub trait Metric: sealed::Sealed + Collector + Clone + 'static {
    /// Its labels.
    type Labels: Labels;
}

pub(crate) mod sealed {
    pub trait Sealed: Sized {
        #[doc(hidden)]
        const KIND: crate::descriptor::MetricKind;

        #[doc(hidden)]
        fn built(descriptor: crate::descriptor::Descriptor, shape: super::FamilyShape<'_>) -> Self;
    }
}

/// How many series a family with an open label may have unless `max_series` says otherwise.
pub(crate) const MAX_SERIES: usize = 10_000;

/// Up to how many series a finite family shows from the first scrape unless `init` says otherwise.
const SHOWN: usize = 100;

/// What a family is like besides its descriptor.
#[derive(Clone, Copy, Debug)]
pub struct FamilyShape<'a> {
    /// Upper bounds, for a histogram.
    pub(crate) bounds: &'a [f64],
    pub(crate) max_series: usize,
    pub(crate) init: Option<bool>,
}

impl FamilyShape<'static> {
    pub(crate) const DEFAULT: Self = Self { bounds: buckets::DEFAULT, max_series: MAX_SERIES, init: None };
}

/// A family: its descriptor and its series.
struct Family<C: Cell> {
    descriptor: Descriptor,
    table: Table<C>,
    /// The one series of a family without labels.
    only: Option<Arc<Series<C>>>,
    open: bool,
}

impl<C: MetricCell> Family<C> {
    fn new<L: Labels>(descriptor: Descriptor, shape: FamilyShape<'_>) -> Self {
        let shown = shape.init.unwrap_or(L::Values::FINITE <= SHOWN);
        let table = Table::new::<L::Values>(C::shape(shape.bounds), shape.max_series, shown && !L::Values::OPEN);
        let only = (L::Values::LENGTH == 0).then(|| table.resolve(&()));
        Self { descriptor, table, only, open: L::Values::OPEN }
    }

    fn collect(&self, out: &mut Collected) {
        let names: Vec<Arc<str>> = self.descriptor.label_names().map(Arc::from).collect();
        let constant: Vec<Box<str>> = self.descriptor.const_labels().map(|(_, value)| value.into()).collect();
        let series = self.table.sorted();
        let series = series.iter().map(|series| SeriesSnapshot {
            labels: names.iter().cloned().zip(constant.iter().chain(series.labels()).cloned()).collect(),
            value: series.cell.value(),
        });
        let family = MetricFamily::of(&self.descriptor, series.collect());
        let note = Note {
            metric: family.name.clone(),
            overflowed: self.open.then(|| self.table.overflowed()),
            refused: self.table.refused(),
        };
        out.push(family, note);
    }
}

/// A family that is there already, or that is made when it is first used.
pub(crate) struct Core<L, C: Cell> {
    source: Source<C>,
    labels: PhantomData<fn() -> L>,
}

enum Source<C: Cell> {
    Static { spec: &'static Spec, family: OnceLock<Arc<Family<C>>> },
    Shared(Arc<Family<C>>),
}

impl<L: Labels, C: MetricCell> Core<L, C> {
    #[track_caller]
    pub(crate) const fn of_static(spec: &'static Spec) -> Self {
        spec.check(L::Values::FINITE, L::Values::OPEN, L::Values::AMBIGUOUS, L::NAMES);
        Self { source: Source::Static { spec, family: OnceLock::new() }, labels: PhantomData }
    }

    pub(crate) fn shared(descriptor: Descriptor, shape: FamilyShape<'_>) -> Self {
        let family = Family::new::<L>(descriptor, shape);
        Self { source: Source::Shared(Arc::new(family)), labels: PhantomData }
    }

    fn family(&self) -> &Arc<Family<C>> {
        match &self.source {
            Source::Shared(family) => family,
            Source::Static { spec, family } => family.get_or_init(|| {
                let descriptor = spec.descriptor(C::KIND, L::NAMES);
                Arc::new(Family::new::<L>(descriptor, spec.shape()))
            }),
        }
    }

    pub(crate) fn resolve<T: LabelTuple>(&self, labels: &T) -> Arc<Series<C>> {
        let family = self.family();
        family.only.as_ref().map_or_else(|| family.table.resolve(labels), Arc::clone)
    }

    /// The one series of a family without labels always shows, so it can't be removed.
    pub(crate) fn remove<T: LabelTuple>(&self, labels: &T) -> bool {
        let family = self.family();
        family.only.is_none() && family.table.remove(labels)
    }

    pub(crate) fn clear(&self) {
        let family = self.family();
        if family.only.is_none() {
            family.table.clear();
        }
    }

    pub(crate) fn describe(&self) -> Vec<Descriptor> {
        vec![self.family().descriptor.clone()]
    }

    pub(crate) fn collect(&self, out: &mut Collected) {
        self.family().collect(out);
    }
}

impl<C: MetricCell> Core<(), C> {
    /// The one series of a metric without labels.
    pub(crate) fn only(&self) -> &Arc<Series<C>> {
        let family = self.family();
        family.only.as_ref().expect("`Family::new` makes it where there are no labels")
    }
}

impl<L, C: MetricCell> Clone for Core<L, C>
where
    L: Labels,
{
    fn clone(&self) -> Self {
        Self { source: Source::Shared(Arc::clone(self.family())), labels: PhantomData }
    }
}

impl<L: Labels, C: MetricCell> fmt::Debug for Core<L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family().descriptor.name())
    }
}

/// What every metric of ours does alike: `with`, `remove`, `clear`, and being a collector.
macro_rules! metric_api {
    ($metric:ident<L $(, $value:ident: $bound:ident)?>, $cell:ty, $series:ident) => {
        impl<L: Labels $(, $value: $bound)?> $metric<L $(, $value)?> {
            #[doc(hidden)]
            #[must_use]
            #[track_caller]
            pub const fn from_static(spec: &'static Spec) -> Self {
                Self { core: Core::of_static(spec) }
            }

            /// By a name that no trait of the user's has: a wrapper calls it as a method, since the compiler is silent
            /// on those where it has refused the labels already.
            #[doc(hidden)]
            #[must_use]
            pub fn __at<T: LabelTuple>(&self, labels: &T) -> $series$(<$value>)? {
                $series { series: self.core.resolve(labels) }
            }

            /// A label that is read on entry and needed on return.
            #[doc(hidden)]
            #[must_use]
            pub fn __hold<T, U: LabelValue + ?Sized>(&self, value: &U) -> Held<T> {
                Held::of(value)
            }

            /// The series of these labels, made if it is new. The handle may be kept.
            #[must_use]
            pub fn with(&self, labels: &L::With<'_>) -> $series$(<$value>)? {
                $series { series: self.core.resolve(&labels.refs()) }
            }

            /// Removes a series; says whether there was one. A handle to it goes on counting where nobody looks. The
            /// one series of a metric without labels stays.
            pub fn remove(&self, labels: &L::With<'_>) -> bool {
                self.core.remove(&labels.refs())
            }

            /// Removes every series. The one series of a metric without labels stays.
            pub fn clear(&self) {
                self.core.clear();
            }
        }

        impl<L: Labels + 'static $(, $value: $bound)?> Collector for $metric<L $(, $value)?> {
            fn describe(&self) -> Vec<Descriptor> {
                self.core.describe()
            }

            fn collect(&self, out: &mut Collected) {
                self.core.collect(out);
            }
        }

        impl<L: Labels + 'static $(, $value: $bound)?> IntoCollector for &$metric<L $(, $value)?> {
            fn into_collector(self) -> Arc<dyn Collector> {
                Arc::new(self.clone())
            }
        }

        impl<L: Labels + 'static $(, $value: $bound)?> sealed::Sealed for $metric<L $(, $value)?> {
            const KIND: MetricKind = <$cell as MetricCell>::KIND;

            fn built(descriptor: Descriptor, shape: FamilyShape<'_>) -> Self {
                Self { core: Core::shared(descriptor, shape) }
            }
        }

        impl<L: Labels + 'static $(, $value: $bound)?> Metric for $metric<L $(, $value)?> {
            type Labels = L;
        }

        impl<L: Labels $(, $value: $bound)?> Clone for $metric<L $(, $value)?> {
            /// Another handle to the same family.
            fn clone(&self) -> Self {
                Self { core: self.core.clone() }
            }
        }

        impl<L: Labels $(, $value: $bound)?> fmt::Debug for $metric<L $(, $value)?> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($metric)).field(&self.core).finish()
            }
        }
    };
}

pub(crate) use metric_api;
