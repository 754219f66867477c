//! The atomics that the protocols of this folder are written with: the standard library's, or loom's, which tries every
//! order in which threads can meet.

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};
#[cfg(loom)]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub(super) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};
#[cfg(not(loom))]
pub(super) use std::sync::{Mutex, MutexGuard};

pub(super) use std::sync::atomic::Ordering;

// What stands in a static and belongs to no protocol that loom could try.
pub(super) use std::sync::atomic::{
    AtomicPtr as GlobalPtr, AtomicU32 as GlobalU32, AtomicU64 as GlobalU64, AtomicUsize as GlobalUsize,
};

/// What a cell holds that nobody else writes meanwhile. loom makes sure of that.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is half an increment")]
pub(super) fn own_load(cell: &AtomicU64) -> u64 {
    #[cfg(loom)]
    // SAFETY: loom looks.
    return unsafe { cell.unsync_load() };
    #[cfg(not(loom))]
    cell.load(Ordering::Relaxed)
}

/// Waits a moment for another thread: every so many tries by letting it run.
pub(super) fn pause(tries: u32, patience: u32) {
    if cfg!(loom) || tries.is_multiple_of(patience) {
        #[cfg(loom)]
        loom::thread::yield_now();
        #[cfg(not(loom))]
        std::thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}
