//! An allocator that counts its calls: a static without labels counts where nothing may be allocated.

#![allow(unsafe_code, reason = "an allocator is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use tallymark::{Counter, counter};

/// Calls of the allocator.
#[counter(name = "allocator_calls_total")]
static CALLS: Counter;

/// The same.
static REFERENCE: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

impl Counting {
    fn count() {
        REFERENCE.fetch_add(1, SeqCst);
        CALLS.inc();
    }
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[test]
fn an_allocator_counts_its_calls() {
    const THREADS: usize = 100;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for length in 0..if cfg!(debug_assertions) { 100 } else { 10_000 } {
                    black_box(Vec::<u8>::with_capacity(length + 1));
                }
            });
        }
    });
    // Reading allocates before it sums, and never after. The test's harness may allocate meanwhile, but not for ever.
    let equal = || CALLS.get() == REFERENCE.load(SeqCst);
    assert!((0..1000).any(|_| equal()), "{} of {}", CALLS.get(), REFERENCE.load(SeqCst));
    assert!(CALLS.get() > THREADS as u64);
}
