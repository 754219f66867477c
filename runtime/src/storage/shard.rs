//! Shards: each thread counts in cells of its own.
//!
//! A shard has a block of cells, of which only its owner writes any: so an increment is a load, an addition and a store,
//! and costs no more than that. A total is the sum over all shards.
//!
//! - **Who owns.** A thread leases a shard when it first counts, and gives it back when it ends, with the numbers in
//!   place; the next thread goes on counting in it. So nothing is moved, and there are as many shards as there were
//!   threads at once, up to a limit. A thread beyond that, and one whose thread-locals are gone, leases a *common* shard
//!   for one increment at a time.
//! - **Growth.** The owner copies its block to a longer one, publishes that and retires the old one.
//! - **Readers** say that they are there before they look for blocks. A retired block is freed when, after it was taken
//!   out, nobody was there: who comes later finds the new one.

use std::alloc::{GlobalAlloc as _, Layout, System, handle_alloc_error};
use std::ptr::{NonNull, null_mut};

use super::block::{Block, Cells};
use super::sync::{
    AtomicBool, AtomicPtr, AtomicUsize, GlobalUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence, give_way,
};

/// How many cells leased shards may have together: 256 MiB of them. Past that, counts go to the common shards.
const MOST_CELLS: usize = 1 << 25;

/// How many threads may lease a shard at the same time, at least; four for each core where that is more.
const LEASES: usize = 64;
const LEASES_A_CORE: usize = 4;

const COMMON: usize = 8;

/// A block of cells and its owner.
#[repr(C, align(128))]
pub(super) struct Shard {
    block: AtomicPtr<Block>,
    leased: AtomicBool,
    /// Set before the shard is in the list, and never again.
    next: *const Shard,
}

// SAFETY: `next` doesn't change once others can see the shard; all else is atomic.
unsafe impl Sync for Shard {}

impl Shard {
    #[cfg(not(loom))]
    const fn new(leased: bool) -> Self {
        Self { block: AtomicPtr::new(Block::EMPTY), leased: AtomicBool::new(leased), next: std::ptr::null() }
    }

    #[cfg(loom)]
    fn new(leased: bool) -> Self {
        Self { block: AtomicPtr::new(Block::EMPTY), leased: AtomicBool::new(leased), next: std::ptr::null() }
    }

    /// Takes the lease, if nobody has it. What its last owner wrote is seen.
    fn lease(&self) -> bool {
        let leased = !self.leased.load(Relaxed) && self.leased.compare_exchange(false, true, Acquire, Relaxed).is_ok();
        // Who sees what this owner writes sees the tags that the last one wrote.
        fence(Release);
        leased
    }

    fn release(&self) {
        self.leased.store(false, Release);
    }

    /// The owner's block.
    pub(super) fn block(&self) -> *mut Block {
        self.block.load(Relaxed)
    }
}

/// All shards.
pub(super) struct Shards {
    /// Those that threads lease while they live. New ones come at the front; none is ever taken out.
    first: AtomicPtr<Shard>,
    count: AtomicUsize,
    /// How many of them nobody leases; nearly, so that whoever finds none looks no further.
    free: AtomicUsize,
    /// Leased for one increment at a time.
    common: [Shard; COMMON],
    /// How many cells the leased ones have.
    cells: AtomicUsize,
    /// Those that came in an even epoch, and in an odd one.
    readers: [AtomicUsize; 2],
    epoch: AtomicUsize,
    retired: AtomicPtr<Block>,
}

/// The one set of shards of the program.
#[cfg(not(loom))]
pub(super) static SHARDS: Shards = Shards::new();
#[cfg(loom)]
loom::lazy_static! {
    pub(super) static ref SHARDS: Shards = Shards::new();
}

macro_rules! new_shards {
    () => {
        Self {
            first: AtomicPtr::new(null_mut()),
            count: AtomicUsize::new(0),
            free: AtomicUsize::new(0),
            common: [
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
                Shard::new(false),
            ],
            cells: AtomicUsize::new(0),
            readers: [AtomicUsize::new(0), AtomicUsize::new(0)],
            epoch: AtomicUsize::new(0),
            retired: AtomicPtr::new(null_mut()),
        }
    };
}

