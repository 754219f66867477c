//! A block of cells.

use std::alloc::{GlobalAlloc as _, Layout, System};
use std::ptr::{NonNull, null_mut};

use super::sync::AtomicU64;

/// The cells of one shard: a header, and as many cells as it says.
///
/// A block is made by [`allocate`](Self::allocate), with every cell 0, and never changes its length. Who owns the shard
/// writes the cells; whoever may read the shard reads them.
#[repr(C)]
pub(super) struct Block {
    length: u32,
    /// Bytes from the start of the allocation to this header.
    offset: u32,
    /// The next of the retired blocks. Only who took a block out of its shard, or the whole list, touches it.
    pub(super) next: *mut Block,
    /// Null in the empty block.
    #[cfg(loom)]
    watch: *const Watch,
    cells: [AtomicU64; 0],
}

/// By which a model finds that a block is used when it is freed already, or that nothing keeps the two apart.
#[cfg(loom)]
struct Watch {
    used: loom::cell::UnsafeCell<()>,
    freed: std::cell::Cell<bool>,
}

// SAFETY: `next` is touched by one thread at a time, see there; all else is atomic or never changes.
unsafe impl Sync for Block {}

/// So that two threads' cells never share a line, nor a pair of lines that is fetched together.
const ALIGNMENT: usize = 128;
const SMALLEST: usize = 1024;

static EMPTY: Block = Block {
    length: 0,
    offset: 0,
    next: null_mut(),
    #[cfg(loom)]
    watch: std::ptr::null(),
    cells: [],
};

impl Block {
    /// The block without cells, for those that have none yet.
    pub(super) const EMPTY: *mut Self = (&raw const EMPTY).cast_mut();

    /// How many cells a block that holds at least `cells` has; none where no memory can hold it.
    pub(super) fn length_for(cells: u32) -> Option<u32> {
        if cfg!(loom) {
            // Few, since each is something that loom keeps the history of.
            return Some(cells.next_power_of_two());
        }
        let bytes = (cells as usize).checked_mul(size_of::<AtomicU64>())?.checked_add(size_of::<Self>())?;
        let bytes = bytes.checked_next_power_of_two()?.max(SMALLEST);
        u32::try_from((bytes - size_of::<Self>()) / size_of::<AtomicU64>()).ok()
    }

    /// A block of zeros; none where there is no memory.
    ///
    /// From the system's allocator and not from the program's: that one may be instrumented with metrics of ours.
    pub(super) fn allocate(length: u32) -> Option<NonNull<Self>> {
        let layout = Self::layout(length)?;
        // SAFETY: the layout has a size, that of the header and more.
        let start = NonNull::new(unsafe { System.alloc_zeroed(layout) })?;
        // An alignment above the allocator's own would make it clear the memory itself, and so touch every page of it.
        let offset = start.as_ptr().align_offset(ALIGNMENT);
        // SAFETY: the layout has room for that offset.
        let block = unsafe { start.add(offset) }.cast::<Self>();
        let header = Self {
            length,
            offset: u32::try_from(offset).unwrap_or_default(),
            next: null_mut(),
            #[cfg(loom)]
            watch: models::made(),
            cells: [],
        };
        // SAFETY: the memory is ours, aligned, and has room for the header.
        unsafe { block.write(header) };
        #[cfg(loom)]
        for index in 0..length {
            // SAFETY: the layout has room for `length` cells. loom's have state of their own, which zeros are not.
            unsafe { Self::cells(block.as_ptr()).add(index as usize).write(AtomicU64::new(0)) };
        }
        Some(block)
    }

    /// Gives a block's memory back.
    ///
    /// # Safety
    /// It is from [`allocate`](Self::allocate), and nobody uses it any more.
    pub(super) unsafe fn free(block: *mut Self) {
        #[cfg(loom)]
        // SAFETY: as below.
        return unsafe { models::freed(block) };
        // SAFETY: the caller says that it is ours.
        #[cfg(not(loom))]
        unsafe {
            Self::really_free(block);
        }
    }

