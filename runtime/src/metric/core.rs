//! What every metric is made of.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock, Weak};

use super::beside::Beside;
use super::quantiles::Window;
use super::spec::Spec;
use crate::collector::{Collected, Collector, Live, Note, remove_by_labels};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind};
use crate::error::Error;
use crate::label::{LabelTuple, Labels, Rendering};
use crate::native::NativeOptions;
use crate::snapshot::{Created, Number, Rare, SeriesValue, SeriesView, SeriesVisitor};
use crate::storage::{
    Counted, Exemplars, First, Kind, Order, Permanent, Position, Scratch, Series, Table, Unsigned, Visited,
    forget_exemplars, forget_function, forget_functions, forget_layout, forget_layouts,
};

/// What a metric's numbers are, and how they are shown.
pub(crate) trait MetricCell: Kind {
    const KIND: MetricKind;

    /// What is wrong with its type, if anything.
    const FAULT: Option<&'static str> = None;

    /// What a family has beside the cells of its series.
    type Beside: Beside;

    fn shape(family: FamilyShape<'_>) -> Self::Shape;

    fn show(shown: &Shown<'_, Self>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()>;
}

/// A series that is to be shown, and what its family keeps.
pub(crate) struct Shown<'a, C: MetricCell> {
    series: Visited<'a, C>,
    pub(crate) shape: C::Shape,
    pub(crate) beside: &'a C::Beside,
    wants_created: bool,
}

impl<C: MetricCell> Shown<'_, C> {
    pub(crate) fn series(&self) -> Series {
        self.series.series
    }

    /// As they stand on a page.
    pub(crate) fn labels(&self) -> &str {
        self.series.labels
    }

    /// How long the values in them are. All series of a family have the same names, and it stays where it is.
    #[inline]
    pub(crate) fn lengths(&self) -> &[u8] {
        self.series.lengths
    }

    /// What its cells hold; none where it has been removed meanwhile.
    #[inline]
    pub(crate) fn read(&self, cells: &mut Scratch) -> Option<C::Reading> {
        self.series.read(cells)
    }

    /// When it began to count, if it counts. It is asked before the cells are read: where the series is reset or made
    /// anew in between, nobody takes what it had counted until then for what it has counted since.
    #[inline]
    pub(crate) fn created(&self) -> Created {
        match C::KIND {
            MetricKind::Counter | MetricKind::Histogram | MetricKind::Summary if self.wants_created => {
                Created::since_epoch(self.series.created())
            }
            _ => Created::UNKNOWN,
        }
    }

    /// Its exemplars, if it has any. They are asked for before the cells are read, and held until it has been shown: each
    /// has been counted, and where the series is reset they go together with what it has counted.
    #[inline]
    pub(crate) fn exemplars(&self) -> Option<Arc<Exemplars>> {
        self.series.exemplars()
    }

