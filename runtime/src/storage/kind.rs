//! What the numbers of a series are, and how they are read.

use super::apart::Counted;
use super::block::{Block, Cells};
use super::lease;
use super::line::Series;
use super::shard::{Reader, SHARDS};
use super::sync::GlobalU64;
use crate::snapshot::NativeBuckets;

/// What the numbers of a series are.
pub(crate) trait Kind: Sized + 'static {
    /// What a family's series have in common.
    type Shape: Copy + Send + Sync + std::fmt::Debug;
    /// What a reader finds.
    type Reading;
    /// Whether a series counts in its line before it has cells.
    const COUNTS_IN_LINE: bool = false;
    /// Whether it can be set.
    const IS_GAUGE: bool = false;
    /// Whether it may have exemplars.
    const HAS_EXEMPLARS: bool = false;
    /// The cell in which refused values are counted.
    const REFUSED: Option<u32> = None;
    /// Where the key begins in the words of a line: behind the value of a gauge.
    const FIRST_WORD: usize = Self::IS_GAUGE as usize;

    /// How many cells a series has.
    fn width(shape: Self::Shape) -> u32;

    /// When a series was reset, if it was, in nanoseconds since the Unix epoch.
    #[inline]
    fn begun_anew(series: Series) -> Option<u64> {
        let _ = series;
        None
    }

    /// The present value of a series; none where it has been removed.
    fn read(series: Series, shape: Self::Shape, blocks: &Blocks, scratch: &mut Scratch) -> Option<Self::Reading>;
}

/// How many values all metrics of the program have refused: as long as there are none, nobody looks for them.
pub(super) static REFUSALS: GlobalU64 = GlobalU64::new(0);

/// Room for reading a histogram.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The buckets, not cumulative.
    pub(crate) counts: Vec<u64>,
    pub(super) read: Vec<u64>,
    /// The buckets of a native histogram.
    pub(crate) native: NativeBuckets,
    /// Those of one shard.
    pub(super) shard: NativeBuckets,
}

/// Every block that there was when a reader came, while it is there; or that of this thread.
pub(crate) struct Blocks {
    found: Vec<*const Block>,
    counted: Counted,
    _reader: Reader<'static>,
}

impl Blocks {
    pub(super) fn now() -> Self {
        let reader = SHARDS.read();
        Self { found: reader.blocks(), counted: Counted::ByAll, _reader: reader }
    }

    /// Those of whose counts are asked for; none for those of a thread that has no shard.
    pub(super) fn of(counted: Counted) -> Option<Self> {
        if counted == Counted::ByAll {
            return Some(Self::now());
        }
        let reader = SHARDS.read();
        Some(Self { found: vec![lease::block()?], counted, _reader: reader })
    }

    /// Whether they are those of all threads.
    #[inline]
    pub(super) fn are_all(&self) -> bool {
        self.counted == Counted::ByAll
    }

    /// The cells of a series.
    pub(super) fn cells(&self, slot: u32, width: u32) -> impl Iterator<Item = Cells> {
        self.found.iter().filter_map(move |&block| {
            // SAFETY: the reader keeps it.
            let length = unsafe { Block::length(block) };
            // SAFETY: as above, and compared.
            (slot + width <= length).then(|| unsafe { Cells::new(block, slot, width) })
        })
    }
}
