//! Native histograms: cells for as few buckets as have observations, of all that there may be.
//!
//! Cells: a tag, how many observations have begun, their sum, how many values were refused; by which *layout* the others
//! count, its zero threshold, the zero bucket; the classic buckets, of which the last is +Inf and there is always one; and
//! a table of native buckets, each with its key, which is 0 where there is none. Of all that only the owner writes any, so
//! an observation finds its bucket in cells of its own thread, and is recorded as one of a classic histogram: it says that
//! it begins, adds to the sum, to the native bucket, and last to the classic one.
//!
//! - **Which buckets there are** in all shards together is what the [`layout`] of the series says, behind a lock. A thread
//!   asks it when it observes into a bucket for the first time; that is when a bucket may be one too many, and the schema
//!   or the zero threshold changes. The thread then lays out its own cells anew. Others go on with theirs until they ask:
//!   what is in finer buckets is known to lie in the coarser ones, so a reader puts the shards together by the coarsest of
//!   their layouts.
//! - **A histogram that begins anew** has another *epoch*, which stands in its line, below the `id`: an observer that finds
//!   another one than in its cells asks, and clears them, and a reader takes no notice of cells of another epoch.
//! - **A reader** takes what it finds in a shard where no observation was under way, as it does of a classic histogram, and
//!   where the owner hasn't laid out the cells anew meanwhile: it says so before and after, by a number that is never used
//!   twice.

mod layout;

use std::sync::Arc;

use self::layout::{Bucket, Layout};
use super::beside::Beside;
use super::block::Cells;
use super::counter::REFUSED;
use super::histogram::{BEGUN, SUM, TRIES};
use super::kind::{Blocks, Scratch};
use super::lease::OwnBlock;
use super::line::{LOW, LOW_MASK, Series};
use super::slots::NO_SLOT;
use super::sync::{
    Mutex, MutexGuard,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    fence, own_load, pause,
};
use super::tag::{TAG, bump, bump_float};
use crate::native::{FINEST, NativeOptions, coarser, finest, finest_of_normal};
use crate::snapshot::NativeBuckets;

/// How the cells of a series of native histograms lie.
#[derive(Debug)]
pub(super) struct Native {
    options: NativeOptions,
    /// How many classic buckets there are, with that of +Inf.
    classics: u32,
    /// Where the table begins.
    table: u32,
    /// How many places it has: a power of two.
    places: u32,
    width: u32,
}

/// By which layout the cells count: 0 where they never did, [`CHANGING`] while they are laid out anew. Otherwise from the
/// lowest bit on: the epoch; by how much the schema is coarser than the finest; a number that is never used twice.
const LAYOUT: u32 = REFUSED + 1;
/// The number above the zero threshold, so that nothing is below that of cells which never counted.
const THRESHOLD: u32 = LAYOUT + 1;
const ZERO: u32 = THRESHOLD + 1;
const CLASSIC: u32 = ZERO + 1;

const CHANGING: u64 = u64::MAX;

const EPOCH_BITS: u32 = LOW;
const COARSER_BITS: u32 = 5;
const NUMBER: u32 = EPOCH_BITS + COARSER_BITS;

/// The layouts of all native histograms of the program that have observations.
static LAYOUTS: Beside<Arc<Mutex<Layout>>> = Beside::new();

/// Drops the layout of a series that has gone.
pub(crate) fn forget_layout(series: Series) {
    drop(LAYOUTS.take(series));
}

/// Drops the layouts of all series that have gone.
pub(crate) fn forget_layouts() {
    LAYOUTS.forget();
}

/// When a series last began anew, if it ever did, in nanoseconds since the Unix epoch.
#[inline]
pub(super) fn begun_anew(series: Series) -> Option<u64> {
    if series.line().state.load(Relaxed) & LOW_MASK == 0 { None } else { layout::begun_anew(series) }
}

