//! The line of a series: who it is, and where its cells are.

use std::alloc::{GlobalAlloc as _, Layout, System, handle_alloc_error};
use std::ptr::{NonNull, null_mut};
use std::sync::{Mutex, PoisonError};

use super::kind::Kind;
use super::slots::NO_SLOT;
use super::spare::Spare;
use super::sync::{
    AtomicPtr, AtomicU32, AtomicU64, GlobalPtr, GlobalU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    fence, pause,
};
use super::text::Entry;
use crate::label::LabelTuple;

/// One series: 64 bytes, or more where the key has more words.
///
/// A line is never freed, so a handle may be kept for ever; when its series has been removed, another gets the line,
/// and an `id` of its own, by which a handle finds that it is no longer meant. `id`s are never used twice.
///
/// - `state` is the `id`, and 16 bits below it: what a counter counted before it was given cells, or a gauge's lock; and
///   whether the series has exemplars.
/// - `slot` is where the cells are, in each shard.
/// - Behind the header stand words: for a gauge its value once it has been set, then those of the key, by which an open
///   family finds its series.
#[repr(C)]
pub(super) struct Line {
    pub(super) state: AtomicU64,
    pub(super) slot: AtomicU32,
    /// The lengths of the first two texts of the key, their lower 16 bits.
    pub(super) lengths: AtomicU32,
    pub(super) text: AtomicPtr<Entry>,
}

/// How many bits of `state` are below the `id`.
pub(super) const LOW: u32 = 16;

/// In the state: that there are exemplars of the series, or were.
const EXEMPLARS: u64 = 1 << (LOW - 1);
/// What the state has below that, which is up to the kind.
pub(super) const LOW_MASK: u64 = EXEMPLARS - 1;

/// The `id` of a series that is there as long as the program. Its slot is a fresh one, and cells whose tag nobody ever
/// wrote have this one.
pub(super) const PERMANENT: u64 = 0;

/// The `id` of a line without a series, and the tag of cells that are being cleared.
pub(super) const NOBODY: u64 = 1;

/// In the state of a gauge: that somebody sets it.
pub(super) const LOCKED: u64 = 1;

/// An `id` that no series ever had, and that is above all before it.
pub(super) fn new_id() -> u64 {
    // 48 bits last for eight years of a million new series a second.
    static NEXT: GlobalU64 = GlobalU64::new(NOBODY + 1);
    NEXT.fetch_add(1, Relaxed)
}

impl Line {
    #[cfg_attr(not(loom), expect(clippy::missing_const_for_fn, reason = "loom's atomics can't be made in `const`"))]
    pub(super) fn new() -> Self {
        Self {
            state: AtomicU64::new(NOBODY << LOW),
            slot: AtomicU32::new(NO_SLOT),
            lengths: AtomicU32::new(0),
            text: AtomicPtr::new(null_mut()),
        }
    }
}

/// A handle to a series: a line, and the `id` that it had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series {
    line: NonNull<Line>,
    pub(super) id: u64,
}

// SAFETY: a line is never freed, and all of it is atomic.
unsafe impl Send for Series {}
// SAFETY: as above.
unsafe impl Sync for Series {}

impl Series {
    /// # Safety
    /// The line is one of a [`Run`], or lives as long as the handle is used.
    pub(super) unsafe fn new(line: NonNull<Line>, id: u64) -> Self {
        Self { line, id }
    }

    #[inline]
    pub(super) fn line(&self) -> &'static Line {
        // SAFETY: `new`'s caller says that it lives.
        unsafe { self.line.as_ref() }
    }

    #[inline]
    pub(super) fn pointer(&self) -> NonNull<Line> {
        self.line
    }

    /// The state, while the series is there.
    #[inline]
    pub(super) fn state(&self) -> Option<u64> {
        let state = self.line().state.load(Acquire);
        (state >> LOW == self.id).then_some(state)
    }

    /// Notes that there are exemplars of the series.
    pub(super) fn note_exemplars(&self) {
        while let Some(state) = self.state() {
            let noted = self.line().state.compare_exchange_weak(state, state | EXEMPLARS, Relaxed, Relaxed);
            if noted.is_ok() {
                return;
            }
        }
    }

    /// Whether there may be exemplars of a series in this state.
    #[inline]
    pub(super) fn may_have_exemplars(state: u64) -> bool {
        state & EXEMPLARS != 0
    }

    /// A number that no other series has or had.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Whether it has not been removed.
    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.state().is_some()
    }

    /// Whether the series was there all the while that something of it was read.
    #[inline]
    pub(super) fn still(&self) -> bool {
        fence(Acquire);
        self.line().state.load(Relaxed) >> LOW == self.id
    }
}

impl Series {
    /// Takes the series away from everybody who has a handle to it; says whether it was still there.
    pub(super) fn retire<K: Kind>(self) -> bool {
        let mut state = self.line().state.load(Relaxed);
        loop {
            if state >> LOW != self.id {
                return false;
            }
            if K::IS_GAUGE && state & LOCKED != 0 {
                pause(0, 1);
                state = self.line().state.load(Relaxed);
                continue;
            }
            match self.line().state.compare_exchange_weak(state, NOBODY << LOW, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(changed) => state = changed,
            }
        }
    }
}

/// Lines one behind the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    first: NonNull<Line>,
    pub(super) count: usize,
    stride: usize,
}

