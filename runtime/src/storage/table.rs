//! The series of one family: found, made, removed, visited.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock, PoisonError};

use super::block::{Block, Cells};
use super::function::forget_functions;
use super::index::{Index, IndexState, Search};
use super::key::{Key, Layout};
use super::line::{First, LOW, Line, PERMANENT, Run, Series, new_id, present};
use super::number::tagged;
use super::shard::{SHARDS, gone};
use super::slots::{NO_SLOT, give_back, take};
use super::sync::{
    AtomicBool, GlobalU64, Mutex, MutexGuard,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use super::text::{Arena, Entry};
use crate::label::{LabelTexts, LabelTuple, Rendering};
use crate::sort::sort_by;

/// What the numbers of a series are.
pub(crate) trait Kind: Sized + 'static {
    /// What a family's series have in common.
    type Shape: Copy + Send + Sync + std::fmt::Debug;
    /// What a reader finds.
    type Reading;
    /// Whether a series counts in its line before it has cells.
    const COUNTS_IN_LINE: bool = false;
    /// Whether it can be set.
    const IS_GAUGE: bool = false;
    /// The cell in which refused values are counted.
    const REFUSED: Option<u32> = None;
    /// Where the key begins in the words of a line: behind the value of a gauge.
    const FIRST_WORD: usize = Self::IS_GAUGE as usize;

    /// How many cells a series has.
    fn width(shape: Self::Shape) -> u32;

    /// The present value of a series; none where it has been removed.
    fn read(series: Series, shape: Self::Shape, blocks: &Blocks, scratch: &mut Scratch) -> Option<Self::Reading>;
}

/// How many values all metrics of the program have refused: as long as there are none, nobody looks for them.
pub(super) static REFUSALS: GlobalU64 = GlobalU64::new(0);

/// Room for reading a histogram.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The buckets, not cumulative.
    pub(crate) counts: Vec<u64>,
    pub(super) read: Vec<u64>,
}

/// Every block that there was when a reader came, while it is there.
pub(crate) struct Blocks {
    blocks: Vec<*const Block>,
    _reader: super::shard::Reader<'static>,
}

impl Blocks {
    pub(super) fn now() -> Self {
        let reader = SHARDS.read();
        Self { blocks: reader.blocks().collect(), _reader: reader }
    }

    /// The cells of a series.
    pub(super) fn cells(&self, slot: u32, width: u32) -> impl Iterator<Item = Cells> {
        self.blocks.iter().filter_map(move |&block| {
            // SAFETY: the reader keeps it.
            let length = unsafe { Block::length(block) };
            // SAFETY: as above, and compared.
            (slot + width <= length).then(|| unsafe { Cells::new(block, slot, width) })
        })
    }
}

/// A series that is there, with what a visitor may want of it.
pub(crate) struct Visited<'a, K: Kind> {
    pub(crate) series: Series,
    /// As they stand on a page: `a="x",b="y"`.
    pub(crate) labels: &'a str,
    blocks: &'a Blocks,
    shape: K::Shape,
}

impl<K: Kind> Visited<'_, K> {
    /// The value; none where the series has been removed meanwhile.
    #[inline]
    pub(crate) fn read(&self, scratch: &mut Scratch) -> Option<K::Reading> {
        K::read(self.series, self.shape, self.blocks, scratch)
    }
}

/// Up to how many series a family is visited by label values; above, in the order of its lines.
const SORTED: usize = 10_000;

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
    /// Series made and removed.
    changes: GlobalU64,
    state: Mutex<State>,
    /// Of an open family, what takes a line out of the index.
    unlink: Option<Unlink>,
    kind: PhantomData<fn() -> K>,
}

type Unlink = unsafe fn(&Index, &mut IndexState, NonNull<Line>);

enum Find {
    /// A line for each combination.
    Finite(Run),
    Open(Index),
}