fn lock(layout: &Mutex<Layout>) -> MutexGuard<'_, Layout> {
    layout.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Native {
    pub(super) fn new(options: NativeOptions, bounds: usize) -> Self {
        let classics = u32::try_from(bounds).unwrap_or(u32::MAX >> 2) + 1;
        let most = options.most_buckets().max(options.most_in_coarsest());
        // loom keeps the history of each cell.
        let places = if cfg!(loom) { 2 } else { (most + 1).next_power_of_two() };
        let table = (CLASSIC + classics).next_multiple_of(2);
        let places = u32::try_from(places).unwrap_or(u32::MAX >> 4);
        Self { options, classics, table, places, width: table + 2 * places }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Whether there are classic buckets besides that of +Inf.
    #[inline]
    pub(super) fn has_classics(&self) -> bool {
        self.classics > 1
    }

    pub(super) fn options(&self) -> NativeOptions {
        self.options
    }

    /// The cell that counts a value, in cells that are as their series is, if it is where it wants to be, as most are, and
    /// is no rare number. It calls nothing, so that who calls it has nothing to save.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    fn home(&self, cells: &Cells, state: u64, value: f64) -> Option<u32> {
        let layout = own_load(cells.at(LAYOUT));
        if epoch(layout) != epoch(state) {
            return None;
        }
        if value.abs() < f64::from_bits(own_load(cells.at(THRESHOLD))) {
            return Some(ZERO);
        }
        let index = coarser(finest_of_normal(value)?, by(layout));
        let bucket = Bucket { index, negative: value.is_sign_negative() };
        let cell = self.place_at(bucket.home(self.places / 2));
        if own_load(cells.at(cell)) == bucket.key() { Some(cell + 1) } else { None }
    }

    /// The cell that counts a value, in cells that are as their series is and that have one.
    fn place(&self, cells: &Cells, state: u64, value: f64) -> Option<u32> {
        self.home(cells, state, value).or_else(|| {
            let layout = own_load(cells.at(LAYOUT));
            if epoch(layout) == epoch(state) { self.find(cells, bucket(layout, value)).ok() } else { None }
        })
    }

    /// The cell of a key.
    #[inline]
    fn place_at(&self, place: u32) -> u32 {
        self.table + 2 * (place & (self.places - 1))
    }

    /// The cell that counts in a bucket, or else that in which its key has to stand: none where all have others.
    fn find(&self, cells: &Cells, bucket: Bucket) -> Result<u32, Option<u32>> {
        let (key, home) = (bucket.key(), bucket.home(self.places / 2));
        for step in 0..self.places {
            let cell = self.place_at(home.wrapping_add(step));
            match own_load(cells.at(cell)) {
                there if there == key => return Ok(cell + 1),
                0 => return Err(Some(cell)),
                _ => {}
            }
        }
        Err(None)
    }

    /// The cell that counts in a bucket from now on.
    fn find_or_put(&self, cells: &Cells, bucket: Bucket) -> Option<u32> {
        match self.find(cells, bucket) {
            Ok(cell) => Some(cell),
            Err(free) => {
                // There is one: there are more places than the layout has buckets.
                let free = free?;
                cells.at(free).store(bucket.key(), Relaxed);
                Some(free + 1)
            }
        }
    }

    /// Lays out the cells as the series is now.
    fn follow(&self, cells: &Cells, layout: &Layout, epoch: u64) {
        let (before, threshold) = (own_load(cells.at(LAYOUT)), threshold(own_load(cells.at(THRESHOLD))));
        let same_epoch = before != 0 && self::epoch(before) == epoch;
        let now = &layout.buckets;
        if same_epoch && by(before) == FINEST - now.schema && threshold.to_bits() == now.zero_threshold.to_bits() {
            return;
        }
        let mut held = NativeBuckets::new(FINEST - by(before), threshold);
        if same_epoch {
            for at in 0..self.places {
                let (key, count) = (cells.at(self.table + 2 * at), cells.at(self.table + 2 * at + 1));
                if let Some(Bucket { index, negative }) = Bucket::of_key(own_load(key)) {
                    held.add(negative, index, own_load(count));
                }
            }
            held.widen(now.zero_threshold);
            held.coarsen(now.schema);
        }
        // A reader that sees any of what follows sees that the layout is another, before or after.
        cells.at(LAYOUT).store(CHANGING, Release);
        fence(Release);
        if !same_epoch {
            for cell in [BEGUN, SUM, ZERO].into_iter().chain(CLASSIC..CLASSIC + self.classics) {
                cells.at(cell).store(0, Relaxed);
            }
        }
        for cell in self.table..self.width {
            cells.at(cell).store(0, Relaxed);
        }
        cells.at(THRESHOLD).store(now.zero_threshold.next_up().to_bits(), Relaxed);
        bump(cells.at(ZERO), held.zero_count);
        for (negative, side) in [(false, &held.positive), (true, &held.negative)] {
            for &(index, count) in side {
                if let Some(cell) = self.find_or_put(cells, Bucket { index, negative }) {
                    cells.at(cell).store(count, Relaxed);
                }
            }
        }
        let by = u64::from((FINEST - now.schema).unsigned_abs());
        let number = (before >> NUMBER) + 1;
        cells.at(LAYOUT).store(number << NUMBER | by << EPOCH_BITS | epoch, Release);
    }
}