    /// Shows it as a number.
    #[inline]
    pub(crate) fn show_number(&self, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()>
    where
        C::Reading: Into<Number>,
    {
        match self.exemplars() {
            None => self.show_reading(None, room, visitor),
            // Here and not in a function of its own, which would have all of this in memory for each series.
            Some(exemplars) => {
                let list = exemplars.list();
                self.show_reading(Some(&Rare::new(None, &list)), room, visitor)
            }
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call of its own costs a sixth of a page")]
    fn show_reading(&self, rare: Option<&Rare<'_>>, room: &mut Room, visitor: &mut dyn SeriesVisitor) -> ControlFlow<()>
    where
        C::Reading: Into<Number>,
    {
        let created = self.created();
        let Some(reading) = self.read(&mut room.cells) else { return ControlFlow::Continue(()) };
        let value = SeriesValue::Number(reading.into());
        visitor.series(&SeriesView { labels: self.labels(), lengths: self.lengths(), value, created, rare })
    }
}

/// Room for what is shown of a series, which the next one uses again.
#[derive(Debug, Default)]
pub(crate) struct Room {
    pub(crate) cells: Scratch,
    pub(crate) quantiles: Vec<(f64, f64)>,
    pub(crate) states: Vec<bool>,
    pub(crate) labels: String,
}

/// A handle to a series that counts in cells.
pub trait Handle: Clone {
    /// Whether the series has not been removed.
    fn is_there(&self) -> bool;
}

/// A metric of this crate: [`Counter`](crate::Counter), [`Gauge`](crate::Gauge), [`Histogram`](crate::Histogram),
/// [`Summary`](crate::Summary), [`Info`](crate::Info), [`StateSet`](crate::StateSet). It can't be implemented elsewhere;
/// what else there is to show is a [`Collector`].
pub trait Metric: sealed::Sealed + Collector + Clone + 'static {
    /// Its labels.
    type Labels: Labels;
}

pub(crate) mod sealed {
    pub trait Sealed: Sized {
        #[doc(hidden)]
        const KIND: crate::descriptor::MetricKind;
        #[doc(hidden)]
        const FAULT: Option<&'static str>;

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
    /// Upper bounds, for a histogram, if any are stated.
    pub(crate) bounds: Option<&'a [f64]>,
    /// What is asked of its native buckets, if it has any.
    pub(crate) native: Option<NativeOptions>,
    /// Those that are asked for, for a summary, each with the error that its rank may have.
    pub(crate) quantiles: &'a [(f64, f64)],
    /// Of which observations they are, for a summary; of all where none is stated.
    pub(crate) window: Option<Window>,
    pub(crate) max_series: usize,
    pub(crate) init: Option<bool>,
}

impl FamilyShape<'static> {
    pub(crate) const DEFAULT: Self =
        Self { bounds: None, native: None, quantiles: &[], window: None, max_series: MAX_SERIES, init: None };
}

/// A family: its descriptor and its series.
struct Family<C: MetricCell> {
    descriptor: Descriptor,
    table: Table<C>,
    beside: C::Beside,
    /// The one series of a family without labels.
    only: Option<Series>,
    open: bool,
    this: Weak<Self>,
}

impl<C: MetricCell> Family<C> {
    fn new<L: Labels>(descriptor: Descriptor, shape: FamilyShape<'_>, permanent: Option<&Permanent>) -> Arc<Self> {
        let rendering = rendering(&descriptor);
        let of_cells = C::shape(shape);
        let beside = C::Beside::of_family(&descriptor, shape);
        if L::Values::LENGTH == 0
            && let Some(permanent) = permanent
        {
            let slot = permanent.slot(C::width(of_cells));
            let (table, only) = Table::permanent(of_cells, rendering, slot, permanent.created());
            return Self::shared(descriptor, table, beside, Some(only), false);
        }
        let shown = shape.init.unwrap_or(L::Values::FINITE <= SHOWN);
        let table = Table::new::<L::Values>(of_cells, rendering, shape.max_series, shown && !L::Values::OPEN);
        let only = (L::Values::LENGTH == 0).then(|| table.resolve(&()));
        Self::shared(descriptor, table, beside, only, L::Values::OPEN)
    }

    fn shared(
        descriptor: Descriptor,
        table: Table<C>,
        beside: C::Beside,
        only: Option<Series>,
        open: bool,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self { descriptor, table, beside, only, open, this: Weak::clone(this) })
    }
}

impl<C: MetricCell> Family<C> {
    /// Drops what belonged to a series that has been removed.
    fn forget(&self, series: Series) {
        self.beside.forget(series);
        if C::IS_GAUGE {
            forget_function(series);
        }
        if matches!(C::KIND, MetricKind::Histogram) {
            forget_layout(series);
        }
        if C::HAS_EXEMPLARS {
            self.table.forget_exemplars(series);
        }
    }

    /// Drops what belonged to all series that have been removed. It goes through those that are there.
    fn forget_removed(&self) {
        self.beside.forget_removed();
        if C::IS_GAUGE {
            forget_functions();
        }
        if matches!(C::KIND, MetricKind::Histogram) {
            forget_layouts();
        }
        if C::HAS_EXEMPLARS {
            forget_exemplars();
        }
    }
}

fn rendering(descriptor: &Descriptor) -> Rendering {
    Rendering::new(descriptor.const_labels(), descriptor.variable_names())
}

impl<C: MetricCell> Live for Family<C> {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn note(&self) -> Note {
        Note {
            metric: self.descriptor.name().to_owned(),
            overflowed: self.open.then(|| self.table.overflowed()),
            refused: self.table.refused(),
            exemplars_dropped: self.table.exemplars_dropped(),
        }
    }

    fn order(&self) -> Order {
        self.table.order()
    }

    fn visit(
        &self,
        counted: Counted,
        order: &Order,
        position: &mut Position,
        visitor: &mut dyn SeriesVisitor,
    ) -> ControlFlow<()> {
        let mut room = Room::default();
        let wants_created = visitor.wants_created();
        visitor.begin();
        self.table.visit(counted, order, position, |series| {
            C::show(
                &Shown { series, shape: self.table.shape(), beside: &self.beside, wants_created },
                &mut room,
                visitor,
            )
        })
    }

    fn remove(&self, asked: &dyn Fn(&str) -> bool) -> usize {
        if self.only.is_some() {
            return 0;
        }
        // What they have dropped stays counted.
        self.table.exemplars_dropped();
        let removed = self.table.remove_where(asked);
        self.forget_removed();
        removed
    }
}

/// A registry keeps the family itself, whatever handles there are.
impl<C: MetricCell> Collector for Family<C> {
    fn describe(&self) -> Vec<Descriptor> {
        vec![self.descriptor.clone()]
    }

    fn collect(&self, out: &mut Collected) {
        // There is an `Arc` of it as long as it can be asked.
        if let Some(family) = self.this.upgrade() {
            out.push(family);
        }
    }

    fn __descriptor(&self) -> Option<DescriptorRef<'_>> {
        Some(DescriptorRef::from(&self.descriptor))
    }
}

/// A family that is there already, or that is made when it is first used.
pub(crate) struct Core<L, C: MetricCell> {
    /// Where a static counter without labels counts.
    permanent: Permanent,
    /// Where the series of finite labels are, or the one of none, once one has been asked for.
    first: First,
    family: OnceLock<Arc<Family<C>>>,
    /// Of a static.
    spec: Option<&'static Spec>,
    labels: PhantomData<fn() -> L>,
}

impl<L: Labels, C: MetricCell> Core<L, C> {
    #[track_caller]
    pub(crate) const fn of_static(spec: &'static Spec) -> Self {
        if let Some(fault) = C::FAULT {
            panic!("{}", fault);
        }
        spec.check(C::KIND, L::Values::FINITE, L::Values::OPEN, L::Values::AMBIGUOUS, L::NAMES);
        Self {
            permanent: Permanent::new(),
            first: First::of_static(),
            family: OnceLock::new(),
            spec: Some(spec),
            labels: PhantomData,
        }
    }

