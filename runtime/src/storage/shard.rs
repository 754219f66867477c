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
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    fence, own_load, pause,
};

/// How many cells leased shards may have together: 256 MiB of them. Past that, counts go to the common shards.
const MOST_CELLS: usize = 1 << 25;

/// How many threads may lease a shard at the same time, at least; four for each core where that is more.
const LEASES: usize = if cfg!(loom) { 2 } else { 64 };
const LEASES_A_CORE: usize = 4;

const COMMON: usize = if cfg!(loom) { 2 } else { 8 };

/// After how many tries a thread that finds no common shard free lets others run.
const PATIENCE: u32 = 8;

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
    ($common:expr) => {{
        let common = $common;
        Self {
            first: AtomicPtr::new(null_mut()),
            count: AtomicUsize::new(0),
            free: AtomicUsize::new(0),
            common,
            cells: AtomicUsize::new(0),
            readers: [AtomicUsize::new(0), AtomicUsize::new(0)],
            epoch: AtomicUsize::new(0),
            retired: AtomicPtr::new(null_mut()),
        }
    }};
}

impl Shards {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        new_shards!([const { Shard::new(false) }; COMMON])
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        new_shards!(std::array::from_fn(|_| Shard::new(false)))
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
        // SAFETY: the caller says so.
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
        let Some(new) = Block::allocate(length).map(NonNull::as_ptr) else {
            if most.is_some() {
                self.cells.fetch_sub((length - old_length) as usize, Relaxed);
            }
            return None;
        };
        for index in 0..old_length as usize {
            // SAFETY: both are there and have so many cells.
            let (from, to) = unsafe { (&*Block::cells(old).add(index), &*Block::cells(new).add(index)) };
            let value = own_load(from);
            // A page that was never counted in stays untouched.
            if value != 0 {
                to.store(value, Relaxed);
            }
        }
        shard.block.store(new, Release);
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
        let mut tries = 0;
        let shard = loop {
            let shard = &self.common[turn % COMMON];
            if shard.lease() {
                break shard;
            }
            turn = turn.wrapping_add(1);
            tries += 1;
            pause(tries, PATIENCE);
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
        self.readers[parity].fetch_add(1, Relaxed);
        // With those below: if who took something away doesn't see that this reader is there, it doesn't find it.
        fence(SeqCst);
        Reader { shards: self, parity }
    }

    /// Whether there has been an instant at which nobody of the even epochs read, and one for the odd, since this was
    /// called. Whoever came later doesn't find what was taken away before.
    pub(super) fn unread(&self) -> bool {
        fence(SeqCst);
        self.readers.iter().all(|readers| readers.load(Acquire) == 0)
    }

    /// The present epoch, for what has just been taken away.
    pub(super) fn epoch(&self) -> usize {
        fence(SeqCst);
        self.epoch.load(Acquire)
    }

    /// Begins the next epoch, if all have gone who came before this one.
    pub(super) fn advance(&self) -> usize {
        let epoch = self.epoch();
        fence(SeqCst);
        if self.readers[(epoch + 1) % 2].load(Acquire) == 0 {
            let _ = self.epoch.compare_exchange(epoch, epoch.wrapping_add(1), AcqRel, Relaxed);
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
        super::block::models::bury();
    }
}

/// While there is one, no block that it can find is freed.
pub(super) struct Reader<'a> {
    shards: &'a Shards,
    parity: usize,
}

