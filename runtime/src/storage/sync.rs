//! The atomics that the protocols of this folder are written with: the standard library's, or loom's, which tries every
//! order in which threads can meet.

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};
#[cfg(not(loom))]
pub(super) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};

pub(super) use std::sync::atomic::Ordering;

// What stands in a static and belongs to no protocol that loom could try.
pub(super) use std::sync::atomic::{
    AtomicPtr as GlobalPtr, AtomicU32 as GlobalU32, AtomicU64 as GlobalU64, AtomicUsize as GlobalUsize,
};

/// Lets another thread run, where this one has to wait for it.
pub(super) fn give_way() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::thread::yield_now();
}