    pub(crate) fn shared(descriptor: Descriptor, shape: FamilyShape<'_>) -> Self {
        Self::of_family(Family::new::<L>(descriptor, shape, None))
    }

    fn of_family(family: Arc<Family<C>>) -> Self {
        Self {
            permanent: Permanent::new(),
            first: family.only.map_or(First::of_static(), First::of_only),
            family: OnceLock::from(family),
            spec: None,
            labels: PhantomData,
        }
    }

    #[inline]
    fn family(&self) -> &Arc<Family<C>> {
        match self.family.get() {
            Some(family) => family,
            None => self.make_family(),
        }
    }

    #[cold]
    #[inline(never)]
    fn make_family(&self) -> &Arc<Family<C>> {
        self.family.get_or_init(|| {
            let spec = self.spec.expect("what is not static has its family from the start");
            let descriptor = spec.descriptor(C::KIND, L::NAMES).to_descriptor();
            Family::new::<L>(descriptor, spec.shape(), Some(&self.permanent))
        })
    }

    #[inline]
    pub(crate) fn resolve<T: LabelTuple>(&self, labels: &T) -> Series {
        const { assert!(same_labels::<T, L::Values>(), "these are not the labels of the metric") };
        if T::OPEN || T::LENGTH == 0 {
            return self.family().table.resolve(labels);
        }
        // The number and not the labels goes on from here, so they stay in registers.
        let index = labels.index();
        match Table::<C>::resolve_by::<T>(&self.first, index) {
            Some(series) => series,
            None => self.find::<T>(index),
        }
    }

