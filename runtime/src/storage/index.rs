//! From the key of a label set to its line: a table that is read without a lock.
//!
//! Slots hold pointers to lines, with six bits of the hash in their low bits, in the order in which linear probing finds them. Who
//! changes the table holds the family's lock; who searches holds nothing. A search while an entry is being moved may miss
//! it, so it notes the version before, and a miss counts only where nothing was moved meanwhile. A table that is full is
//! replaced by one of twice the length; the old one stays as long as the family, since a search may still be in it: all
//! old ones together are as long as the present one.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::hash::{BuildHasher as _, RandomState};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

use super::key::{Key, hash_of};
use super::line::{ALIGNMENT, LOW, Line, NOBODY, Series};
use super::table::Kind;
use crate::label::LabelTuple;

const TAG: usize = ALIGNMENT - 1;
const SMALLEST: u32 = 6;

/// Up to which length a table is a quarter full and not a half: each search that doesn't find its key at once costs a
/// guess of the processor's that was wrong, and small tables cost little.
const ROOMY: usize = 1 << 12;

/// How far a search without the lock looks before it leaves that to the one with it.
const SHORT: usize = 32;

/// A table: a pointer to its slots, and in its low bits how many of a hash's bits don't say which slot, so that both are
/// found at once.
#[derive(Clone, Copy, Debug)]
struct Slots(NonNull<AtomicPtr<Line>>);

// SAFETY: a pointer to atomics, which `Index` owns.
unsafe impl Send for Slots {}

impl Slots {
    fn new(logarithm: u32) -> Self {
        let layout = Self::layout(logarithm);
        // SAFETY: there is at least one slot. Zeros are null pointers.
        let Some(first) = NonNull::new(unsafe { alloc_zeroed(layout) }) else { handle_alloc_error(layout) };
        Self(first.cast().map_addr(|address| address | (64 - logarithm) as usize))
    }

    /// # Safety
    /// Nobody uses it any more.
    unsafe fn free(self) {
        let first = self.0.as_ptr().map_addr(|address| address & !TAG);
        // SAFETY: it was allocated with this layout.
        unsafe { dealloc(first.cast(), Self::layout(self.logarithm())) };
    }

    fn layout(logarithm: u32) -> Layout {
        let slots = Layout::array::<AtomicPtr<Line>>(1 << logarithm).and_then(|layout| layout.align_to(ALIGNMENT));
        slots.unwrap_or_else(|_| handle_alloc_error(Layout::new::<AtomicPtr<Line>>()))
    }

    /// Where the search for a hash begins.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "not more bits than an index has")]
    fn place(self, hash: u64) -> usize {
        (hash >> (self.0.addr().get() & TAG)) as usize
    }

    fn logarithm(self) -> u32 {
        (self.mask() + 1).trailing_zeros()
    }

    #[inline]
    fn mask(self) -> usize {
        self.place(u64::MAX)
    }

    /// # Safety
    /// The table has not been freed, and the index is at most the [`mask`](Self::mask).
    #[inline]
    unsafe fn at<'a>(self, index: usize) -> &'a AtomicPtr<Line> {
        debug_assert!(index <= self.mask());
        let first = self.0.as_ptr().map_addr(|address| address & !TAG);
        // SAFETY: the caller says so.
        unsafe { &*first.add(index) }
    }
}

#[derive(Debug)]
pub(super) struct Index {
    /// A [`Slots`].
    slots: AtomicPtr<AtomicPtr<Line>>,
    /// Odd while entries are moved.
    version: AtomicU64,
    pub(super) seed: u64,
}

/// What the lock of a family guards of its index.
#[derive(Debug, Default)]
pub(super) struct IndexState {
    used: usize,
    /// Tables that were full, for as long as somebody may search them.
    old: Vec<Slots>,
}

/// What a search without the lock can say.
pub(super) enum Search {
    Found(Series),
    Missing,
    /// Something moved meanwhile: only who holds the lock can tell.
    Unknown,
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "six bits")]
fn tag(hash: u64) -> usize {
    hash as usize & TAG
}