impl Shards {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        new_shards!()
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        new_shards!()
    }

    /// A shard for a thread; none where too many threads have one.
    pub(super) fn claim(&self) -> Option<&'static Shard> {
        if self.free.load(Relaxed) > 0 {
            let mut at: *const Shard = self.first.load(Acquire);
            // SAFETY: what is in the list was allocated below and is never freed.
            while let Some(shard) = unsafe { at.as_ref() } {
                if shard.lease() {
                    self.free.fetch_sub(1, Relaxed);
                    return Some(shard);
                }
                at = shard.next;
            }
        }
        if self.count.load(Relaxed) >= most_leases() {
            return None;
        }
        if self.count.fetch_add(1, Relaxed) >= most_leases() {
            self.count.fetch_sub(1, Relaxed);
            return None;
        }
        let layout = Layout::new::<Shard>();
        // SAFETY: a shard has a size. From the system's allocator for the reason in `Block::allocate`.
        let Some(new) = NonNull::new(unsafe { System.alloc(layout) }) else {
            self.count.fetch_sub(1, Relaxed);
            return None;
        };
        let new = new.cast::<Shard>().as_ptr();
        let mut first = self.first.load(Relaxed);
        loop {
            // SAFETY: the memory is ours and aligned, and nobody sees it yet.
            unsafe { new.write(Shard { next: first, ..Shard::new(true) }) };
            match self.first.compare_exchange_weak(first, new, Release, Relaxed) {
                // SAFETY: it has been written, and is never freed.
                Ok(_) => return Some(unsafe { &*new }),
                Err(changed) => first = changed,
            }
        }
    }

    /// Gives a lease back, with all that was counted in place.
    pub(super) fn release(&self, shard: &Shard) {
        // Before, so that it is never less than none.
        self.free.fetch_add(1, Relaxed);
        shard.release();
    }

    /// Makes sure that the owner's block has so many cells; none where there is no room for them.
    ///
    /// # Safety
    /// The caller owns the shard.
    pub(super) unsafe fn grow(&self, shard: &Shard, cells: u32) -> Option<*mut Block> {
        // SAFETY: `limited` asks for the same.
        unsafe { self.grow_to(shard, cells, Some(MOST_CELLS)) }
    }

    /// # Safety
    /// The caller owns the shard.
    unsafe fn grow_to(&self, shard: &Shard, cells: u32, most: Option<usize>) -> Option<*mut Block> {
        let old = shard.block();
        // SAFETY: a shard's block is there until it is retired, which only the owner does.
        let old_length = unsafe { Block::length(old) };
        if old_length >= cells {
            return Some(old);
        }
        let length = Block::length_for(cells)?;
        if let Some(most) = most {
            let more = (length - old_length) as usize;
            if self.cells.fetch_add(more, Relaxed) + more > most {
                self.cells.fetch_sub(more, Relaxed);
                return None;
            }
        }
        let Some(new) = Block::allocate(length) else {
            if most.is_some() {
                self.cells.fetch_sub((length - old_length) as usize, Relaxed);
            }
            return None;
        };
        let new = new.as_ptr();
        for index in 0..old_length as usize {
            // SAFETY: both are there and have so many cells.
            let (from, to) = unsafe { (&*Block::cells(old).add(index), &*Block::cells(new).add(index)) };
            let value = from.load(Relaxed);
            // A page that was never counted in stays untouched.
            if value != 0 {
                to.store(value, Relaxed);
            }
        }
        // With the reader's count of itself: one of the two sees the other.
        shard.block.store(new, SeqCst);
        if !std::ptr::eq(old, Block::EMPTY) {
            // SAFETY: it was the shard's block, and is no longer.
            unsafe { self.retire(old) };
        }
        Some(new)
    }

    /// Counts in a common shard.
    #[cold]
    pub(super) fn in_common(&self, slot: u32, width: u32, op: &mut dyn FnMut(Cells)) {
        let mut turn = thread_number();
        let shard = loop {
            let shard = &self.common[turn % COMMON];
            if shard.lease() {
                break shard;
            }
            turn = turn.wrapping_add(1);
            if turn.is_multiple_of(COMMON) {
                give_way();
            }
        };
        // SAFETY: we hold the lease.
        let Some(block) = (unsafe { self.grow_to(shard, slot + width, None) }) else {
            shard.release();
            // As any program that runs out of memory.
            handle_alloc_error(Layout::new::<Block>());
        };
        // SAFETY: the block is long enough, and only its owner retires it.
        op(unsafe { Cells::new(block, slot, width) });
        shard.release();
    }

    /// Says that somebody reads, until what it gives is dropped.
    pub(super) fn read(&self) -> Reader<'_> {
        let parity = self.epoch.load(Relaxed) % 2;
        self.readers[parity].fetch_add(1, SeqCst);
        Reader { shards: self, parity }
    }

    /// Whether there has been an instant at which nobody of the even epochs read, and one for the odd, since this was
    /// called. Whoever came later doesn't find what was taken away before.
    fn unread(&self) -> bool {
        self.readers.iter().all(|readers| readers.load(SeqCst) == 0)
    }

    /// The present epoch.
    pub(super) fn epoch(&self) -> usize {
        self.epoch.load(SeqCst)
    }

    /// Begins the next epoch, if all have gone who came before this one.
    pub(super) fn advance(&self) -> usize {
        let epoch = self.epoch();
        if self.readers[(epoch + 1) % 2].load(SeqCst) == 0 {
            let _ = self.epoch.compare_exchange(epoch, epoch.wrapping_add(1), SeqCst, SeqCst);
        }
        self.epoch()
    }

    /// Frees a block when nobody reads it any more.
    ///
    /// # Safety
    /// It was a shard's block and is no longer.
    unsafe fn retire(&self, block: *mut Block) {
        // SAFETY: who took it out of its shard is the only one who has it.
        unsafe { self.push_retired(block, block) };
        self.free_retired();
    }

    /// # Safety
    /// They are a list of blocks that only the caller has.
    unsafe fn push_retired(&self, first: *mut Block, last: *mut Block) {
        let mut head = self.retired.load(Relaxed);
        loop {
            // SAFETY: the list is the caller's until it is published.
            unsafe { (*last).next = head };
            match self.retired.compare_exchange_weak(head, first, Release, Relaxed) {
                Ok(_) => return,
                Err(changed) => head = changed,
            }
        }
    }

    fn free_retired(&self) {
        if self.retired.load(Relaxed).is_null() || !self.unread() {
            return;
        }
        let first = self.retired.swap(null_mut(), Acquire);
        if first.is_null() {
            return;
        }
        // They had been taken out of their shards when they came into the list, so whoever comes after this finds others.
        let unread = self.unread();
        let mut at = first;
        loop {
            // SAFETY: the whole list is ours since the swap.
            let next = unsafe { (*at).next };
            if unread {
                // SAFETY: nobody reads it, and nobody can find it.
                unsafe { Block::free(at) };
            }
            if next.is_null() {
                break;
            }
            at = next;
        }
        if !unread {
            // SAFETY: the list from `first` to its last is still ours.
            unsafe { self.push_retired(first, at) };
        }
    }
}