struct State {
    /// Of an open family.
    runs: Vec<Run>,
    /// How many lines of the last run have been used.
    used: usize,
    /// Lines without a series.
    free: Vec<NonNull<Line>>,
    /// Lines whose text may still be being read, and in which epoch they were taken away.
    leaving: VecDeque<(usize, NonNull<Line>)>,
    index: IndexState,
    arena: Arena,
    live: usize,
    /// How many series count towards the limit.
    limited: usize,
    /// Those that don't, by rising addresses.
    overflow: Vec<NonNull<Line>>,
    /// What removed series had refused.
    refused: u64,
    sorted: Option<(u64, Arc<[Series]>)>,
}

// SAFETY: the pointers are to lines, which are never freed and all of which is atomic.
unsafe impl Send for State {}

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
            changes: GlobalU64::new(0),
            state: Mutex::new(State {
                runs: Vec::new(),
                used: 0,
                free: Vec::new(),
                leaving: VecDeque::new(),
                index: IndexState::default(),
                arena: Arena::new(),
                live: 0,
                limited: 0,
                overflow: Vec::new(),
                refused: 0,
                sorted: None,
            }),
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
    pub(crate) fn permanent(shape: K::Shape, rendering: Rendering, slot: u32) -> (Self, Series) {
        let table = Self::new::<()>(shape, rendering, 1, false);
        let Find::Finite(run) = &table.find else { unreachable!("no labels are no open labels") };
        let line = run.line(0);
        table.begin_finite::<()>(&mut table.lock(), line, 0, PERMANENT, slot);
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
                None => self.make_open(index, labels),
            }
        })
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
            let id = new_id();
            self.begin_finite::<T>(&mut state, line, index, id, self.cells_of_new());
            // SAFETY: it is a line of a run.
            unsafe { Series::new(line, id) }
        })
    }

    fn cells_of_new(&self) -> u32 {
        if K::COUNTS_IN_LINE && matches!(self.find, Find::Open(_)) { NO_SLOT } else { take(K::width(self.shape)) }
    }

    fn begin_finite<T: LabelTuple>(&self, state: &mut State, line: NonNull<Line>, index: usize, id: u64, slot: u32) {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        // What a combination reads stays the same.
        if header.text.load(Relaxed).is_null() {
            let texts = LabelTexts::of(|out| T::write_index(index, out));
            let entry = state.arena.write(&[], &self.rendering.labels(&texts));
            header.text.store(entry.map_or(std::ptr::null_mut(), NonNull::as_ptr), Relaxed);
        }
        self.begin(state, line, id, slot);
    }

    /// Gives a line to a series.
    fn begin(&self, state: &mut State, line: NonNull<Line>, id: u64, slot: u32) {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        // A handle of a series that is gone may have been giving the line cells.
        give_back(header.slot.swap(slot, AcqRel), K::width(self.shape));
        header.state.store(id << LOW, Release);
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
        let line = Self::line::<T>(state);
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
        let id = new_id();
        self.begin(state, line, id, self.cells_of_new());
        // SAFETY: the lock is held, and the caller has searched; the rest as above.
        unsafe { index.insert::<T, K>(&mut state.index, line) };
        // SAFETY: it is a line of a run.
        Some(unsafe { Series::new(line, id) })
    }

    fn line<T: LabelTuple>(state: &mut State) -> NonNull<Line> {
        if state.free.is_empty() && !state.leaving.is_empty() {
            let epoch = SHARDS.advance();
            let left = state.leaving.iter().take_while(|(left, _)| gone(*left, epoch)).take(AT_ONCE).count();
            for (_, line) in state.leaving.drain(..left) {
                // SAFETY: a line is never freed.
                if let Some(entry) = NonNull::new(unsafe { line.as_ref() }.text.load(Relaxed)) {
                    state.arena.give_back(entry);
                }
                state.free.push(line);
            }
        }
        if let Some(line) = state.free.pop() {
            return line;
        }
        if state.runs.last().is_none_or(|run| run.count == state.used) {
            let count = SMALLEST_RUN << state.runs.len().min(6);
            state.runs.push(Run::take(count, false, Layout::<T, K>::WORDS, K::COUNTS_IN_LINE));
            state.used = 0;
        }
        let run = state.runs[state.runs.len() - 1];
        state.used += 1;
        run.line(state.used - 1)
    }

    /// Takes a label set's series out; says whether there was one. Handles to it count nowhere from now on.
    pub(crate) fn remove<T: LabelTuple>(&self, labels: &T) -> bool {
        if !T::OPEN {
            let Find::Finite(run) = &self.find else { return false };
            let index = labels.index();
            let mut state = self.lock();
            return index < run.count
                && present(run.line(index))
                    .is_some_and(|series| self.end(&mut state, series, Self::refusals().as_ref()));
        }
        let Find::Open(index) = &self.find else { return false };
        let texts = LabelTexts::of(|out| labels.write(out));
        let mut state = self.lock();
        let Search::Found(series) = Self::search::<T>(index, &texts, labels.index()) else { return false };
        self.take_out(&mut state, series, Self::refusals().as_ref());
        true
    }

    /// Takes out every series that is asked for by its labels as they stand on a page; says how many there were.
    pub(crate) fn remove_where(&self, asked: &dyn Fn(&str) -> bool) -> usize {
        let refused = Self::refusals();
        let mut state = self.lock();
        let blocks = Blocks::now();
        let lines = self.lines(&state);
        let there = lines.all().filter_map(present);
        let going: Vec<Series> = there.filter(|series| labels_of(*series, &blocks).is_some_and(asked)).collect();
        drop(blocks);
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
            state.refused += self.refused_of(series, slot, *refused, blocks);
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

    fn refused_of(&self, series: Series, slot: u32, refused: u32, blocks: &Blocks) -> u64 {
        if slot >= NO_SLOT {
            return 0;
        }
        let cells = blocks.cells(slot, K::width(self.shape));
        cells.filter_map(|cells| tagged(&cells, series.id, || cells.at(refused).load(Relaxed))).sum()
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
        let lines = self.lines(&state);
        let series = lines.all().filter_map(present);
        let each = series.map(|series| self.refused_of(series, series.line().slot.load(Acquire), refused, &blocks));
        state.refused + each.sum::<u64>()
    }

    /// The value of one series; none where it has been removed.
    pub(crate) fn read(series: Series, shape: K::Shape, scratch: &mut Scratch) -> Option<K::Reading> {
        K::read(series, shape, &Blocks::now(), scratch)
    }

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
        let blocks = Blocks::now();
        let mut series: Vec<(Vec<String>, Series)> = Vec::new();
        for line in lines.all() {
            if let Some(found) = present(line)
                && let Some(labels) = labels_of(found, &blocks)
            {
                series.push((Rendering::values(labels), found));
            }
        }
        drop(blocks);
        sort_by(&mut series, |(a, _), (b, _)| a.cmp(b));
        let sorted: Arc<[Series]> = series.into_iter().map(|(_, series)| series).collect();
        self.lock().sorted = Some((changes, Arc::clone(&sorted)));
        Order::Listed(sorted)
    }

    /// Visits the series of an order from a position on, until the visitor breaks off. The position is moved on.
    ///
    /// While it runs, nothing that was removed is written anew, so it runs for a short time only.
    pub(crate) fn visit(
        &self,
        order: &Order,
        position: &mut Position,
        mut visit: impl FnMut(Visited<'_, K>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let blocks = Blocks::now();
        let mut show = |series: Series| {
            let Some(labels) = labels_of(series, &blocks) else { return ControlFlow::Continue(()) };
            visit(Visited { series, labels, blocks: &blocks, shape: self.shape })
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

    fn lines(&self, state: &State) -> Lines {
        match &self.find {
            Find::Finite(run) => Lines { runs: vec![*run], used: run.count },
            Find::Open(_) => Lines { runs: state.runs.clone(), used: state.used },
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
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
        forget_functions();
        // A handle to a permanent series doesn't find that its line is another's.
        if !permanent {
            lines.runs.into_iter().for_each(|run| run.give_back(K::COUNTS_IN_LINE));
        }
    }
}

/// The labels of a series, as long as nothing is written over.
#[inline]
fn labels_of(series: Series, _blocks: &Blocks) -> Option<&str> {
    // After the reader came: a series that is there now is not written over while it reads.
    series.state()?;
    let entry = NonNull::new(series.line().text.load(Acquire))?;
    // SAFETY: the series is there since the reader came, and the family keeps its arena.
    Some(unsafe { Entry::labels(entry) })
}

/// A handle by which nothing is counted.
fn nowhere() -> Series {
    static NOWHERE: OnceLock<Run> = OnceLock::new();
    let run = NOWHERE.get_or_init(|| Run::take(1, true, 1, false));
    // SAFETY: it is a line of a run; no series ever has this id.
    unsafe { Series::new(run.line(0), u64::MAX >> LOW) }
}

const SMALLEST_RUN: usize = if cfg!(loom) { 2 } else { 64 };

/// How many lines are made free again for one that is needed.
const AT_ONCE: usize = 64;

/// Lines of a family.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    runs: Vec<Run>,
    /// How many of the last run.
    used: usize,
}

impl Lines {
    fn count(&self, run: usize) -> usize {
        if run + 1 == self.runs.len() { self.used } else { self.runs[run].count }
    }

    fn all(&self) -> impl Iterator<Item = NonNull<Line>> {
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(at, run)| (0..self.count(at)).map(|index| run.line(index)))
    }
}

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

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::super::Unsigned;
    use super::*;

    type Open = (bool, &'static str);

    fn table<T: LabelTuple>(max_series: usize, shown: bool) -> Table<Unsigned> {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let rendering = Rendering::new(std::iter::empty(), names.into_iter().take(T::LENGTH));
        Table::new::<T>((), rendering, max_series, shown)
    }

    fn state(table: &Table<Unsigned>) -> Vec<(String, u64)> {
        let (mut found, mut scratch) = (Vec::new(), Scratch::default());
        let _ = table.visit(&table.order(), &mut Position::default(), |series| {
            found.extend(series.read(&mut scratch).map(|value| (Rendering::values(series.labels).join(" "), value)));
            ControlFlow::Continue(())
        });
        found
    }

    fn shown(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
        expected.iter().map(|(labels, value)| ((*labels).to_owned(), *value)).collect()
    }

    #[test]
    fn past_the_limit_totals_stay_exact() {
        let table = table::<Open>(2, false);
        for (set, count) in [
            ((true, "a"), 1),
            ((false, "b"), 2),
            ((true, "c"), 4),
            ((true, "d"), 8),
            ((false, "e"), 16),
            ((true, "a"), 32),
        ] {
            table.resolve(&set).add_unsigned(count);
        }
        assert_eq!(state(&table), shown(&[("false b", 2), ("false other", 16), ("true a", 33), ("true other", 12)]));
        assert_eq!(table.overflowed(), 3);
    }

    #[test]
    fn a_label_that_reads_other_shares_the_overflow_series() {
        let first = table::<Open>(2, false);
        for text in ["other", "a", "b", "other"] {
            first.resolve(&(true, text)).add_unsigned(1);
        }
        assert_eq!(state(&first), shown(&[("true a", 1), ("true other", 3)]));

        let second = table::<Open>(1, false);
        for text in ["a", "b", "other"] {
            second.resolve(&(true, text)).add_unsigned(1);
        }
        assert_eq!(state(&second), shown(&[("true a", 1), ("true other", 2)]));
    }

    #[test]
    fn removing_makes_room() {
        let table = table::<Open>(1, false);
        table.resolve(&(true, "a")).add_unsigned(1);
        table.resolve(&(true, "b")).add_unsigned(1);
        assert!(table.remove(&(true, "a")) && !table.remove(&(true, "a")) && !table.remove(&(true, "b")));
        table.resolve(&(true, "c")).add_unsigned(1);
        assert_eq!(state(&table), shown(&[("true c", 1), ("true other", 1)]));
        assert!(table.remove(&(true, "other")));
        table.resolve(&(true, "d")).add_unsigned(1);
        assert_eq!(state(&table), shown(&[("true c", 1), ("true other", 1)]));
        table.clear();
        assert!(state(&table).is_empty());
        table.resolve(&(true, "d")).add_unsigned(1);
        assert_eq!(state(&table), shown(&[("true d", 1)]));
    }

    #[test]
    fn a_finite_family_is_shown_or_made_on_demand() {
        type Finite = (bool, Option<bool>);
        assert_eq!(state(&table::<Finite>(0, true)).len(), 6);
        let table = table::<Finite>(0, false);
        assert!(state(&table).is_empty());
        table.resolve(&(true, None::<bool>)).add_unsigned(1);
        assert_eq!(state(&table), shown(&[("true ", 1)]));
        assert!(table.remove(&(true, None::<bool>)) && !table.remove(&(true, None::<bool>)));
        table.resolve(&(true, None::<bool>));
        assert_eq!(state(&table), shown(&[("true ", 0)]));
    }

    #[test]
    fn a_series_that_is_made_again_begins_at_zero_and_old_handles_count_nowhere() {
        type Finite = (bool,);
        let finite = table::<Finite>(0, true);
        let open = table::<(&str,)>(10, false);
        // Within its line, and in cells.
        for count in [1, 100_000] {
            let kept = [finite.resolve(&(true,)), open.resolve(&("x",))];
            for series in &kept {
                series.add_unsigned(count);
            }
            assert!(finite.remove(&(true,)) && open.remove(&("x",)));
            for series in &kept {
                series.add_unsigned(count);
            }
            let again = [finite.resolve(&(true,)), open.resolve(&("x",))];
            for series in &kept {
                series.add_unsigned(count);
            }
            for series in again {
                assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), Some(0));
                series.add_unsigned(7);
                assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), Some(7));
            }
            for series in kept {
                assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), None);
            }
            table_is_sound(&open);
            open.clear();
            finite.clear();
        }
    }

    fn table_is_sound(table: &Table<Unsigned>) {
        let mut labels: Vec<_> = state(table).into_iter().map(|(labels, _)| labels).collect();
        let before = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), before);
    }

    #[test]
    fn churn_takes_no_more_lines_than_there_were_series_at_once() {
        // Other tests may be reading, and lines are not written anew meanwhile.
        let lines = || (0..100).map(|_| lines_after_churn()).find(|lines| *lines <= 64 + 128 + 256);
        assert!(lines().is_some());
    }

    fn lines_after_churn() -> usize {
        let table = table::<(&str, &str)>(1000, false);
        let (rounds, series) = if cfg!(miri) { (3, 10) } else { (20, 100) };
        for round in 0..rounds {
            for index in 0..series {
                let (short, long) = (format!("{round}"), format!("{index}-{}", "x".repeat(index)));
                table.resolve(&(short.as_str(), long.as_str())).add_unsigned(1);
            }
            assert!(state(&table).iter().all(|(_, value)| *value == 1));
            assert_eq!(state(&table).len(), series);
            for index in 0..series {
                let (short, long) = (format!("{round}"), format!("{index}-{}", "x".repeat(index)));
                assert!(table.remove(&(short.as_str(), long.as_str())));
            }
        }
        table.lock().runs.iter().map(|run| run.count).sum()
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        let table = table::<(&str, &str, u64)>(10_000, false);
        let long = "0123456789abcdef0123456789abcdef0123456789abcdef";
        let texts: Vec<String> = (0..long.len())
            .map(|length| long[..length].to_owned())
            // The same length and the same ends.
            .chain((9..40).map(|at| format!("{}?{}", &long[..at], &long[at + 1..])))
            .step_by(if cfg!(miri) { 11 } else { 1 })
            .collect();
        for (count, text) in texts.iter().enumerate() {
            table.resolve(&(text.as_str(), "b", 1_u64)).add_unsigned(count as u64);
            table.resolve(&("b", text.as_str(), 1_u64)).add_unsigned(1);
            table.resolve(&("b", "c", count as u64)).add_unsigned(2);
        }
        for (count, text) in texts.iter().enumerate() {
            let read = |series| Table::<Unsigned>::read(series, (), &mut Scratch::default());
            if text != "b" {
                assert_eq!(read(table.resolve(&(text.as_str(), "b", 1_u64))), Some(count as u64), "{text}");
            }
        }
        assert_eq!(table.overflowed(), 0);
        table_is_sound(&table);
    }

    #[test]
    fn more_series_than_are_sorted_are_all_visited_once() {
        let (count, limit) = if cfg!(miri) { (60, 20) } else { (SORTED as u64 + 3000, SORTED as u64) };
        let table = table::<(u64,)>(100_000, false);
        for number in 0..count {
            table.resolve(&(number,)).add_unsigned(number);
        }
        let mut position = Position::default();
        let order = table.order();
        assert!(cfg!(miri) || matches!(order, Order::AsMade { .. }));
        let (mut sum, mut turns) = (0, 0);
        loop {
            let before = turns;
            let _ = table.visit(&order, &mut position, |series| {
                turns += 1;
                sum += series.read(&mut Scratch::default()).unwrap_or_default();
                if turns % 1000 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            // One that is removed and made again meanwhile doesn't stand there twice.
            if turns == limit / 2 {
                assert!(table.remove(&(1_u64,)));
                table.resolve(&(1_u64,)).add_unsigned(1);
            }
            if turns == before {
                break;
            }
        }
        assert_eq!((turns, sum), (count, (0..count).sum::<u64>()));
    }

    #[test]
    fn series_are_found_while_the_index_grows() {
        type Thirds = Option<bool>;
        // Past the limit, each combination of the finite labels makes a series, and searches are without the lock.
        let (rounds, kept, more) = if cfg!(miri) { (1, 15, 4) } else { (2, 4000, 3_usize.pow(8)) };
        let third = |number: usize, at: u32| [None, Some(false), Some(true)][number / 3_usize.pow(at) % 3];
        for _ in 0..rounds {
            let table = table::<(usize, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds)>(kept, false);
            let resolve = |text: usize, number: usize| {
                let third = |at| third(number, at);
                table.resolve(&(text, third(0), third(1), third(2), third(3), third(4), third(5), third(6), third(7)))
            };
            let ids: Vec<u64> = (0..kept).map(|text| resolve(text, 0).id).collect();
            let finished = AtomicBool::new(false);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        while !finished.load(Relaxed) {
                            for (text, id) in ids.iter().enumerate() {
                                assert_eq!(resolve(text, 0).id, *id);
                            }
                        }
                    });
                }
                (0..more).for_each(|number| resolve(kept, number).add_unsigned(1));
                finished.store(true, Relaxed);
            });
            assert_eq!(table.overflowed(), more as u64);
        }
    }

    #[test]
    fn series_come_and_go_while_they_are_searched_and_visited() {
        let table = table::<(&str,)>(1000, false);
        let (rounds, names) = if cfg!(miri) { (3, 8) } else { (300, 100) };
        let name = |index: usize| {
            format!("{}{index}", if index.is_multiple_of(2) { "" } else { "longer than a line has room: " })
        };
        let finished = AtomicBool::new(false);
        thread::scope(|scope| {
            let (table, name, finished) = (&table, &name, &finished);
            let changers: Vec<_> = (0..2)
                .map(|changer| {
                    scope.spawn(move || {
                        for _ in 0..rounds {
                            for index in (changer..names).step_by(2) {
                                table.resolve(&(name(index).as_str(),)).add_unsigned(1);
                            }
                            for index in (changer..names).step_by(2) {
                                assert!(table.remove(&(name(index).as_str(),)));
                            }
                        }
                    })
                })
                .collect();
            let visitor = scope.spawn(move || {
                let mut scratch = Scratch::default();
                while !finished.load(Relaxed) {
                    let _ = table.visit(&table.order(), &mut Position::default(), |series| {
                        let labels = Rendering::values(series.labels);
                        assert!(labels[0] == "stays" || (0..names).any(|index| name(index) == labels[0]), "{labels:?}");
                        let value = series.read(&mut scratch);
                        assert!(labels[0] == "stays" || value.is_none_or(|value| value <= 1), "{labels:?} {value:?}");
                        ControlFlow::Continue(())
                    });
                }
            });
            // One that stays is found all the while, and is always the same.
            let stays = table.resolve(&("stays",));
            let mut found = 0;
            while !changers.iter().all(thread::ScopedJoinHandle::is_finished) {
                table.resolve(&("stays",)).add_unsigned(1);
                found += 1;
                if cfg!(miri) {
                    thread::yield_now();
                }
            }
            finished.store(true, Relaxed);
            visitor.join().unwrap();
            assert_eq!(Table::<Unsigned>::read(stays, (), &mut Scratch::default()), Some(found));
        });
        assert_eq!(state(&table).len(), 1);
    }
}