#[inline]
fn line_of(entry: *mut Line) -> Option<NonNull<Line>> {
    NonNull::new(entry.map_addr(|address| address & !TAG))
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            slots: AtomicPtr::new(Slots::new(SMALLEST).0.as_ptr()),
            version: AtomicU64::new(0),
            seed: RandomState::new().hash_one(0),
        }
    }

    #[inline]
    fn slots(&self) -> Slots {
        // SAFETY: `Slots` was made of what is not null.
        Slots(unsafe { NonNull::new_unchecked(self.slots.load(Acquire)) })
    }

    /// The series of a key, if a short search without the lock finds it.
    ///
    /// # Safety
    /// The index's lines are of families with labels of these types, and their arena is there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in it, all that depends on the types is known")]
    pub(super) unsafe fn find<T: LabelTuple, K: Kind>(&self, key: &Key<'_>) -> Option<Series> {
        let slots = self.slots();
        let mut at = slots.place(key.hash);
        for _ in 0..SHORT {
            // SAFETY: a table is freed with the index; the place is one of it.
            let entry = unsafe { slots.at(at) }.load(Acquire);
            let line = line_of(entry)?;
            if entry.addr() & TAG == tag(key.hash) {
                // SAFETY: a line is never freed.
                let state = unsafe { line.as_ref() }.state.load(Acquire);
                // SAFETY: the caller says so.
                if unsafe { key.is::<T, K>(line) } {
                    // SAFETY: a line is never freed.
                    let series = unsafe { Series::new(line, state >> LOW) };
                    return if series.id != NOBODY && series.still() { Some(series) } else { None };
                }
            }
            at = (at + 1) & slots.mask();
        }
        None
    }

    /// The series of a key, or whether there is none.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    pub(super) unsafe fn search<T: LabelTuple, K: Kind>(&self, key: &Key<'_>) -> Search {
        let version = self.version.load(Acquire);
        let slots = self.slots();
        let first = slots.place(key.hash);
        // There are always slots without an entry; that a search meets none can only be while entries are moved.
        for distance in 0..=slots.mask() {
            // SAFETY: a table is freed with the index.
            let entry = unsafe { slots.at((first + distance) & slots.mask()) }.load(Acquire);
            let Some(line) = line_of(entry) else {
                fence(Acquire);
                let still = version.is_multiple_of(2) && self.version.load(Relaxed) == version;
                return if still { Search::Missing } else { Search::Unknown };
            };
            // SAFETY: a line is never freed.
            let state = unsafe { line.as_ref() }.state.load(Acquire);
            // SAFETY: the caller says so.
            if unsafe { key.is::<T, K>(line) } {
                // SAFETY: a line is never freed.
                let series = unsafe { Series::new(line, state >> LOW) };
                return if series.id != NOBODY && series.still() { Search::Found(series) } else { Search::Unknown };
            }
        }
        Search::Unknown
    }

    /// Enters a line.
    ///
    /// # Safety
    /// The caller holds the lock, and has found that the key is not there. The index's lines are of families with labels
    /// of these types, and their arena is there.
    pub(super) unsafe fn insert<T: LabelTuple, K: Kind>(&self, state: &mut IndexState, line: NonNull<Line>) {
        // SAFETY: the caller says so.
        let hash_of = |line| unsafe { hash_of::<T, K>(self.seed, line) };
        let slots = self.slots();
        let least = if slots.mask() < ROOMY { 4 } else { 2 };
        if (state.used + 1) * least > slots.mask() + 1 {
            let longer = Slots::new(slots.logarithm() + 1);
            for index in 0..=slots.mask() {
                // SAFETY: a table is freed with the index.
                if let Some(line) = line_of(unsafe { slots.at(index) }.load(Relaxed)) {
                    Self::put(longer, line, hash_of(line));
                }
            }
            self.slots.store(longer.0.as_ptr(), Release);
            state.old.push(slots);
        }
        Self::put(self.slots(), line, hash_of(line));
        state.used += 1;
    }

    fn put(slots: Slots, line: NonNull<Line>, hash: u64) {
        let mut at = slots.place(hash);
        // SAFETY: a table is freed with the index.
        while !unsafe { slots.at(at) }.load(Relaxed).is_null() {
            at = (at + 1) & slots.mask();
        }
        // SAFETY: as above.
        unsafe { slots.at(at) }.store(line.as_ptr().map_addr(|address| address | tag(hash)), Release);
    }

    /// Takes a line out, and closes the gap.
    ///
    /// # Safety
    /// The caller holds the lock. The index's lines are of families with labels of these types, and their arena is there.
    pub(super) unsafe fn remove<T: LabelTuple, K: Kind>(&self, state: &mut IndexState, line: NonNull<Line>) {
        // SAFETY: the caller says so.
        let hash_of = |line| unsafe { hash_of::<T, K>(self.seed, line) };
        let slots = self.slots();
        let mask = slots.mask();
        // SAFETY: a table is freed with the index.
        let slot = |at: usize| unsafe { slots.at(at) };
        let mut gap = slots.place(hash_of(line));
        loop {
            match line_of(slot(gap).load(Relaxed)) {
                None => return,
                Some(found) if found == line => break,
                Some(_) => gap = (gap + 1) & mask,
            }
        }
        self.moving(|| {
            let mut at = gap;
            loop {
                at = (at + 1) & mask;
                let entry = slot(at).load(Relaxed);
                let Some(line) = line_of(entry) else { break };
                // How far the entry is from where its search begins, and how far it is from the gap.
                let distance = at.wrapping_sub(slots.place(hash_of(line))) & mask;
                if distance >= at.wrapping_sub(gap) & mask {
                    slot(gap).store(entry, Release);
                    gap = at;
                }
            }
            slot(gap).store(null_mut(), Release);
        });
        state.used -= 1;
    }

    /// Takes every line out. The caller holds the lock.
    pub(super) fn clear(&self, state: &mut IndexState) {
        let slots = self.slots();
        // SAFETY: a table is freed with the index.
        self.moving(|| (0..=slots.mask()).for_each(|at| unsafe { slots.at(at) }.store(null_mut(), Release)));
        state.used = 0;
    }

    fn moving(&self, change: impl FnOnce()) {
        self.version.fetch_add(1, Relaxed);
        fence(Release);
        change();
        self.version.fetch_add(1, Release);
    }
}

impl IndexState {
    /// Frees the tables that were full.
    ///
    /// # Safety
    /// Nobody searches any more.
    pub(super) unsafe fn free(&mut self) {
        for slots in self.old.drain(..) {
            // SAFETY: the caller says so.
            unsafe { slots.free() };
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // SAFETY: nobody searches any more.
        unsafe { self.slots().free() };
    }
}
