//! The shard of this thread.

use std::cell::Cell;

use super::block::{Block, Cells};
use super::shard::{SHARDS, Shard};

#[cfg(not(loom))]
thread_local! {
    /// The block of the shard that this thread leases; the empty one where it leases none. It has no destructor, so it
    /// can be read as long as the thread runs.
    static BLOCK: Cell<*mut Block> = const { Cell::new(Block::EMPTY) };
    static LEASE: Lease = const { Lease(Cell::new(None)) };
    /// Whether this thread is leasing or growing a shard, or is at cells of one for longer than an increment takes. What
    /// that calls may count, and then does so in the block as it is, or in a common shard.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

#[cfg(loom)]
loom::thread_local! {
    static BLOCK: Cell<*mut Block> = Cell::new(Block::EMPTY);
    static LEASE: Lease = Lease(Cell::new(None));
    static BUSY: Cell<bool> = Cell::new(false);
}

struct Lease(Cell<Option<&'static Shard>>);

impl Lease {
    fn end(&self) {
        // Destructors that run after this one count in a common shard.
        let _ = BLOCK.try_with(|block| block.set(Block::EMPTY));
        if let Some(shard) = self.0.take() {
            SHARDS.release(shard);
        }
    }

    /// The shard of this thread, leased if there is none yet.
    fn shard(&self) -> Option<&'static Shard> {
        let shard = self.0.get().or_else(|| SHARDS.claim())?;
        self.0.set(Some(shard));
        Some(shard)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the end of a thread does, of which loom's `join` doesn't wait for the thread-locals' destructors.
#[cfg(all(test, loom))]
pub(super) fn end() {
    LEASE.with(Lease::end);
}

/// The block of the shard that this thread leases, or the empty one.
///
/// It is good until this thread calls anything else of this module.
#[derive(Clone, Copy)]
pub(super) struct OwnBlock(*mut Block);

impl OwnBlock {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    pub(super) fn now() -> Self {
        Self(BLOCK.try_with(Cell::get).unwrap_or(Block::EMPTY))
    }

    /// The cells of a series, where they are there already: one comparison covers a thread without a shard, a block that
    /// is too short, and a series without a slot (whose number is above every length).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    pub(super) fn cells(self, slot: u32, width: u32) -> Option<Cells> {
        // SAFETY: it is the empty block, or that of the shard that this thread leases, which only this thread retires.
        let length = unsafe { Block::length(self.0) };
        if slot + width <= length {
            // SAFETY: as above, and compared.
            Some(unsafe { Cells::new(self.0, slot, width) })
        } else {
            None
        }
    }
}

/// This thread's cells of a series, where it has them already. They are as long good as its block.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is an increment")]
pub(super) fn own(slot: u32, width: u32) -> Option<Cells> {
    OwnBlock::now().cells(slot, width)
}

/// The block of this thread's shard, for which it leases one if it has none; none where it can't.
pub(super) fn block() -> Option<*const Block> {
    // No cells are asked for, so nothing grows.
    leased(0, 0)?;
    LEASE.try_with(|lease| lease.0.get().map(|shard| shard.block().cast_const())).ok().flatten()
}

/// Runs this on cells of a series that nobody else writes meanwhile.
#[cold]
#[inline(never)]
pub(super) fn count(slot: u32, width: u32, mut op: impl FnMut(Cells)) {
    if let Some(cells) = own(slot, width).or_else(|| leased(slot, width)) {
        // It may allocate, and the allocator may count: that must not grow the block that these cells are in.
        let before = BUSY.try_with(|busy| busy.replace(true)).unwrap_or(true);
        op(cells);
        let _ = BUSY.try_with(|busy| busy.set(before));
    } else {
        SHARDS.in_common(slot, width, &mut op);
    }
}

/// This thread's cells, for which it leases a shard, and grows it; none where it can't.
fn leased(slot: u32, width: u32) -> Option<Cells> {
    if BUSY.try_with(|busy| busy.replace(true)).unwrap_or(true) {
        return None;
    }
    let cells = lease_and_grow(slot, width);
    let _ = BUSY.try_with(|busy| busy.set(false));
    cells
}

fn lease_and_grow(slot: u32, width: u32) -> Option<Cells> {
    LEASE
        .try_with(|lease| {
            let shard = lease.shard()?;
            // SAFETY: this thread holds the lease.
            let block = unsafe { SHARDS.grow(shard, slot + width) }?;
            BLOCK.try_with(|own| own.set(block)).ok()?;
            // SAFETY: it is this thread's, and so long.
            Some(unsafe { Cells::new(block, slot, width) })
        })
        .ok()
        .flatten()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::OnceLock;
    use std::thread;

    use super::super::kind::Scratch;
    use super::super::table::Table;
    use super::super::{Permanent, Series, Unsigned};
    use crate::label::Rendering;

    static COUNTER: Permanent = Permanent::new();

    fn inc() {
        if !COUNTER.add(1) {
            COUNTER.add_slowly(1);
        }
    }

    // What is permanent is never freed.
    static FAMILY: OnceLock<(Table<Unsigned>, Series)> = OnceLock::new();

    struct Late;

    impl Drop for Late {
        fn drop(&mut self) {
            inc();
        }
    }

    std::thread_local! {
        static BEFORE: Late = const { Late };
        static AFTER: Late = const { Late };
    }

    #[test]
    fn what_a_thread_counts_is_counted_from_its_first_breath_to_its_last() {
        let rounds = if cfg!(miri) { 3 } else { 200 };
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(move || {
                    for _ in 0..rounds {
                        let one = thread::spawn(|| {
                            BEFORE.with(|_| ());
                            inc();
                            AFTER.with(|_| ());
                            inc();
                        });
                        one.join().unwrap();
                    }
                });
            }
        });
        let rendering = Rendering::new(std::iter::empty(), std::iter::empty());
        let (_, series) = FAMILY.get_or_init(|| Table::permanent((), rendering, COUNTER.slot(2), COUNTER.created()));
        assert_eq!(Table::<Unsigned>::read(*series, (), &mut Scratch::default()), Some(3 * 4 * rounds));
    }
}