impl Reader<'_> {
    /// Every block with cells.
    pub(super) fn blocks(&self) -> Vec<*const Block> {
        let mut blocks = Vec::new();
        let mut push = |shard: &Shard| {
            let block = shard.block.load(Acquire).cast_const();
            if !std::ptr::eq(block, Block::EMPTY) {
                blocks.push(block);
            }
        };
        let mut at: *const Shard = self.shards.first.load(Acquire);
        // SAFETY: shards are never freed.
        while let Some(shard) = unsafe { at.as_ref() } {
            push(shard);
            at = shard.next;
        }
        self.shards.common.iter().for_each(push);
        blocks
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if self.shards.readers[self.parity].fetch_sub(1, Release) == 1 {
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
    static MOST: GlobalUsize = GlobalUsize::new(if cfg!(loom) { LEASES } else { 0 });
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
    // loom needs every run of a model to take the same way.
    if cfg!(loom) { 0 } else { std::ptr::from_ref(&on_the_stack).addr() >> 16 }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;

    fn shards() -> &'static Shards {
        // Shards are never freed: these are kept where Miri sees that they aren't lost.
        static KEPT: Mutex<Vec<&Shards>> = Mutex::new(Vec::new());
        let shards = Box::leak(Box::new(Shards::new()));
        KEPT.lock().expect("nobody panics here").push(shards);
        shards
    }

    fn bump(cell: &AtomicU64) {
        cell.store(cell.load(Relaxed) + 1, Relaxed);
    }

    fn total(shards: &Shards, slot: u32) -> u64 {
        let reader = shards.read();
        let cells = reader.blocks().into_iter().filter_map(|block| {
            // SAFETY: the reader keeps it.
            let length = unsafe { Block::length(block) };
            // SAFETY: as above, and compared.
            (slot < length).then(|| unsafe { Cells::new(block, slot, 1) }.at(0).load(Relaxed))
        });
        cells.sum()
    }

    #[test]
    fn a_shard_that_was_given_back_is_leased_again() {
        let shards = shards();
        let [first, second] = [(); 2].map(|()| shards.claim().unwrap());
        assert!(!std::ptr::eq(first, second));
        shards.release(first);
        assert!(std::ptr::eq(shards.claim().unwrap(), first));
        let others = (0..).map_while(|_| shards.claim()).count();
        assert_eq!(others + 2, most_leases());
        shards.release(second);
        assert!(std::ptr::eq(shards.claim().unwrap(), second));
        assert!(shards.claim().is_none());
    }

    #[test]
    fn blocks_grow_while_they_are_read() {
        let shards = shards();
        let rounds: u32 = if cfg!(miri) { 3 } else { 300 };
        // Each of these makes a block longer.
        let slots = [0, 200, 1000, if cfg!(miri) { 1500 } else { 100_000 }];
        thread::scope(|scope| {
            let owners = [(); 3].map(|()| {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        let shard = shards.claim().unwrap();
                        for slot in slots {
                            // SAFETY: this thread has just leased it.
                            let block = unsafe { shards.grow(shard, slot + 1) }.unwrap();
                            // SAFETY: it is so long, and its owner's.
                            bump(unsafe { Cells::new(block, slot, 1) }.at(0));
                        }
                        shards.release(shard);
                        shards.in_common(7, 1, &mut |cells| bump(cells.at(0)));
                    }
                })
            });
            let mut before = [0; 4];
            while !owners.iter().all(thread::ScopedJoinHandle::is_finished) {
                let now = slots.map(|slot| total(shards, slot));
                assert!(before.iter().zip(now).all(|(before, now)| *before <= now));
                before = now;
            }
        });
        assert_eq!(slots.map(|slot| total(shards, slot)), [u64::from(3 * rounds); 4]);
        assert_eq!(total(shards, 7), u64::from(3 * rounds));
        assert!(shards.retired.load(Relaxed).is_null());
    }

    #[test]
    fn leased_shards_have_a_bound_and_common_ones_take_the_rest() {
        let shards = shards();
        shards.cells.store(MOST_CELLS - 1000, Relaxed);
        let shard = shards.claim().unwrap();
        // SAFETY: this thread has just leased it.
        assert!(unsafe { shards.grow(shard, 100) }.is_some());
        // SAFETY: as above.
        assert!(unsafe { shards.grow(shard, 2000) }.is_none());
        shards.in_common(2000, 1, &mut |cells| bump(cells.at(0)));
        assert_eq!(total(shards, 2000), 1);
        assert!(shards.cells.load(Relaxed) <= MOST_CELLS);
    }
}