// SAFETY: lines are never freed, and all of a line is atomic.
unsafe impl Send for Run {}
// SAFETY: as above.
unsafe impl Sync for Run {}

/// Runs of families that are gone. Lines of counters are kept apart: a handle of one may still be giving it cells.
static SPARE: Mutex<Spare<(usize, bool), Run>> = Mutex::new(Spare::new());

/// How far lines are apart with so many words. An index takes the low bits of their addresses.
pub(super) const fn stride(words: usize) -> usize {
    let bytes = size_of::<Line>() + words * size_of::<AtomicU64>();
    if bytes <= ALIGNMENT / 2 { ALIGNMENT / 2 } else { bytes.next_multiple_of(ALIGNMENT) }
}

/// How many words a line has room for.
pub(super) const fn words_of(stride: usize) -> usize {
    (stride - size_of::<Line>()) / size_of::<AtomicU64>()
}

pub(super) const ALIGNMENT: usize = 64;

impl Run {
    /// A run of at least one line, without series: one of a family that is gone, or a new one.
    pub(super) fn take(count: usize, exactly: bool, words: usize, counters: bool) -> Self {
        let stride = stride(words);
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = spare.of((stride, counters));
        if !cfg!(loom)
            && let Some(at) = runs.iter().rposition(|run| run.count == count || (!exactly && run.count <= count))
        {
            return runs.swap_remove(at);
        }
        drop(spare);
        let Some(layout) = stride.checked_mul(count).and_then(|bytes| Layout::from_size_align(bytes, ALIGNMENT).ok())
        else {
            handle_alloc_error(Layout::new::<Line>());
        };
        // SAFETY: there is at least one line, so the layout has a size. From the system's allocator since a handle
        // to it may outlive everything.
        let Some(first) = NonNull::new(unsafe { System.alloc_zeroed(layout) }) else { handle_alloc_error(layout) };
        let run = Self { first: first.cast(), count, stride };
        for index in 0..count {
            // SAFETY: the memory is ours, aligned, and has room for the header and the words of each line.
            unsafe {
                run.line(index).write(Line::new());
                #[cfg(loom)]
                for word in 0..words_of(stride) {
                    run.line(index).add(1).cast::<AtomicU64>().add(word).write(AtomicU64::new(0));
                }
            }
        }
        run
    }

    /// Gives the run to whatever family comes next. None of its lines has a series or a slot any more.
    pub(super) fn give_back(self, counters: bool) {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        spare.of((self.stride, counters)).push(self);
    }

    /// A line of it.
    #[inline]
    pub(super) fn line(&self, index: usize) -> NonNull<Line> {
        debug_assert!(index < self.count);
        // SAFETY: callers stay below `count`.
        unsafe { self.first.byte_add(index * self.stride) }
    }
}

/// A word of a line.
///
/// # Safety
/// The line is one of a run whose lines have more words than this.
#[inline]
pub(super) unsafe fn word<'a>(line: NonNull<Line>, index: usize) -> &'a AtomicU64 {
    // SAFETY: the caller says that there is such a word.
    unsafe { line.add(1).cast::<AtomicU64>().add(index).as_ref() }
}

/// The first line of a finite family, by which its series are found at once: the one series of a metric without labels,
/// or a line for each combination of them.
#[derive(Debug)]
pub(crate) struct First {
    line: GlobalPtr<Line>,
    /// Of the one series of a metric without labels.
    id: u64,
}

impl First {
    /// Of a static, whose family is not there yet, and whose one series, if it has no labels, will be permanent.
    pub(crate) const fn of_static() -> Self {
        Self { line: GlobalPtr::new(null_mut()), id: PERMANENT }
    }

    /// Of a family without labels.
    pub(crate) const fn of_only(only: Series) -> Self {
        Self { line: GlobalPtr::new(only.line.as_ptr()), id: only.id }
    }

    /// The one series of a metric without labels.
    #[inline]
    pub(crate) fn only(&self) -> Option<Series> {
        let line = NonNull::new(self.line.load(Acquire))?;
        Some(Series { line, id: self.id })
    }

    /// Keeps the one series of a static without labels.
    pub(crate) fn keep_only(&self, only: Series) {
        if only.id == self.id {
            self.line.store(only.line.as_ptr(), Release);
        }
    }

    /// Keeps the lines of a finite family.
    pub(super) fn keep_lines(&self, run: Run) {
        self.line.store(run.first.as_ptr(), Release);
    }

    /// The series of a combination, if it is there.
    ///
    /// # Safety
    /// What was kept are the lines of a family with `T`'s finite labels and nothing else, whose numbers are `K`'s.
    #[inline]
    pub(super) unsafe fn at<T: LabelTuple, K: Kind>(&self, index: usize) -> Option<Series> {
        let first = NonNull::new(self.line.load(Acquire))?;
        if index >= T::FINITE {
            return None;
        }
        // SAFETY: the caller says that there are so many lines, with a gauge's value and no key.
        present(unsafe { first.byte_add(index * stride(K::FIRST_WORD)) })
    }
}

/// The series that has a line.
#[inline]
pub(super) fn present(line: NonNull<Line>) -> Option<Series> {
    // SAFETY: a line is never freed.
    let id = unsafe { line.as_ref() }.state.load(Acquire) >> LOW;
    (id != NOBODY).then_some(Series { line, id })
}