    /// # Safety
    /// As [`free`](Self::free).
    unsafe fn really_free(block: *mut Self) {
        // SAFETY: the caller says that it is ours.
        let (length, offset) = unsafe { ((*block).length, (*block).offset) };
        #[cfg(loom)]
        for index in 0..length {
            // SAFETY: `allocate` wrote so many.
            unsafe { Self::cells(block).add(index as usize).drop_in_place() };
        }
        if let Some(layout) = Self::layout(length) {
            // SAFETY: `allocate` got it with this layout, so many bytes before the header.
            unsafe { System.dealloc(block.cast::<u8>().sub(offset as usize), layout) };
        }
    }

    fn layout(length: u32) -> Option<Layout> {
        let bytes = (length as usize).checked_mul(size_of::<AtomicU64>())?;
        let bytes = bytes.checked_add(size_of::<Self>() + ALIGNMENT)?;
        Layout::from_size_align(bytes, align_of::<Self>()).ok()
    }

    /// # Safety
    /// The block is there: [`EMPTY`](Self::EMPTY), or allocated and not freed.
    #[inline]
    pub(super) unsafe fn length(block: *const Self) -> u32 {
        #[cfg(loom)]
        models::used(block);
        // SAFETY: the caller says so.
        unsafe { (*block).length }
    }

    /// The first cell.
    #[inline]
    pub(super) fn cells(block: *const Self) -> *mut AtomicU64 {
        block.wrapping_byte_add(size_of::<Self>()).cast_mut().cast()
    }
}

/// The cells of one series in one block, among them those of the tag.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    #[cfg(loom)]
    block: *const Block,
    first: *const AtomicU64,
    width: u32,
}

impl Cells {
    /// # Safety
    /// The block is there, and stays while the cells are used; `slot + width` is at most its length.
    #[inline]
    pub(super) unsafe fn new(block: *const Block, slot: u32, width: u32) -> Self {
        Self {
            #[cfg(loom)]
            block,
            first: Block::cells(block).wrapping_add(slot as usize),
            width,
        }
    }

    #[inline]
    pub(super) fn at(&self, index: u32) -> &AtomicU64 {
        debug_assert!(index < self.width, "cell {index} of {}", self.width);
        #[cfg(loom)]
        models::used(self.block);
        // SAFETY: `new`'s caller says that there are `width` cells, and indices are below that: they are constants that
        // each kind's width covers, or buckets, of which there is one more than bounds.
        unsafe { &*self.first.add(index as usize) }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }
}

/// In a model, a block that is freed stays until the model ends, so that it can be told who still uses it.
#[cfg(loom)]
pub(super) mod models {
    use std::cell::{Cell, RefCell};

    use super::{Block, Watch};

    // loom runs all threads of a model on one.
    std::thread_local! {
        static ALIVE: Cell<usize> = const { Cell::new(0) };
        static FREED: RefCell<Vec<*mut Block>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn made() -> *const Watch {
        ALIVE.set(ALIVE.get() + 1);
        Box::into_raw(Box::new(Watch { used: loom::cell::UnsafeCell::new(()), freed: Cell::new(false) }))
    }

    pub(super) fn used(block: *const Block) {
        // SAFETY: blocks stay until the model ends.
        if let Some(watch) = unsafe { (*block).watch.as_ref() } {
            assert!(!watch.freed.get(), "a block is used that has been freed");
            watch.used.with(|_| ());
        }
    }

    /// # Safety
    /// The block is from `allocate`.
    pub(super) unsafe fn freed(block: *mut Block) {
        // SAFETY: blocks stay until the model ends, and what was allocated has a watch.
        let watch = unsafe { &*(*block).watch };
        assert!(!watch.freed.replace(true), "a block is freed twice");
        watch.used.with_mut(|_| ());
        ALIVE.set(ALIVE.get() - 1);
        FREED.with_borrow_mut(|freed| freed.push(block));
    }

    #[cfg(test)]
    pub(in crate::storage) fn alive() -> usize {
        ALIVE.get()
    }

    /// At the end of a model.
    pub(in crate::storage) fn bury() {
        for block in FREED.take() {
            // SAFETY: the model is over; the watch is from `made`.
            unsafe {
                drop(Box::from_raw((*block).watch.cast_mut()));
                Block::really_free(block);
            }
        }
    }
}