#[cfg(loom)]
impl Drop for Shards {
    /// A model's, at its end.
    fn drop(&mut self) {
        let mut at: *const Shard = self.first.load(Acquire);
        // SAFETY: `claim` made them, and the model is over.
        while let Some(shard) = unsafe { at.as_ref() } {
            let next = shard.next;
            if !std::ptr::eq(shard.block(), Block::EMPTY) {
                // SAFETY: as above.
                unsafe { Block::free(shard.block()) };
            }
            // SAFETY: as above.
            unsafe {
                at.cast_mut().drop_in_place();
                System.dealloc(at.cast_mut().cast(), Layout::new::<Shard>());
            }
            at = next;
        }
        for shard in &self.common {
            if !std::ptr::eq(shard.block(), Block::EMPTY) {
                // SAFETY: as above.
                unsafe { Block::free(shard.block()) };
            }
        }
        self.free_retired();
    }
}

/// While there is one, no block that it can find is freed.
pub(super) struct Reader<'a> {
    shards: &'a Shards,
    parity: usize,
}

impl Reader<'_> {
    /// Every block with cells.
    pub(super) fn blocks(&self) -> impl Iterator<Item = *const Block> {
        let mut at: *const Shard = self.shards.first.load(Acquire);
        let leased = std::iter::from_fn(move || {
            // SAFETY: shards are never freed.
            let shard = unsafe { at.as_ref() }?;
            at = shard.next;
            Some(shard)
        });
        let blocks = leased.chain(&self.shards.common).map(|shard| shard.block.load(SeqCst).cast_const());
        blocks.filter(|&block| !std::ptr::eq(block, Block::EMPTY))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if self.shards.readers[self.parity].fetch_sub(1, SeqCst) == 1 {
            self.shards.free_retired();
        }
    }
}

/// Whether nobody reads any more, in an epoch, what was taken away in an earlier one. The next epoch begins when one of
/// the two counts of readers is 0, and the one after it when the other is. Whoever begins the next may have looked before
/// it was taken away; so only those after that one tell.
pub(super) fn gone(taken_away: usize, epoch: usize) -> bool {
    epoch.wrapping_sub(taken_away) >= 3
}

fn most_leases() -> usize {
    static MOST: GlobalUsize = GlobalUsize::new(0);
    if MOST.load(Relaxed) == 0 {
        // First, since what follows may allocate, and the allocator may count in a metric of ours.
        MOST.store(LEASES, Relaxed);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        MOST.store(LEASES.max(LEASES_A_CORE * cores), Relaxed);
    }
    MOST.load(Relaxed)
}

/// Different for most threads: where its stack lies.
fn thread_number() -> usize {
    let on_the_stack = 0_u8;
    std::ptr::from_ref(&on_the_stack).addr() >> 16
}