/// That of a value beyond the zero threshold.
#[inline]
fn bucket(layout: u64, value: f64) -> Bucket {
    Bucket { index: coarser(finest(value), by(layout)), negative: value.is_sign_negative() }
}

/// By how much the schema of a layout is coarser than the finest.
#[inline]
fn by(layout: u64) -> i32 {
    i32::try_from(layout >> EPOCH_BITS & ((1 << COARSER_BITS) - 1)).unwrap_or_default()
}

/// Of a layout, or of the state of a line.
#[inline]
fn epoch(layout: u64) -> u64 {
    layout & LOW_MASK
}

/// The zero threshold, by the number above it.
fn threshold(above: u64) -> f64 {
    f64::from_bits(above).next_down()
}

#[inline]
fn record(cells: &Cells, place: u32, classic: u32, value: f64) {
    let begun = cells.at(BEGUN);
    begun.store(own_load(begun).wrapping_add(1), Relaxed);
    // Who sees what follows sees that it has begun.
    fence(Release);
    bump_float(cells.at(SUM), value);
    bump(cells.at(place), 1);
    let classic = cells.at(CLASSIC + classic);
    // Who sees this sees the sum and the native bucket.
    classic.store(own_load(classic).wrapping_add(1), Release);
}

impl Series {
    /// Counts a value that is not NaN in a native histogram, and in one of its classic buckets.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is an increment")]
    pub(super) fn observe_native(self, block: OwnBlock, native: &'static Native, classic: u32, value: f64) {
        if let Some(cells) = self.own_in(block, native.width)
            && let Some(place) = native.home(&cells, self.line().state.load(Relaxed), value)
        {
            record(&cells, place, classic, value);
        } else {
            self.observe_native_farther(native, classic, value);
        }
    }

    #[inline(never)]
    fn observe_native_farther(self, native: &'static Native, classic: u32, value: f64) {
        if let Some(cells) = self.own(native.width)
            && let Some(place) = native.place(&cells, self.line().state.load(Relaxed), value)
        {
            record(&cells, place, classic, value);
        } else {
            self.observe_native_slowly(native, classic, value);
        }
    }

    #[cold]
    #[inline(never)]
    fn observe_native_slowly(self, native: &'static Native, classic: u32, value: f64) {
        self.count(native.width, |cells| {
            let state = self.line().state.load(Relaxed);
            if let Some(place) = native.place(cells, state, value).or_else(|| self.settle(native, cells, value)) {
                record(cells, place, classic, value);
            }
        });
    }

