//! From the key of a label set to its line: a table that is read without a lock.
//!
//! Places hold pointers to lines, with six bits of the hash in their low bits, in the order in which linear probing
//! finds them. Who changes the table holds the family's lock; who searches holds nothing. A search while an entry is
//! being moved may miss it, so it notes the version before, and a miss counts only where nothing was moved meanwhile. A
//! table that is full is replaced by one of twice the length; the old one's addresses stay as long as the family, since a
//! search may still be in it, but its memory goes back to the system. To such a search that is as if the entries had been
//! moved.

use std::hash::{BuildHasher as _, RandomState};
use std::hint::select_unpredictable;
use std::ptr::{NonNull, null_mut};

use super::key::{Key, hash_of};
use super::kind::Kind;
use super::line::{LOW, Line, NOBODY, Series};
use super::places::{Places, TAG};
use super::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::label::LabelTuple;

/// The logarithm of the first table's length.
const SMALLEST: u32 = if cfg!(loom) { 2 } else { 6 };

/// Up to which length a table is a quarter full and not a half: each search that doesn't find its key at once costs a
/// guess of the processor's that was wrong, and small tables cost little.
const ROOMY: usize = 1 << 12;

/// How far a search without the lock looks before it leaves that to the one with it.
const SHORT: usize = 32;

#[derive(Debug)]
pub(super) struct Index {
    /// The address of the [`Places`].
    places: AtomicPtr<AtomicPtr<Line>>,
    /// Odd while entries are moved.
    version: AtomicU64,
    pub(super) seed: u64,
}

/// What the lock of a family guards of its index.
#[derive(Debug, Default)]
pub(super) struct IndexState {
    used: usize,
    /// Tables that were full, for as long as somebody may search them.
    old: Vec<Places>,
}