    #[cold]
    #[inline(never)]
    fn find<T: LabelTuple>(&self, index: usize) -> Series {
        let table = &self.family().table;
        table.keep_in(&self.first);
        table.resolve_at::<T>(index)
    }

    /// The one series of a family without labels always shows, so it can't be removed.
    pub(crate) fn remove<T: LabelTuple>(&self, labels: &T) -> bool {
        const { assert!(same_labels::<T, L::Values>(), "these are not the labels of the metric") };
        let family = self.family();
        if family.only.is_some() {
            return false;
        }
        let removed = family.table.take(labels);
        if let Some(series) = removed {
            family.forget(series);
        }
        removed.is_some()
    }

    pub(crate) fn remove_by_labels(&self, labels: &[(&str, &str)]) -> Result<usize, Error> {
        remove_by_labels(&**self.family(), labels)
    }

    pub(crate) fn clear(&self) {
        let family = self.family();
        if family.only.is_none() {
            // As above.
            family.table.exemplars_dropped();
            family.table.clear();
            family.forget_removed();
        }
    }

    pub(crate) fn describe(&self) -> Vec<Descriptor> {
        vec![self.descriptor().to_descriptor()]
    }

    /// Of a mark what it says, so that no family is made.
    pub(crate) fn descriptor(&self) -> DescriptorRef<'_> {
        match self.spec {
            None => DescriptorRef::from(&self.family().descriptor),
            Some(spec) => spec.descriptor(C::KIND, L::NAMES),
        }
    }

    pub(crate) fn collector(&self) -> Arc<dyn Collector> {
        Arc::<Family<C>>::clone(self.family())
    }

    pub(crate) fn collect(&self, out: &mut Collected) {
        out.push(Arc::clone(self.family()) as Arc<dyn Live>);
    }

    /// What the series of this family have in common.
    #[inline]
    pub(crate) fn shape(&self) -> C::Shape {
        self.family().table.shape()
    }

    /// What the family has beside the cells of its series.
    #[inline]
    pub(crate) fn beside(&self) -> &C::Beside {
        &self.family().beside
    }
}

/// Whether two sets of labels are finite and open alike, which is what the storage goes by.
const fn same_labels<A: LabelTuple, B: LabelTuple>() -> bool {
    if A::LENGTH != B::LENGTH || A::FINITE != B::FINITE {
        return false;
    }
    let mut at = 0;
    while at < A::LENGTH {
        if A::IS_OPEN[at] != B::IS_OPEN[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The present value of a series; none where it has been removed.
pub(crate) fn read<C: MetricCell>(series: Series, shape: C::Shape) -> Option<C::Reading> {
    Table::<C>::read(series, shape, &mut Scratch::default())
}

impl<C: MetricCell> Core<(), C> {
    /// The one series of a metric without labels.
    #[inline]
    pub(crate) fn only(&self) -> Series {
        match self.first.only() {
            Some(only) => only,
            None => self.find_only(),
        }
    }

    /// The one series and the family's shape, once somebody has asked for the series.
    #[inline]
    pub(crate) fn known(&self) -> Option<(Series, C::Shape)> {
        let only = self.first.only()?;
        Some((only, self.family.get()?.table.shape()))
    }

    #[cold]
    #[inline(never)]
    fn find_only(&self) -> Series {
        let only = self.family().only.expect("`Family::new` makes it where there are no labels");
        self.first.keep_only(only);
        only
    }
}

impl Core<(), Unsigned> {
    /// Adds to a counter without labels.
    #[inline]
    pub(crate) fn add(&self, by: u64) {
        if !self.permanent.add(by) {
            self.add_slowly(by);
        }
    }

    #[inline(never)]
    fn add_slowly(&self, by: u64) {
        if self.spec.is_none() {
            self.only().add_unsigned(by);
        } else {
            // Without the family, whose making allocates: an allocator may count its calls.
            self.permanent.add_slowly(by);
        }
    }
}

impl<L: Labels, C: MetricCell> Clone for Core<L, C> {
    fn clone(&self) -> Self {
        Self::of_family(Arc::clone(self.family()))
    }
}

impl<L: Labels, C: MetricCell> fmt::Debug for Core<L, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family().descriptor.name())
    }
}