    /// The cell that counts a value, once the histogram and these cells have room for it; none where the series has gone.
    fn settle(self, native: &Native, cells: &Cells, value: f64) -> Option<u32> {
        let layout = LAYOUTS.get_or_put(self, || Arc::new(Mutex::new(Layout::new(&native.options))));
        let mut layout = lock(&layout);
        // It changes under the lock only.
        let mut epoch = epoch(self.state()?);
        if let Some(bucket) = layout.bucket(value)
            && layout.add(bucket) > native.options.most_buckets()
        {
            if layout.may_begin_anew(&native.options) && self.begin_anew(epoch) {
                epoch += 1;
                layout.begin_anew(&native.options, value);
            } else {
                layout.fit(&native.options);
            }
        }
        native.follow(cells, &layout, epoch);
        match layout.bucket(value) {
            None => Some(ZERO),
            Some(bucket) => native.find_or_put(cells, bucket),
        }
    }

    /// Begins the next epoch, if there is another and the series is still there.
    fn begin_anew(self, epoch: u64) -> bool {
        while epoch < LOW_MASK
            && let Some(now) = self.state()
        {
            if self.line().state.compare_exchange_weak(now, now + 1, AcqRel, Relaxed).is_ok() {
                self.clear_exemplars();
                return true;
            }
        }
        false
    }
}

/// Reads a native histogram: the classic buckets and the native ones to [`Scratch`], and the sum.
pub(super) fn read(series: Series, native: &Native, blocks: &Blocks, scratch: &mut Scratch) -> Option<f64> {
    loop {
        let state = series.state()?;
        let slot = series.line().slot.load(Acquire);
        let classics = native.classics as usize;
        scratch.counts.clear();
        scratch.counts.resize(classics, 0);
        scratch.read.resize(classics, 0);
        scratch.native.clear(native.options.schema(), native.options.first_threshold());
        let mut sum = 0.0;
        if slot < NO_SLOT {
            for cells in blocks.cells(slot, native.width) {
                sum += add_consistently(&cells, series.id, epoch(state), native, scratch)?;
            }
        }
        fence(Acquire);
        let now = series.line().state.load(Relaxed);
        if now == state {
            return Some(sum);
        }
        // It has begun anew, which it does every few hours, or has its first exemplar, or it has gone.
        if now >> LOW != series.id {
            return None;
        }
    }
}

/// Adds what one block holds; none where its owner never gets out of an observation.
fn add_consistently(cells: &Cells, id: u64, epoch: u64, native: &Native, scratch: &mut Scratch) -> Option<f64> {
    for tries in 1..=TRIES {
        if cells.at(TAG).load(Acquire) != id {
            return Some(0.0);
        }
        let layout = cells.at(LAYOUT).load(Acquire);
        if layout != CHANGING {
            if layout == 0 || self::epoch(layout) != epoch {
                return Some(0.0);
            }
            let mut finished = 0_u64;
            for (cell, read) in (CLASSIC..).zip(&mut scratch.read) {
                *read = cells.at(cell).load(Acquire);
                finished = finished.wrapping_add(*read);
            }
            let threshold = threshold(cells.at(THRESHOLD).load(Relaxed));
            scratch.shard.clear(FINEST - by(layout), threshold);
            scratch.shard.zero_count = cells.at(ZERO).load(Relaxed);
            for cell in (native.table..native.width).step_by(2) {
                // A bucket that has just got its place has nothing yet.
                let count = cells.at(cell + 1).load(Relaxed);
                if let Some(Bucket { index, negative }) = Bucket::of_key(cells.at(cell).load(Relaxed))
                    && count > 0
                {
                    scratch.shard.add(negative, index, count);
                }
            }
            let sum = f64::from_bits(cells.at(SUM).load(Relaxed));
            fence(Acquire);
            let begun = cells.at(BEGUN).load(Relaxed);
            if cells.at(TAG).load(Relaxed) != id {
                return Some(0.0);
            }
            if begun == finished && cells.at(LAYOUT).load(Relaxed) == layout {
                scratch
                    .counts
                    .iter_mut()
                    .zip(&scratch.read)
                    .for_each(|(count, read)| *count = count.wrapping_add(*read));
                scratch.native.merge(&mut scratch.shard);
                return Some(sum);
            }
        }
        pause(tries, 16);
    }
    None
}

#[cfg(all(test, not(loom)))]
mod tests;
