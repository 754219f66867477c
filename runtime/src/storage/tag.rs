//! Whose the cells are: a series' in each shard begin with its tag.

use super::block::Cells;
use super::kind::Blocks;
use super::lease::{OwnBlock, count};
use super::line::{NOBODY, Series};
use super::slots::NO_SLOT;
use super::sync::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence, own_load,
};

/// The cell in which each series' cells say whose they are.
pub(super) const TAG: u32 = 0;

/// Adds to a cell that nobody else writes.
#[inline]
pub(super) fn bump(cell: &AtomicU64, by: u64) {
    cell.store(own_load(cell).wrapping_add(by), Relaxed);
}

#[inline]
pub(super) fn bump_float(cell: &AtomicU64, by: f64) {
    cell.store((f64::from_bits(own_load(cell)) + by).to_bits(), Relaxed);
}

/// Clears cells that were another series'. The caller owns them, and has seen since that they are the series' now, so
/// whoever had them before is gone.
pub(super) fn adopt(cells: &Cells, id: u64) {
    if own_load(cells.at(TAG)) == id {
        return;
    }
    // A reader that has seen the old tag, and then one of these zeros, sees that the tag has changed. And one that sees
    // a tag which is not its series' sees that its series has gone.
    cells.at(TAG).store(NOBODY, Release);
    fence(Release);
    for index in 1..cells.width() {
        cells.at(index).store(0, Relaxed);
    }
    cells.at(TAG).store(id, Release);
}

/// What a reader finds of one series in one block, unless the cells are another's.
pub(super) fn tagged<R>(cells: &Cells, id: u64, read: impl FnOnce() -> R) -> Option<R> {
    if cells.at(TAG).load(Acquire) != id {
        return None;
    }
    let found = read();
    fence(Acquire);
    (cells.at(TAG).load(Relaxed) == id).then_some(found)
}

impl Series {
    /// This thread's cells, if they are there and this series'.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    pub(super) fn own(self, width: u32) -> Option<Cells> {
        self.own_in(OwnBlock::now(), width)
    }

    /// The same, by the block of this thread.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    pub(super) fn own_in(self, block: OwnBlock, width: u32) -> Option<Cells> {
        let cells = block.cells(self.line().slot.load(Relaxed), width)?;
        if own_load(cells.at(TAG)) == self.id { Some(cells) } else { None }
    }

    /// Runs this on cells of the series that nobody else writes, unless it has none.
    pub(super) fn count(self, width: u32, op: impl Fn(&Cells)) {
        if self.state().is_none() {
            return;
        }
        let slot = self.line().slot.load(Acquire);
        if slot < NO_SLOT {
            count(slot, width, |cells| {
                // Not before they are this thread's alone: whoever got the slot since then, and counted in these cells,
                // did so after this series had lost it.
                if own_load(cells.at(TAG)) != self.id {
                    if !self.has(slot) {
                        return;
                    }
                    adopt(&cells, self.id);
                }
                op(&cells);
            });
        }
    }

    /// Whether the series is there and these are its cells.
    fn has(self, slot: u32) -> bool {
        self.line().slot.load(Relaxed) == slot && self.still()
    }

    /// What its cells hold, block by block.
    pub(super) fn each<T>(
        &self,
        blocks: &Blocks,
        slot: u32,
        width: u32,
        read: impl Fn(&Cells) -> T,
    ) -> impl Iterator<Item = T> {
        blocks.cells(slot, width).filter_map(move |cells| tagged(&cells, self.id, || read(&cells)))
    }
}
