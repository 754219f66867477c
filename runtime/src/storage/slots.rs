//! Which cells of a shard are whose: a series has the same slot in every shard.

use std::sync::PoisonError;

use super::spare::Spare;
use super::sync::{AtomicU32, Mutex, Ordering::Relaxed};

/// The slot of what has none: above every block's length, and so far from the end of `u32` that no width brings it
/// around.
pub(super) const NO_SLOT: u32 = 1 << 31;

/// The slot of a gauge that has been set.
pub(super) const SHARED: u32 = NO_SLOT + 1;

/// The slot of a gauge that shows what a function returns.
pub(super) const CALLED: u32 = NO_SLOT + 2;

struct Slots {
    next: AtomicU32,
    /// Those that were given back, by their width.
    free: Mutex<Spare<u32, u32>>,
}

impl Slots {
    #[cfg(loom)]
    fn new() -> Self {
        Self { next: AtomicU32::new(0), free: Mutex::new(Spare::new()) }
    }

    #[cfg(not(loom))]
    const fn new() -> Self {
        Self { next: AtomicU32::new(0), free: Mutex::new(Spare::new()) }
    }
}

#[cfg(not(loom))]
static SLOTS: Slots = Slots::new();
#[cfg(loom)]
loom::lazy_static! {
    static ref SLOTS: Slots = Slots::new();
}

/// Cells that nobody has ever had: they are 0 in every shard. It takes no lock and allocates nothing.
pub(super) fn fresh(width: u32) -> u32 {
    let next = |next: u32| next.checked_add(even(width)).filter(|&end| end < NO_SLOT);
    // All slots are taken when one shard would hold 16 GiB.
    SLOTS.next.fetch_update(Relaxed, Relaxed, next).unwrap_or(NO_SLOT)
}

/// Cells, perhaps with numbers of a series that is no longer there: their tag says so.
pub(super) fn take(width: u32) -> u32 {
    let free = SLOTS.free.lock().unwrap_or_else(PoisonError::into_inner).take(width);
    free.unwrap_or_else(|| fresh(width))
}

/// Gives cells back.
pub(super) fn give_back(slot: u32, width: u32) {
    if slot < NO_SLOT {
        SLOTS.free.lock().unwrap_or_else(PoisonError::into_inner).of(width).push(slot);
    }
}

/// So that a pair of a tag and a number lies in one line.
fn even(width: u32) -> u32 {
    width.next_multiple_of(2)
}
