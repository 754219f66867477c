//! From a label set to its cell.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::cell::Cell;
use crate::label::{LabelTexts, LabelTuple};

/// One label set and its numbers.
#[derive(Debug)]
pub(crate) struct Series<C> {
    labels: Box<[Box<str>]>,
    pub(crate) cell: C,
    refused: Arc<AtomicU64>,
}

impl<C: Cell> Series<C> {
    fn made(labels: &LabelTexts, shape: &C::Shape, refused: &Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self { labels: labels.texts(), cell: C::new(shape), refused: Arc::clone(refused) })
    }

    /// Notes a value that the cell must not take.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// The values of the labels, in the order of their names.
    pub(crate) fn labels(&self) -> &[Box<str>] {
        &self.labels
    }
}

/// The series of one family.
///
/// A finite family's are found by arithmetic, an open one's by the texts of their labels. Past `max_series`, an open
/// family counts in overflow series, one for each combination of its finite labels; they are found by their texts too,
/// so that a label set that really reads `other` shares one and no series stands twice on a page.
#[derive(Debug)]
pub(crate) struct Table<C: Cell> {
    shape: C::Shape,
    max_series: usize,
    slots: RwLock<Slots<C>>,
    overflowed: AtomicU64,
    refused: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Slots<C> {
    finite: Vec<Option<Arc<Series<C>>>>,
    open: HashMap<Box<[u8]>, Found<C>>,
    /// How many of `open` count towards the limit.
    limited: usize,
}

#[derive(Debug)]
struct Found<C> {
    series: Arc<Series<C>>,
    overflow: bool,
}

impl<C: Cell> Table<C> {
    /// For label sets of the type `T`, of which `max_series` is the limit where a label is open. `shown` makes every
    /// series of a finite family at once.
    pub(crate) fn new<T: LabelTuple>(shape: C::Shape, max_series: usize, shown: bool) -> Self {
        let refused = Arc::new(AtomicU64::new(0));
        let mut finite = Vec::new();
        if !T::OPEN {
            finite.resize_with(T::FINITE, || None);
        }
        if shown {
            for (index, slot) in finite.iter_mut().enumerate() {
                *slot = Some(Series::made(&texts_at::<T>(index), &shape, &refused));
            }
        }
        let slots = RwLock::new(Slots { finite, open: HashMap::new(), limited: 0 });
        Self { shape, max_series, slots, overflowed: AtomicU64::new(0), refused }
    }

    /// The series of a label set, made if it is new.
    pub(crate) fn resolve<T: LabelTuple>(&self, labels: &T) -> Arc<Series<C>> {
        if T::OPEN { self.resolve_open(labels) } else { self.resolve_finite::<T>(labels.index()) }
    }

    fn resolve_open<T: LabelTuple>(&self, labels: &T) -> Arc<Series<C>> {
        let texts = LabelTexts::of(|out| labels.write(out));
        let slots = self.read();
        if let Some(found) = slots.open.get(texts.key()) {
            return Arc::clone(&found.series);
        }
        // Keys past the limit may be what an attacker sends, so they lock nobody out.
        if slots.limited >= self.max_series
            && let Some(found) = slots.open.get(texts_at::<T>(labels.index()).key())
        {
            self.overflowed.fetch_add(1, Relaxed);
            return Arc::clone(&found.series);
        }
        drop(slots);

        let mut slots = self.write();
        if let Some(found) = slots.open.get(texts.key()) {
            return Arc::clone(&found.series);
        }
        let overflow = slots.limited >= self.max_series;
        let texts = if overflow {
            self.overflowed.fetch_add(1, Relaxed);
            let texts = texts_at::<T>(labels.index());
            if let Some(found) = slots.open.get(texts.key()) {
                return Arc::clone(&found.series);
            }
            texts
        } else {
            slots.limited += 1;
            texts
        };
        let series = Series::made(&texts, &self.shape, &self.refused);
        slots.open.insert(texts.key().into(), Found { series: Arc::clone(&series), overflow });
        series
    }

    fn resolve_finite<T: LabelTuple>(&self, index: usize) -> Arc<Series<C>> {
        if let Some(Some(series)) = self.read().finite.get(index) {
            return Arc::clone(series);
        }
        let mut slots = self.write();
        let make = || Series::made(&texts_at::<T>(index), &self.shape, &self.refused);
        match slots.finite.get_mut(index) {
            Some(slot) => Arc::clone(slot.get_or_insert_with(make)),
            // Only a hand-written `index` beyond its own cardinality comes here.
            None => make(),
        }
    }