/// Users choose the keys, so nobody may know it. loom needs every run of a model to take the same way.
fn seed() -> u64 {
    if cfg!(loom) { 0x9e37_79b9_7f4a_7c15 } else { RandomState::new().hash_one(0) }
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
        Self { places: AtomicPtr::new(Places::new(SMALLEST).address()), version: AtomicU64::new(0), seed: seed() }
    }

    #[inline]
    fn places(&self) -> Places {
        // SAFETY: only addresses of tables are stored there.
        unsafe { Places::at_address(self.places.load(Acquire)) }
    }

    /// The series of a key, if it is in one of the first two places, as most are.
    ///
    /// # Safety
    /// The index's lines are of families with labels of these types, and their arena is there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in it, all that depends on the types is known")]
    pub(super) unsafe fn find<T: LabelTuple, K: Kind>(&self, key: &Key<'_>) -> Option<Series> {
        let places = self.places();
        let first = places.place(key.hash);
        // In which, no processor can know, so there is no branch for it.
        // SAFETY: a table is freed with the index; the places are of it.
        let [here, next] = [first, (first + 1) & places.mask()].map(|at| unsafe { places.at(at) }.load(Acquire));
        let likely = select_unpredictable(here.addr() & TAG == tag(key.hash), here, next);
        // SAFETY: the caller says so.
        unsafe { Self::series_at::<T, K>(likely, key) }
    }

    /// The same, if a search without the lock that is not long finds it.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    pub(super) unsafe fn find_farther<T: LabelTuple, K: Kind>(&self, key: &Key<'_>) -> Option<Series> {
        let places = self.places();
        let first = places.place(key.hash);
        for distance in 0..SHORT {
            // SAFETY: a table is freed with the index; the place is of it.
            let entry = unsafe { places.at((first + distance) & places.mask()) }.load(Acquire);
            line_of(entry)?;
            // SAFETY: the caller says so.
            let series = unsafe { Self::series_at::<T, K>(entry, key) };
            if series.is_some() {
                return series;
            }
        }
        None
    }

    /// The series of an entry, if that is the key's and it has not gone.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    unsafe fn series_at<T: LabelTuple, K: Kind>(entry: *mut Line, key: &Key<'_>) -> Option<Series> {
        let line = line_of(entry)?;
        if entry.addr() & TAG != tag(key.hash) {
            return None;
        }
        // SAFETY: a line is never freed.
        let state = unsafe { line.as_ref() }.state.load(Acquire);
        // SAFETY: the caller says so.
        if !unsafe { key.is::<T, K>(line) } {
            return None;
        }
        // SAFETY: a line is never freed.
        let series = unsafe { Series::new(line, state >> LOW) };
        if series.id != NOBODY && series.still() { Some(series) } else { None }
    }

    /// The series of a key, or whether there is none.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    pub(super) unsafe fn search<T: LabelTuple, K: Kind>(&self, key: &Key<'_>) -> Search {
        let version = self.version.load(Acquire);
        let places = self.places();
        let first = places.place(key.hash);
        // There are always places without an entry; that a search meets none can only be while entries are moved.
        for distance in 0..=places.mask() {
            // SAFETY: a table is freed with the index.
            let entry = unsafe { places.at((first + distance) & places.mask()) }.load(Acquire);
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
        let places = self.places();
        let least = if places.mask() < ROOMY { 4 } else { 2 };
        if (state.used + 1) * least > places.mask() + 1 {
            let longer = Places::new(places.logarithm() + 1);
            for index in 0..=places.mask() {
                // SAFETY: a table is freed with the index.
                if let Some(line) = line_of(unsafe { places.at(index) }.load(Relaxed)) {
                    Self::put(longer, line, hash_of(line));
                }
            }
            self.places.store(longer.address(), Release);
            // Who sees the version that comes then sees the longer table. Who is in the old one, and finds nothing
            // there, noted an earlier one.
            self.moving(|| places.outgrown());
            state.old.push(places);
        }
        Self::put(self.places(), line, hash_of(line));
        state.used += 1;
    }

    fn put(places: Places, line: NonNull<Line>, hash: u64) {
        let mut at = places.place(hash);
        // SAFETY: a table is freed with the index.
        while !unsafe { places.at(at) }.load(Relaxed).is_null() {
            at = (at + 1) & places.mask();
        }
        // SAFETY: as above.
        unsafe { places.at(at) }.store(line.as_ptr().map_addr(|address| address | tag(hash)), Release);
    }

    /// Takes a line out, and closes the gap.
    ///
    /// # Safety
    /// The caller holds the lock. The index's lines are of families with labels of these types, and their arena is there.
    pub(super) unsafe fn remove<T: LabelTuple, K: Kind>(&self, state: &mut IndexState, line: NonNull<Line>) {
        // SAFETY: the caller says so.
        let hash_of = |line| unsafe { hash_of::<T, K>(self.seed, line) };
        let places = self.places();
        let mask = places.mask();
        // SAFETY: a table is freed with the index.
        let place = |at: usize| unsafe { places.at(at) };
        let mut gap = places.place(hash_of(line));
        loop {
            match line_of(place(gap).load(Relaxed)) {
                None => return,
                Some(found) if found == line => break,
                Some(_) => gap = (gap + 1) & mask,
            }
        }
        self.moving(|| {
            let mut at = gap;
            loop {
                at = (at + 1) & mask;
                let entry = place(at).load(Relaxed);
                let Some(line) = line_of(entry) else { break };
                // How far the entry is from where its search begins, and how far it is from the gap.
                let distance = at.wrapping_sub(places.place(hash_of(line))) & mask;
                if distance >= at.wrapping_sub(gap) & mask {
                    place(gap).store(entry, Release);
                    gap = at;
                }
            }
            place(gap).store(null_mut(), Release);
        });
        state.used -= 1;
    }

    /// Takes every line out. The caller holds the lock.
    pub(super) fn clear(&self, state: &mut IndexState) {
        let places = self.places();
        // SAFETY: a table is freed with the index.
        self.moving(|| (0..=places.mask()).for_each(|at| unsafe { places.at(at) }.store(null_mut(), Release)));
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
        for places in self.old.drain(..) {
            // SAFETY: the caller says so.
            unsafe { places.free() };
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // SAFETY: nobody searches any more.
        unsafe { self.places().free() };
    }
}
