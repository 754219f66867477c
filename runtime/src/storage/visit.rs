//! The series of one family, one after the other.

use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::sync::Arc;

use super::apart::Counted;
use super::exemplar::{self, Exemplars};
use super::kind::{Blocks, Kind, Scratch};
use super::line::{Line, Run, Series, new_id, present};
use super::sync::Ordering::{Acquire, Relaxed};
use super::table::Table;
use super::text::Entry;
use crate::label::Rendering;
use crate::sort::order;

/// In which order a family's series are visited, and which.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Those that were there when it was asked for, by label values.
    Listed(Arc<[Series]>),
    /// As they were made; not those that were made after it was asked for, since a series that was removed and made
    /// again would stand on a page twice.
    AsMade { lines: Lines, before: u64 },
}

/// How far a visit has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    run: usize,
    index: usize,
}

/// A series that is there, with what a visitor may want of it.
pub(crate) struct Visited<'a, K: Kind> {
    pub(crate) series: Series,
    /// As they stand on a page: `a="x",b="y"`.
    pub(crate) labels: &'a str,
    /// How long their values are, each in a byte.
    pub(crate) lengths: &'a [u8],
    state: u64,
    entry: &'a Entry,
    blocks: &'a Blocks,
    shape: K::Shape,
}

impl<K: Kind> Visited<'_, K> {
    /// When it began to count, in nanoseconds since the Unix epoch. What is [read](Self::read) behind that has counted
    /// since then or, if it is begun anew meanwhile, later.
    #[inline]
    pub(crate) fn created(&self) -> u64 {
        K::begun_anew(self.series).unwrap_or_else(|| self.entry.created())
    }

    /// The exemplars of what is [read](Self::read) behind that, if it has any.
    #[inline]
    pub(crate) fn exemplars(&self) -> Option<Arc<Exemplars>> {
        if K::HAS_EXEMPLARS && Series::may_have_exemplars(self.state) { exemplar::of(self.series) } else { None }
    }

    /// The value; none where the series has been removed meanwhile.
    #[inline]
    pub(crate) fn read(&self, scratch: &mut Scratch) -> Option<K::Reading> {
        K::read(self.series, self.shape, self.blocks, scratch)
    }
}

/// Up to how many series a family is visited by label values; above, in the order of its lines.
pub(super) const SORTED: usize = 10_000;

impl<K: Kind> Table<K> {
    /// The series that are there now, in the order in which they are to be visited.
    pub(crate) fn order(&self) -> Order {
        let (lines, changes) = {
            let state = self.lock();
            let changes = self.changes.load(Relaxed);
            if let Some((at, sorted)) = &state.sorted
                && *at == changes
            {
                return Order::Listed(Arc::clone(sorted));
            }
            let lines = self.lines(&state);
            if state.live > SORTED {
                return Order::AsMade { lines, before: new_id() };
            }
            (lines, changes)
        };
        let sorted = lines.sorted();
        self.lock().sorted = Some((changes, Arc::clone(&sorted)));
        Order::Listed(sorted)
    }

    /// Visits the series of an order from a position on, until the visitor breaks off. The position is moved on. What is
    /// read of a series is what is counted so.
    ///
    /// While it runs, nothing that was removed is written anew, so it runs for a short time only.
    pub(crate) fn visit(
        &self,
        counted: Counted,
        order: &Order,
        position: &mut Position,
        mut visit: impl FnMut(Visited<'_, K>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(blocks) = Blocks::of(counted) else { return ControlFlow::Continue(()) };
        let count = self.label_count();
        let mut show = |series: Series| {
            let Some(Text { state, entry, labels, lengths }) = text_of(series, &blocks, count) else {
                return ControlFlow::Continue(());
            };
            visit(Visited { series, labels, lengths, state, entry, blocks: &blocks, shape: self.shape() })
        };
        match order {
            Order::Listed(series) => {
                while let Some(series) = series.get(position.index) {
                    position.index += 1;
                    show(*series)?;
                }
            }
            Order::AsMade { lines, before } => {
                while let Some(run) = lines.runs.get(position.run) {
                    let count = lines.count(position.run);
                    while position.index < count {
                        let line = run.line(position.index);
                        position.index += 1;
                        if let Some(series) = present(line).filter(|series| series.id < *before) {
                            show(series)?;
                        }
                    }
                    *position = Position { run: position.run + 1, index: 0 };
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Lines of a family.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(super) runs: Vec<Run>,
    /// How many of the last run.
    pub(super) used: usize,
}

impl Lines {
    fn count(&self, run: usize) -> usize {
        if run + 1 == self.runs.len() { self.used } else { self.runs[run].count }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = NonNull<Line>> {
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(at, run)| (0..self.count(at)).map(|index| run.line(index)))
    }

    /// The series that are there and are asked for by their labels as they stand on a page.
    pub(super) fn asked_for(&self, asked: &dyn Fn(&str) -> bool) -> Vec<Series> {
        let blocks = Blocks::now();
        let mut found = Vec::new();
        for line in self.all() {
            if let Some(series) = present(line)
                && labels_of(series, &blocks).is_some_and(asked)
            {
                found.push(series);
            }
        }
        found
    }

    /// The series that are there, by label values.
    fn sorted(&self) -> Arc<[Series]> {
        let blocks = Blocks::now();
        let (mut values, mut series) = (Vec::new(), Vec::new());
        for line in self.all() {
            if let Some(found) = present(line)
                && let Some(labels) = labels_of(found, &blocks)
            {
                values.push(Rendering::values(labels));
                series.push(found);
            }
        }
        drop(blocks);
        let mut sorted = Vec::with_capacity(series.len());
        for at in order(values.len(), &|a, b| values[a].cmp(&values[b])) {
            sorted.push(series[at]);
        }
        sorted.into()
    }
}

/// The labels of a series, as long as nothing is written over.
#[inline]
pub(super) fn labels_of(series: Series, blocks: &Blocks) -> Option<&str> {
    text_of(series, blocks, 0).map(|text| text.labels)
}

/// The labels of a series, the entry in which they stand, and the state in which the series was before.
struct Text<'a> {
    state: u64,
    entry: &'a Entry,
    labels: &'a str,
    lengths: &'a [u8],
}

/// The series is of a family with at least so many labels.
#[inline]
fn text_of(series: Series, _blocks: &Blocks, labels: usize) -> Option<Text<'_>> {
    // After the reader came: a series that is there now is not written over while it reads.
    let state = series.state()?;
    let entry = NonNull::new(series.line().text.load(Acquire))?;
    // SAFETY: the series is there since the reader came, the family keeps its arena, and the series has so many labels.
    let (entry, (labels, lengths)) = unsafe { (entry.as_ref(), Entry::labels(entry, labels)) };
    Some(Text { state, entry, labels, lengths })
}
