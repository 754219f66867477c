//! The series of one family: found, made and removed.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::{OnceLock, PoisonError};

use super::exemplar::{self, forget_exemplars};
use super::function::forget_functions;
use super::index::{Index, IndexState, Search};
use super::key::{Key, Layout};
use super::kind::{Blocks, Kind, REFUSALS, Scratch};
use super::line::{First, LOW, Line, PERMANENT, Run, Series, new_id, present};
use super::shard::SHARDS;
use super::slots::{NO_SLOT, give_back, take};
use super::state::State;
use super::sync::{
    AtomicBool, GlobalU64, Mutex, MutexGuard,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use super::tag::tagged;
use super::visit::Lines;
use crate::clock::since_epoch;
use crate::label::{LabelTexts, LabelTuple, Rendering};

/// The series of one family.
///
/// A finite family's are found by arithmetic, an open one's by their texts. Past `max_series`, an open family counts in
/// overflow series, one for each combination of its finite labels; they are found by their texts too, so that a label
/// set that really reads `other` shares one and no series stands twice on a page.
pub(crate) struct Table<K: Kind> {
    shape: K::Shape,
    find: Find,
    rendering: Rendering,
    max_series: usize,
    full: AtomicBool,
    overflowed: GlobalU64,
    exemplars: Dropped,
    /// Series made and removed.
    pub(super) changes: GlobalU64,
    state: Mutex<State>,
    /// Of an open family, what takes a line out of the index.
    unlink: Option<Unlink>,
    kind: PhantomData<fn() -> K>,
}

type Unlink = unsafe fn(&Index, &mut IndexState, NonNull<Line>);

/// How many exemplars broke a rule.
#[derive(Debug, Default)]
struct Dropped {
    sum: GlobalU64,
    /// How many all series of the program had dropped when this family's were last asked.
    looked_at: GlobalU64,
}

/// What a new series begins with.
#[derive(Clone, Copy)]
struct New {
    id: u64,
    slot: u32,
    created: u64,
}

enum Find {
    /// A line for each combination.
    Finite(Run),
    Open(Index),
}

impl<K: Kind> Table<K> {
    /// For label sets of the type `T`, of which `max_series` is the limit where a label is open. `shown` makes every
    /// series of a finite family at once.
    pub(crate) fn new<T: LabelTuple>(shape: K::Shape, rendering: Rendering, max_series: usize, shown: bool) -> Self {
        let find = if T::OPEN {
            Find::Open(Index::new())
        } else {
            Find::Finite(Run::take(T::FINITE.max(1), true, K::FIRST_WORD, K::COUNTS_IN_LINE))
        };
        let table = Self {
            shape,
            find,
            rendering,
            max_series,
            full: AtomicBool::new(max_series == 0),
            overflowed: GlobalU64::new(0),
            exemplars: Dropped::default(),
            changes: GlobalU64::new(0),
            state: Mutex::new(State::new()),
            // In a constant, so that for finite labels nothing of it is compiled.
            unlink: const { if T::OPEN { Some(Index::remove::<T, K> as Unlink) } else { None } },
            kind: PhantomData,
        };
        if shown && !T::OPEN {
            for index in 0..T::FINITE {
                table.make_finite::<T>(index);
            }
        }
        table
    }

    /// The one series of a family without labels, whose cells nobody ever had, and which is never removed.
    pub(crate) fn permanent(shape: K::Shape, rendering: Rendering, slot: u32, created: u64) -> (Self, Series) {
        let table = Self::new::<()>(shape, rendering, 1, false);
        let Find::Finite(run) = &table.find else { unreachable!("no labels are no open labels") };
        let line = run.line(0);
        table.begin_finite::<()>(&mut table.lock(), line, 0, New { id: PERMANENT, slot, created });
        // SAFETY: it is a line of a run.
        let series = unsafe { Series::new(line, PERMANENT) };
        (table, series)
    }

    pub(crate) fn shape(&self) -> K::Shape {
        self.shape
    }

    /// The series of a label set, made if it is new.
    #[inline]
    pub(crate) fn resolve<T: LabelTuple>(&self, labels: &T) -> Series {
        // Known when it is compiled, so that no code for open labels is compiled where there are none.
        if !T::OPEN {
            return self.resolve_at::<T>(labels.index());
        }
        // Labels of another family's types, which no caller has.
        let Find::Open(index) = &self.find else { return nowhere() };
        labels.with_texts(|texts| {
            let key = Key::of::<T, K>(index.seed, texts, labels.index());
            // SAFETY: the family's labels are of these types, and its arena is as old as it.
            match unsafe { index.find::<T, K>(&key) } {
                Some(series) => series,
                None => self.find_or_make(index, labels),
            }
        })
    }

    /// Of a label set whose place in the index another one has, or that is new. It finds the key by itself, which so stays
    /// in registers for the others.
    #[inline(never)]
    fn find_or_make<T: LabelTuple>(&self, index: &Index, labels: &T) -> Series {
        let found = labels.with_texts(|texts| {
            let key = Key::of::<T, K>(index.seed, texts, labels.index());
            // SAFETY: the family's labels are of these types, and its arena is as old as it.
            unsafe { index.find_farther::<T, K>(&key) }
        });
        found.unwrap_or_else(|| self.make_open(index, labels))
    }

    /// The series of a combination of finite labels, made if it is new.
    #[inline]
    pub(crate) fn resolve_at<T: LabelTuple>(&self, index: usize) -> Series {
        let there = match &self.find {
            Find::Finite(run) if index < run.count => present(run.line(index)),
            Find::Finite(_) | Find::Open(_) => None,
        };
        there.unwrap_or_else(|| self.make_finite::<T>(index))
    }

    /// The series of a combination of finite labels, by the family's first line where that has been kept before.
    #[inline]
    pub(crate) fn resolve_by<T: LabelTuple>(first: &First, index: usize) -> Option<Series> {
        // SAFETY: `keep_in` kept it, of a family whose labels are of these types.
        unsafe { first.at::<T, K>(index) }
    }

    /// Keeps where the lines of a finite family begin.
    pub(crate) fn keep_in(&self, first: &First) {
        if let Find::Finite(run) = &self.find {
            first.keep_lines(*run);
        }
    }

    #[cold]
    #[inline(never)]
    fn make_finite<T: LabelTuple>(&self, index: usize) -> Series {
        let Find::Finite(run) = &self.find else { return nowhere() };
        // Only a hand-written `index` beyond its own cardinality comes here.
        if index >= run.count {
            return nowhere();
        }
        let line = run.line(index);
        let mut state = self.lock();
        present(line).unwrap_or_else(|| {
            let new = self.new_series();
            self.begin_finite::<T>(&mut state, line, index, new);
            // SAFETY: it is a line of a run.
            unsafe { Series::new(line, new.id) }
        })
    }

    /// How many labels each of its series has.
    pub(super) fn label_count(&self) -> usize {
        self.rendering.count()
    }

    fn new_series(&self) -> New {
        let in_line = K::COUNTS_IN_LINE && matches!(self.find, Find::Open(_));
        let slot = if in_line { NO_SLOT } else { take(K::width(self.shape)) };
        New { id: new_id(), slot, created: since_epoch() }
    }

    fn begin_finite<T: LabelTuple>(&self, state: &mut State, line: NonNull<Line>, index: usize, new: New) {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        // What a combination reads stays the same.
        if header.text.load(Relaxed).is_null() {
            let texts = LabelTexts::of(|out| T::write_index(index, out));
            let entry = state.arena.write(&[], &self.rendering.labels(&texts));
            header.text.store(entry.map_or(std::ptr::null_mut(), NonNull::as_ptr), Relaxed);
        }
        self.begin(state, line, new);
    }

    /// Gives a line to a series.
    fn begin(&self, state: &mut State, line: NonNull<Line>, new: New) {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        // SAFETY: the family keeps its arena.
        if let Some(entry) = unsafe { header.text.load(Relaxed).as_ref() } {
            entry.keep_created(new.created);
        }
        // A handle of a series that is gone may have been giving the line cells.
        give_back(header.slot.swap(new.slot, AcqRel), K::width(self.shape));
        header.state.store(new.id << LOW, Release);
        state.live += 1;
        self.changes.fetch_add(1, Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn make_open<T: LabelTuple>(&self, index: &Index, labels: &T) -> Series {
        let texts = LabelTexts::of(|out| labels.write(out));
        // Keys past the limit may be what an attacker sends, so they lock nobody out.
        if self.full.load(Acquire) {
            // After that, since the series may be the one that made the family full.
            match Self::search::<T>(index, &texts, labels.index()) {
                Search::Found(series) => return series,
                Search::Missing => {
                    let other = LabelTexts::of(|out| T::write_index(labels.index(), out));
                    if let Search::Found(series) = Self::search::<T>(index, &other, labels.index()) {
                        self.overflowed.fetch_add(1, Relaxed);
                        return series;
                    }
                }
                Search::Unknown => {}
            }
        }
        let mut state = self.lock();
        if let Search::Found(series) = Self::search::<T>(index, &texts, labels.index()) {
            return series;
        }
        if state.limited < self.max_series
            && let Some(series) = self.make::<T>(index, &mut state, &texts, labels.index())
        {
            state.limited += 1;
            self.full.store(state.limited >= self.max_series, Release);
            return series;
        }
        self.overflowed.fetch_add(1, Relaxed);
        let other = LabelTexts::of(|out| T::write_index(labels.index(), out));
        if let Search::Found(series) = Self::search::<T>(index, &other, labels.index()) {
            return series;
        }
        let Some(series) = self.make::<T>(index, &mut state, &other, labels.index()) else { return nowhere() };
        if let Err(at) = state.overflow.binary_search(&series.pointer()) {
            state.overflow.insert(at, series.pointer());
        }
        series
    }

    fn search<T: LabelTuple>(index: &Index, texts: &[Box<str>], number: usize) -> Search {
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let key = Key::of::<T, K>(index.seed, &texts, number);
        // SAFETY: the family's labels are of these types, and its arena is as old as it.
        unsafe { index.search::<T, K>(&key) }
    }

    /// Whether a search without the lock says that there is no such series.
    #[cfg(all(test, loom))]
    pub(super) fn misses<T: LabelTuple>(&self, labels: &T) -> bool {
        let Find::Open(index) = &self.find else { return false };
        let texts = LabelTexts::of(|out| labels.write(out));
        matches!(Self::search::<T>(index, &texts, labels.index()), Search::Missing)
    }

    /// By which an open family's index finds a label set.
    #[cfg(all(test, loom))]
    pub(super) fn hash<T: LabelTuple>(&self, labels: &T) -> u64 {
        let Find::Open(index) = &self.find else { return 0 };
        labels.with_texts(|texts| Key::of::<T, K>(index.seed, texts, labels.index()).hash)
    }

    /// None where the labels are too long.
    fn make<T: LabelTuple>(
        &self,
        index: &Index,
        state: &mut State,
        texts: &[Box<str>],
        number: usize,
    ) -> Option<Series> {
        let labels = self.rendering.labels(texts);
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let key = Key::of::<T, K>(index.seed, &texts, number);
        let rest = key.rest::<T>();
        let line = state.line(Layout::<T, K>::WORDS, K::COUNTS_IN_LINE);
        // A search that sees a word of the new key, in the line or in a place that was another's, sees that the series
        // there has gone.
        super::sync::fence(Release);
        let Some(entry) = state.arena.write(&rest, &labels) else {
            state.free.push(line);
            return None;
        };
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        header.text.store(entry.as_ptr(), Release);
        // SAFETY: the line is one of this family.
        unsafe { key.write::<T, K>(line) };
        let new = self.new_series();
        self.begin(state, line, new);
        // SAFETY: the lock is held, and the caller has searched; the rest as above.
        unsafe { index.insert::<T, K>(&mut state.index, line) };
        // SAFETY: it is a line of a run.
        Some(unsafe { Series::new(line, new.id) })
    }

    /// Takes a label set's series out, and says which one that was. Handles to it count nowhere from now on.
    pub(crate) fn take<T: LabelTuple>(&self, labels: &T) -> Option<Series> {
        if !T::OPEN {
            let Find::Finite(run) = &self.find else { return None };
            let index = labels.index();
            let mut state = self.lock();
            let series = if index < run.count { present(run.line(index))? } else { return None };
            return self.end(&mut state, series, Self::refusals().as_ref()).then_some(series);
        }
        let Find::Open(index) = &self.find else { return None };
        let texts = LabelTexts::of(|out| labels.write(out));
        let mut state = self.lock();
        let Search::Found(series) = Self::search::<T>(index, &texts, labels.index()) else { return None };
        self.take_out(&mut state, series, Self::refusals().as_ref());
        Some(series)
    }

    #[cfg(test)]
    pub(super) fn remove<T: LabelTuple>(&self, labels: &T) -> bool {
        self.take(labels).is_some()
    }

    /// Takes out every series that is asked for by its labels as they stand on a page; says how many there were.
    pub(crate) fn remove_where(&self, asked: &dyn Fn(&str) -> bool) -> usize {
        let refused = Self::refusals();
        let mut state = self.lock();
        let going = self.lines(&state).asked_for(asked);
        for series in &going {
            self.take_out(&mut state, *series, refused.as_ref());
        }
        going.len()
    }

    /// Takes a series out that is there.
    fn take_out(&self, state: &mut State, series: Series, refused: Option<&(u32, Blocks)>) {
        let Find::Open(index) = &self.find else {
            self.end(state, series, refused);
            return;
        };
        if let Some(unlink) = self.unlink {
            // SAFETY: the lock is held, it is that of the types of the family's labels, and its arena is as old as it.
            unsafe { unlink(index, &mut state.index, series.pointer()) };
        }
        match state.overflow.binary_search(&series.pointer()) {
            Ok(at) => drop(state.overflow.remove(at)),
            Err(_) => state.limited -= 1,
        }
        self.full.store(state.limited >= self.max_series, Relaxed);
        self.end(state, series, refused);
        state.leaving.push_back((SHARDS.epoch(), series.pointer()));
    }

    /// Takes every series out.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        if let Find::Open(index) = &self.find {
            index.clear(&mut state.index);
            state.limited = 0;
            state.overflow.clear();
            self.full.store(self.max_series == 0, Relaxed);
        }
        let refused = Self::refusals();
        for line in self.lines(&state).all() {
            if let Some(series) = present(line) {
                self.end(&mut state, series, refused.as_ref());
                if matches!(self.find, Find::Open(_)) {
                    state.leaving.push_back((SHARDS.epoch(), line));
                }
            }
        }
    }

    /// Ends a series. Nobody else makes or ends any meanwhile.
    fn end(&self, state: &mut State, series: Series, refused: Option<&(u32, Blocks)>) -> bool {
        if !series.retire::<K>() {
            return false;
        }
        // A reader that sees the slot go, or that of the line's next series, sees that this one has gone.
        let slot = series.line().slot.swap(NO_SLOT, AcqRel);
        if let Some((refused, blocks)) = refused {
            state.refused += refused_of(series, slot, K::width(self.shape), *refused, blocks);
        }
        if series.id != PERMANENT {
            give_back(slot, K::width(self.shape));
        }
        state.live -= 1;
        self.changes.fetch_add(1, Relaxed);
        true
    }

    /// Where refused values are counted, if there are any in the program.
    fn refusals() -> Option<(u32, Blocks)> {
        K::REFUSED.filter(|_| REFUSALS.load(Relaxed) > 0).map(|refused| (refused, Blocks::now()))
    }

    /// How often a label set was past the limit.
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Relaxed)
    }

    /// How many values the series refused.
    pub(crate) fn refused(&self) -> u64 {
        let Some((refused, blocks)) = Self::refusals() else { return 0 };
        // Under the lock, so that no series goes with its share meanwhile.
        let state = self.lock();
        let mut sum = state.refused;
        for line in self.lines(&state).all() {
            if let Some(series) = present(line) {
                let slot = series.line().slot.load(Acquire);
                sum += refused_of(series, slot, K::width(self.shape), refused, &blocks);
            }
        }
        sum
    }

    /// How many exemplars of its series broke a rule.
    pub(crate) fn exemplars_dropped(&self) -> u64 {
        let all = exemplar::all_dropped();
        if K::HAS_EXEMPLARS && self.exemplars.looked_at.swap(all, Relaxed) != all {
            let lines = self.lines(&self.lock());
            for line in lines.all() {
                if let Some(series) = present(line)
                    && series.state().is_some_and(Series::may_have_exemplars)
                    && let Some(exemplars) = exemplar::of(series)
                {
                    self.exemplars.sum.fetch_add(exemplars.take_dropped(), Relaxed);
                }
            }
        }
        self.exemplars.sum.load(Relaxed)
    }

    /// Drops the exemplars of a series that has been taken out.
    pub(crate) fn forget_exemplars(&self, series: Series) {
        if let Some(exemplars) = exemplar::take(series) {
            self.exemplars.sum.fetch_add(exemplars.take_dropped(), Relaxed);
        }
    }

    /// The value of one series; none where it has been removed.
    pub(crate) fn read(series: Series, shape: K::Shape, scratch: &mut Scratch) -> Option<K::Reading> {
        K::read(series, shape, &Blocks::now(), scratch)
    }

    pub(super) fn lines(&self, state: &State) -> Lines {
        match &self.find {
            Find::Finite(run) => Lines { runs: vec![*run], used: run.count },
            Find::Open(_) => Lines { runs: state.runs.clone(), used: state.used },
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Kind> Drop for Table<K> {
    /// Lines go to the next family; handles that are left count nowhere.
    fn drop(&mut self) {
        let mut state = self.lock();
        // SAFETY: nobody else has the table, so nobody searches.
        unsafe { state.index.free() };
        let lines = self.lines(&state);
        let mut permanent = false;
        for line in lines.all() {
            if let Some(series) = present(line) {
                permanent |= series.id == PERMANENT;
                self.end(&mut state, series, None);
            }
            // SAFETY: a line is never freed.
            unsafe { line.as_ref() }.text.store(std::ptr::null_mut(), Relaxed);
        }
        drop(state);
        if K::IS_GAUGE {
            forget_functions();
        }
        if K::HAS_EXEMPLARS {
            forget_exemplars();
        }
        // A handle to a permanent series doesn't find that its line is another's.
        if !permanent {
            for run in &lines.runs {
                run.give_back(K::COUNTS_IN_LINE);
            }
        }
    }
}

/// How many values a series refused, in the cell that counts them.
fn refused_of(series: Series, slot: u32, width: u32, refused: u32, blocks: &Blocks) -> u64 {
    if slot >= NO_SLOT {
        return 0;
    }
    let cells = blocks.cells(slot, width);
    cells.filter_map(|cells| tagged(&cells, series.id, || cells.at(refused).load(Relaxed))).sum()
}

/// A handle by which nothing is counted.
fn nowhere() -> Series {
    static NOWHERE: OnceLock<Run> = OnceLock::new();
    let run = NOWHERE.get_or_init(|| Run::take(1, true, 1, false));
    // SAFETY: it is a line of a run; no series ever has this id.
    unsafe { Series::new(run.line(0), u64::MAX >> LOW) }
}

#[cfg(all(test, not(loom)))]
mod tests;