    /// Takes a label set's series out; says whether there was one. Handles to it go on counting where nobody looks.
    pub(crate) fn remove<T: LabelTuple>(&self, labels: &T) -> bool {
        if !T::OPEN {
            return self.write().finite.get_mut(labels.index()).is_some_and(|slot| slot.take().is_some());
        }
        let texts = LabelTexts::of(|out| labels.write(out));
        let mut slots = self.write();
        let removed = slots.open.remove(texts.key());
        slots.limited -= usize::from(removed.as_ref().is_some_and(|found| !found.overflow));
        removed.is_some()
    }

    /// Takes every series out.
    pub(crate) fn clear(&self) {
        let mut slots = self.write();
        slots.finite.fill(None);
        slots.open.clear();
        slots.limited = 0;
    }

    /// Every series, by label values.
    pub(crate) fn sorted(&self) -> Vec<Arc<Series<C>>> {
        let slots = self.read();
        let open = slots.open.values().map(|found| &found.series);
        let mut series: Vec<_> = slots.finite.iter().flatten().chain(open).map(Arc::clone).collect();
        drop(slots);
        series.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        series
    }

    /// How often a label set was past the limit.
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Relaxed)
    }

    /// How many values the cells refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    fn read(&self) -> RwLockReadGuard<'_, Slots<C>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slots<C>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn texts_at<T: LabelTuple>(index: usize) -> LabelTexts {
    LabelTexts::of(|out| T::write_index(index, out))
}

#[cfg(test)]
mod tests {
    use super::super::UnsignedCell;
    use super::*;

    type Open = (bool, &'static str);

    fn state(table: &Table<UnsignedCell>) -> Vec<(String, u64)> {
        table.sorted().iter().map(|series| (series.labels().join(" "), series.cell.get())).collect()
    }

    #[test]
    fn past_the_limit_totals_stay_exact() {
        let table = Table::<UnsignedCell>::new::<Open>((), 2, false);
        for (set, count) in [
            ((true, "a"), 1),
            ((false, "b"), 2),
            ((true, "c"), 4),
            ((true, "d"), 8),
            ((false, "e"), 16),
            ((true, "a"), 32),
        ] {
            table.resolve(&set).cell.add(count);
        }
        assert_eq!(
            state(&table),
            [
                ("false b".to_owned(), 2),
                ("false other".to_owned(), 16),
                ("true a".to_owned(), 33),
                ("true other".to_owned(), 12)
            ]
        );
        assert_eq!(table.overflowed(), 3);
    }

    #[test]
    fn a_label_that_reads_other_shares_the_overflow_series() {
        let table = Table::<UnsignedCell>::new::<Open>((), 2, false);
        for text in ["other", "a", "b", "other"] {
            table.resolve(&(true, text)).cell.add(1);
        }
        assert_eq!(state(&table), [("true a".to_owned(), 1), ("true other".to_owned(), 3)]);

        let table = Table::<UnsignedCell>::new::<Open>((), 1, false);
        for text in ["a", "b", "other"] {
            table.resolve(&(true, text)).cell.add(1);
        }
        assert_eq!(state(&table), [("true a".to_owned(), 1), ("true other".to_owned(), 2)]);
    }

    #[test]
    fn removing_makes_room() {
        let table = Table::<UnsignedCell>::new::<Open>((), 1, false);
        table.resolve(&(true, "a")).cell.add(1);
        table.resolve(&(true, "b")).cell.add(1);
        assert!(table.remove(&(true, "a")) && !table.remove(&(true, "a")) && !table.remove(&(true, "b")));
        table.resolve(&(true, "c")).cell.add(1);
        assert_eq!(state(&table), [("true c".to_owned(), 1), ("true other".to_owned(), 1)]);
        assert!(table.remove(&(true, "other")));
        table.resolve(&(true, "d")).cell.add(1);
        assert_eq!(state(&table), [("true c".to_owned(), 1), ("true other".to_owned(), 1)]);
        table.clear();
        assert!(state(&table).is_empty());
        table.resolve(&(true, "d")).cell.add(1);
        assert_eq!(state(&table), [("true d".to_owned(), 1)]);
    }

    #[test]
    fn a_finite_family_is_shown_or_made_on_demand() {
        type Finite = (bool, Option<bool>);
        let shown = Table::<UnsignedCell>::new::<Finite>((), 0, true);
        assert_eq!(shown.sorted().len(), 6);
        let table = Table::<UnsignedCell>::new::<Finite>((), 0, false);
        assert!(state(&table).is_empty());
        table.resolve(&(true, None::<bool>)).cell.add(1);
        assert_eq!(state(&table), [("true ".to_owned(), 1)]);
        assert!(table.remove(&(true, None::<bool>)) && !table.remove(&(true, None::<bool>)));
    }
}
