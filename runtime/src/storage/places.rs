//! The memory of an index: places for pointers to lines, found by a hash.
//!
//! Who searches an index doesn't say so to anybody, so what it has outgrown can't be freed before the family goes. But
//! it can be emptied: a large table has pages of its own from the system, which takes them back and lets them read as
//! zeros, which are places without a line. So no more than addresses stay taken.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::{NonNull, null_mut};

use super::line::{ALIGNMENT, Line};
use super::sync::{AtomicPtr, Ordering::Relaxed};

/// Bits of a pointer to a table or a line that are 0.
pub(super) const TAG: usize = ALIGNMENT - 1;

/// A table: a pointer to its places, and in its low bits how many of a hash's bits don't say which place, so that both
/// are found at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places(NonNull<AtomicPtr<Line>>);

// SAFETY: a pointer to atomics, which `Index` owns.
unsafe impl Send for Places {}

impl Places {
    /// Two to the power of so many, without lines.
    pub(super) fn new(logarithm: u32) -> Self {
        let layout = Self::layout(logarithm);
        // SAFETY: there is at least one place. Zeros are null pointers.
        let first = if is_large(layout) { pages::take(layout) } else { NonNull::new(unsafe { alloc_zeroed(layout) }) };
        let Some(first) = first.map(NonNull::cast::<AtomicPtr<Line>>) else { handle_alloc_error(layout) };
        #[cfg(loom)]
        for index in 0..1 << logarithm {
            // SAFETY: the memory is ours, and has room for so many. loom's have state of their own, and zeros are none.
            unsafe { first.add(index).write(AtomicPtr::new(null_mut())) };
        }
        Self(first.map_addr(|address| address | (64 - logarithm) as usize))
    }

    /// # Safety
    /// It is what [`address`](Self::address) was.
    #[inline]
    pub(super) unsafe fn at_address(address: *mut AtomicPtr<Line>) -> Self {
        // SAFETY: it was not null.
        Self(unsafe { NonNull::new_unchecked(address) })
    }

    pub(super) fn address(self) -> *mut AtomicPtr<Line> {
        self.0.as_ptr()
    }

    /// Gives the memory of a table back that the index has outgrown, where it may be that somebody still searches it:
    /// they find it as it was, or without lines, or partly so. Nobody writes it any more.
    pub(super) fn outgrown(self) {
        let layout = Self::layout(self.logarithm());
        if cfg!(any(loom, miri)) {
            // What the system does; neither of them knows it.
            // SAFETY: the table has not been freed.
            (0..=self.mask()).for_each(|at| unsafe { self.at(at) }.store(null_mut(), Relaxed));
        } else if is_large(layout) {
            // SAFETY: `new` took so many pages, all in them is atomic, and who searches expects zeros.
            unsafe { pages::empty(self.first().cast(), layout) };
        }
    }

    /// # Safety
    /// Nobody uses it any more.
    pub(super) unsafe fn free(self) {
        let (first, layout) = (self.first(), Self::layout(self.logarithm()));
        #[cfg(loom)]
        for index in 0..=self.mask() {
            // SAFETY: `new` wrote so many.
            unsafe { first.add(index).drop_in_place() };
        }
        // SAFETY: `new` got it in the same way, with this layout.
        unsafe { if is_large(layout) { pages::free(first.cast(), layout) } else { dealloc(first.cast(), layout) } }
    }

    fn layout(logarithm: u32) -> Layout {
        let places = Layout::array::<AtomicPtr<Line>>(1 << logarithm).and_then(|layout| layout.align_to(ALIGNMENT));
        places.unwrap_or_else(|_| handle_alloc_error(Layout::new::<AtomicPtr<Line>>()))
    }

    /// Where the search for a hash begins.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "not more bits than a place has")]
    pub(super) fn place(self, hash: u64) -> usize {
        (hash >> (self.0.addr().get() & TAG)) as usize
    }

    pub(super) fn logarithm(self) -> u32 {
        (self.mask() + 1).trailing_zeros()
    }

    #[inline]
    pub(super) fn mask(self) -> usize {
        self.place(u64::MAX)
    }

    /// # Safety
    /// The table has not been freed, and the place is at most the [`mask`](Self::mask).
    #[inline]
    pub(super) unsafe fn at<'a>(self, place: usize) -> &'a AtomicPtr<Line> {
        debug_assert!(place <= self.mask());
        // SAFETY: the caller says so.
        unsafe { &*self.first().add(place) }
    }

    #[inline]
    fn first(self) -> *mut AtomicPtr<Line> {
        self.0.as_ptr().map_addr(|address| address & !TAG)
    }
}

/// From which size on a table has pages of its own.
const LARGE: usize = 1 << 16;

fn is_large(layout: Layout) -> bool {
    pages::ARE_THERE && layout.size() >= LARGE
}

#[cfg(all(target_os = "linux", not(any(loom, miri))))]
mod pages {
    use std::alloc::Layout;
    use std::ptr::{NonNull, null_mut};

    use libc::{MADV_DONTNEED, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, PROT_READ, PROT_WRITE};

    pub(super) const ARE_THERE: bool = true;

    /// Pages of zeros; none where there is no memory. They are anonymous and private, since only of such the system
    /// says that they are zeros again when it has taken them back: madvise(2).
    pub(super) fn take(layout: Layout) -> Option<NonNull<u8>> {
        let (access, kind) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
        // SAFETY: that changes nothing that is there already.
        let first = unsafe { libc::mmap(null_mut(), layout.size(), access, kind, -1, 0) };
        if first == MAP_FAILED { None } else { NonNull::new(first.cast()) }
    }

    /// # Safety
    /// They are from [`take`], and whoever reads them expects zeros at any time.
    pub(super) unsafe fn empty(first: *mut u8, layout: Layout) {
        // Where it is refused, as for locked memory, they stay as they are.
        // SAFETY: the caller says so.
        let _ = unsafe { libc::madvise(first.cast(), layout.size(), MADV_DONTNEED) };
    }

    /// # Safety
    /// They are from [`take`], and nobody uses them any more.
    pub(super) unsafe fn free(first: *mut u8, layout: Layout) {
        // SAFETY: the caller says so.
        let _ = unsafe { libc::munmap(first.cast(), layout.size()) };
    }
}

/// Where the system has no such pages, what is outgrown stays as it is.
#[cfg(not(all(target_os = "linux", not(any(loom, miri)))))]
mod pages {
    use std::alloc::Layout;
    use std::ptr::NonNull;

    pub(super) const ARE_THERE: bool = false;

    pub(super) fn take(_: Layout) -> Option<NonNull<u8>> {
        None
    }

    pub(super) unsafe fn empty(_: *mut u8, _: Layout) {}

    pub(super) unsafe fn free(_: *mut u8, _: Layout) {}
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_large_table_that_was_outgrown_reads_as_zeros() {
        let mut line = Line::new();
        for logarithm in [6, 13, 14] {
            let table = Places::new(logarithm);
            assert_eq!((table.logarithm(), table.mask() + 1), (logarithm, 1 << logarithm));
            // SAFETY: the table is there until the end.
            let places = || (0..=table.mask()).map(|at| unsafe { table.at(at) });
            assert!(places().all(|place| place.load(Relaxed).is_null()));
            places().for_each(|place| place.store(&raw mut line, Relaxed));
            table.outgrown();
            let empty = cfg!(miri) || (pages::ARE_THERE && logarithm > 6);
            assert!(places().all(|place| place.load(Relaxed).is_null() == empty), "{logarithm}");
            // SAFETY: nobody uses it any more.
            unsafe { table.free() };
        }
    }
}
