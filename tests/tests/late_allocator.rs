//! An allocator that counts in a static whose cells are behind those that a thread has so far.

#![allow(unsafe_code, reason = "an allocator is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::thread;

use tallymark::{Counter, Histogram, NativeOptions, Registry, counter};

/// Calls of the allocator, by threads that want them counted.
#[counter(name = "late_allocator_calls_total")]
static CALLS: Counter;

thread_local! {
    static COUNTED: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTED.get() {
            CALLS.inc();
        }
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[test]
fn an_observation_that_allocates_keeps_its_cells_while_the_allocator_counts() -> Result<(), Box<dyn std::error::Error>>
{
    const OBSERVATIONS: u32 = 50;
    let registry = Registry::new();
    let sizes = Histogram::builder("sizes", "Sizes.").native(NativeOptions::new())?.build()?;
    registry.register(&sizes)?;
    let bounds = || (0..200).map(f64::from);
    // They take the cells between those of the histogram and those of the counter.
    let between = (0..40).map(|at| Histogram::builder(format!("other_{at}"), "").buckets(bounds())?.build());
    let between = between.collect::<Result<Vec<Histogram>, _>>()?;
    CALLS.inc();
    thread::scope(|scope| {
        scope.spawn(|| {
            COUNTED.set(true);
            // Each is in a bucket that there wasn't before, which is when it allocates.
            (1..=OBSERVATIONS).for_each(|size| sizes.observe(size));
            COUNTED.set(false);
        });
    });
    assert!(CALLS.get() > 1, "it allocates nothing, so nothing is tested");
    let families = registry.gather();
    let sample = families[0].series()[0].value();
    let tallymark::Value::Histogram(histogram) = sample else { panic!("{sample:?}") };
    assert_eq!(histogram.count(), u64::from(OBSERVATIONS));
    drop(between);
    Ok(())
}
