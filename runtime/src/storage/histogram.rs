//! Histograms, read without tearing.
//!
//! Cells: a tag, how many observations have begun, their sum, how many values were refused, and the buckets (not
//! cumulative), of which the last is +Inf. An observation says that it begins, adds to the sum, adds to a bucket; only
//! the owner of the cells does. A reader reads the buckets first, then the sum, then how many have begun. Where that is
//! the sum of the buckets, none was under way: each that has begun is in a bucket and in the sum. Otherwise it reads once
//! more. So an observer never waits, and a reader waits for the few instructions of an observation.

use std::sync::{Arc, Mutex, PoisonError};

use super::block::Cells;
use super::counter::REFUSED;
use super::exemplar::Replaces;
use super::kind::{Blocks, Kind, Scratch};
use super::lease::OwnBlock;
use super::line::Series;
use super::native::{self, Native};
use super::slots::NO_SLOT;
use super::sync::{
    Ordering::{Acquire, Relaxed, Release},
    fence, own_load, pause,
};
use super::tag::{TAG, bump_float};
use crate::native::NativeOptions;

/// Upper bounds, rising, without +Inf.
#[derive(Debug)]
pub(crate) struct Bounds {
    shared: Arc<[f64]>,
    /// With +Inf behind them up to one of two lengths, where that makes the search quicker.
    padded: Box<[f64]>,
    /// Of the cells. Where there are native buckets, more than any block has: so who looks for classic cells finds none, and
    /// others needn't ask whether there are native buckets.
    width: u32,
    native: Option<Native>,
}

/// More cells than the block of any thread has, and so few that no slot brings them around.
const NO_BLOCK: u32 = u32::MAX >> 2;

const FEW: usize = 8;
const SOME: usize = 16;

impl Bounds {
    /// Bounds are there once and for ever, since a handle to a series may outlive its metric.
    pub(crate) fn of(bounds: &[f64]) -> &'static Self {
        Self::of_native(bounds, None)
    }

    /// With native buckets too, if they are asked for.
    pub(crate) fn of_native(bounds: &[f64], options: Option<NativeOptions>) -> &'static Self {
        static KNOWN: Mutex<Vec<&'static Bounds>> = Mutex::new(Vec::new());
        let same = |known: &&&Self| {
            known.shared.len() == bounds.len()
                && known.native.as_ref().map(Native::options) == options
                && (0..bounds.len()).all(|at| known.shared[at].to_bits() == bounds[at].to_bits())
        };
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find(same) {
            return found;
        }
        let native = options.map(|options| Native::new(options, bounds.len()));
        let length = match bounds.len() {
            // Nothing is searched there.
            0 => 0,
            1..=FEW => FEW,
            length => length.max(SOME),
        };
        let mut padded = bounds.to_vec();
        padded.resize(length, f64::INFINITY);
        let width = match &native {
            Some(_) => NO_BLOCK,
            None => u32::try_from(bounds.len()).unwrap_or(NO_BLOCK) + BUCKETS + 1,
        };
        let new: &'static Self =
            Box::leak(Box::new(Self { shared: bounds.into(), padded: padded.into(), width, native }));
        known.push(new);
        new
    }

    pub(crate) fn shared(&self) -> &Arc<[f64]> {
        &self.shared
    }

    pub(crate) fn is_native(&self) -> bool {
        self.native.is_some()
    }

    /// Whose place an exemplar takes: that of its bucket. Where there are only native ones, which come and go, there are a
    /// few for all of them.
    pub(crate) fn exemplar_of(&self, value: f64) -> Replaces {
        if self.shared.is_empty() && self.is_native() {
            return Replaces::Crowded;
        }
        let bucket = self.bucket(value) as usize;
        let above = bucket.checked_sub(1).and_then(|below| self.shared.get(below)).copied();
        Replaces::Bucket { above, up_to: self.shared.get(bucket).copied() }
    }

    /// The first bucket whose bound is not below the value: `le` is inclusive.
    #[inline]
    fn bucket(&self, value: f64) -> u32 {
        // Without a branch, which a processor would guess wrong as often as values differ. The bounds below the value are
        // the first ones.
        if let Ok(bounds) = <&[f64; SOME]>::try_from(&*self.padded) {
            below(bounds, value).trailing_ones()
        } else if let Ok(bounds) = <&[f64; FEW]>::try_from(&*self.padded) {
            below(bounds, value).trailing_ones()
        } else {
            u32::try_from(self.shared.partition_point(|&bound| bound < value)).unwrap_or_default()
        }
    }

    /// The same, for what has just been measured: with branches, so that the processor goes on to whatever reads the
    /// clock next, and needn't wait for the value.
    #[inline]
    fn bucket_of_measured(&self, value: f64) -> u32 {
        if self.shared.len() > SOME {
            return self.bucket(value);
        }
        let bucket = self.shared.iter().position(|&bound| value <= bound);
        u32::try_from(bucket.unwrap_or(self.shared.len())).unwrap_or_default()
    }
}

/// Which bounds are below the value, a bit each.
#[cfg(target_arch = "x86_64")]
#[inline]
fn below<const N: usize>(bounds: &[f64; N], value: f64) -> u32 {
    use std::arch::x86_64::{
        _mm_castpd_ps, _mm_castps_si128, _mm_cmplt_pd, _mm_loadu_pd, _mm_movemask_epi8, _mm_packs_epi16,
        _mm_packs_epi32, _mm_set1_pd, _mm_shuffle_ps,
    };

    // Sixteen bits of a mask come of one instruction, and how many of the first are set of another. Of a sum of
    // comparisons the compiler makes thirty, since x86-64 need not be able to count bits.
    const EVEN: i32 = 0b10_00_10_00;
    // SAFETY: every x86-64 has SSE2; all that is read is two of the bounds, which needn't be aligned.
    unsafe {
        let value = _mm_set1_pd(value);
        let two = |at: usize| _mm_castpd_ps(_mm_cmplt_pd(_mm_loadu_pd(bounds[at..at + 2].as_ptr()), value));
        let four = |at: usize| _mm_castps_si128(_mm_shuffle_ps::<EVEN>(two(at), two(at + 2)));
        let eight = |at: usize| _mm_packs_epi32(four(at), four(at + 4));
        _mm_movemask_epi8(_mm_packs_epi16(eight(0), eight(N - 8))).cast_unsigned() & ((1 << N) - 1)
    }
}

/// Which bounds are below the value, a bit each.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn below<const N: usize>(bounds: &[f64; N], value: f64) -> u32 {
    let below = bounds.iter().map(|&bound| u64::from(bound < value)).sum::<u64>();
    (1 << below) - 1
}

pub(super) const BEGUN: u32 = 1;
pub(super) const SUM: u32 = 2;
const BUCKETS: u32 = REFUSED + 1;

/// A histogram with these bounds.
#[derive(Debug)]
pub(crate) struct Buckets;

#[inline]
fn observe(cells: &Cells, bucket: u32, value: f64) {
    let begun = cells.at(BEGUN);
    begun.store(own_load(begun).wrapping_add(1), Relaxed);
    // Who sees what follows sees that it has begun.
    fence(Release);
    bump_float(cells.at(SUM), value);
    let count = cells.at(BUCKETS + bucket);
    // Who sees this sees the sum.
    count.store(own_load(count).wrapping_add(1), Release);
}

impl Series {
    /// Counts a value that is not NaN.
    #[inline]
    pub(crate) fn observe(self, bounds: &'static Bounds, value: f64) {
        self.observe_in(bounds, Bounds::bucket, value);
    }

    /// Counts a value that is not NaN where there are no bounds.
    #[inline]
    pub(crate) fn observe_unbucketed(self, bounds: &'static Bounds, value: f64) {
        self.observe_in(bounds, |_, _| 0, value);
    }

    /// Counts what has just been measured, which is not NaN.
    #[inline]
    pub(crate) fn observe_measured(self, bounds: &'static Bounds, value: f64) {
        self.observe_in(bounds, Bounds::bucket_of_measured, value);
    }

    #[inline]
    fn observe_in(self, bounds: &'static Bounds, bucket: impl Fn(&Bounds, f64) -> u32, value: f64) {
        let block = OwnBlock::now();
        match self.own_in(block, bounds.width) {
            Some(cells) => observe(&cells, bucket(bounds, value), value),
            None => self.observe_slowly(block, bounds, value),
        }
    }

    /// Of a native histogram, and of others if they have no cells yet. It gets the block, since asking for it counts as a
    /// call in a library, for which this would have to save all that it knows.
    #[cold]
    #[inline(never)]
    fn observe_slowly(self, block: OwnBlock, bounds: &'static Bounds, value: f64) {
        match &bounds.native {
            Some(native) if native.has_classics() => {
                self.observe_native(block, native, bounds.bucket(value), value);
            }
            Some(native) => self.observe_native(block, native, 0, value),
            None => self.observe_first(bounds, value),
        }
    }

    #[inline(never)]
    fn observe_first(self, bounds: &'static Bounds, value: f64) {
        let bucket = bounds.bucket(value);
        self.count(bounds.width, |cells| observe(cells, bucket, value));
    }

    /// Counts that a histogram refused a value.
    #[cold]
    pub(crate) fn refuse_observation(self, bounds: &'static Bounds) {
        self.refuse(Buckets::width(bounds));
    }
}

/// How often a reader looks again before it gives a series up for this time. An observer that doesn't go on for as long
/// as these take is one whose process was forked in the middle of an observation.
pub(super) const TRIES: u32 = 1 << 20;

/// Adds what one block holds; none where its owner never gets out of an observation.
fn add_consistently(cells: &Cells, id: u64, scratch: &mut Scratch) -> Option<f64> {
    for tries in 1..=TRIES {
        if cells.at(TAG).load(Acquire) != id {
            return Some(0.0);
        }
        let mut finished = 0_u64;
        for (index, read) in (BUCKETS..).zip(&mut scratch.read) {
            *read = cells.at(index).load(Acquire);
            finished = finished.wrapping_add(*read);
        }
        let sum = f64::from_bits(cells.at(SUM).load(Relaxed));
        fence(Acquire);
        let begun = cells.at(BEGUN).load(Relaxed);
        if cells.at(TAG).load(Relaxed) != id {
            return Some(0.0);
        }
        if begun == finished {
            scratch.counts.iter_mut().zip(&scratch.read).for_each(|(count, read)| *count = count.wrapping_add(*read));
            return Some(sum);
        }
        pause(tries, 16);
    }
    None
}

impl Kind for Buckets {
    type Shape = &'static Bounds;
    /// The sum; the buckets are in [`Scratch::counts`], native ones in [`Scratch::native`].
    type Reading = f64;
    const HAS_EXEMPLARS: bool = true;
    const REFUSED: Option<u32> = Some(REFUSED);

    fn width(bounds: &'static Bounds) -> u32 {
        bounds.native.as_ref().map_or(bounds.width, Native::width)
    }

    #[inline]
    fn begun_anew(series: Series) -> Option<u64> {
        native::begun_anew(series)
    }

    fn read(series: Series, bounds: &'static Bounds, blocks: &Blocks, scratch: &mut Scratch) -> Option<f64> {
        if let Some(native) = &bounds.native {
            return native::read(series, native, blocks, scratch);
        }
        series.state()?;
        let slot = series.line().slot.load(Acquire);
        let buckets = bounds.shared.len() + 1;
        scratch.counts.clear();
        scratch.counts.resize(buckets, 0);
        scratch.read.resize(buckets, 0);
        let mut sum = 0.0;
        if slot < NO_SLOT {
            for cells in blocks.cells(slot, bounds.width) {
                sum += add_consistently(&cells, series.id, scratch)?;
            }
        }
        series.still().then_some(sum)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::super::table::Table;
    use super::*;
    use crate::label::Rendering;
    use crate::snapshot::Number;

    /// A histogram of one series, with the table that it belongs to.
    fn histogram(bounds: &[f64]) -> (Table<Buckets>, Series) {
        let rendering = Rendering::new(std::iter::empty(), std::iter::empty());
        let table = Table::new::<()>(Bounds::of(bounds), rendering, 1, false);
        let series = table.resolve(&());
        (table, series)
    }

    fn read((table, series): &(Table<Buckets>, Series)) -> (Vec<u64>, f64) {
        let mut scratch = Scratch::default();
        let sum = Table::<Buckets>::read(*series, table.shape(), &mut scratch).expect("it stays");
        (scratch.counts, sum)
    }

    #[test]
    fn an_upper_bound_is_inclusive_however_many_there_are() {
        for count in [1_u8, 2, 7, 8, 9, 15, 16, 17, 40] {
            let bounds: Vec<f64> = (0..count).map(f64::from).collect();
            let bounds = Bounds::of(&bounds);
            let around = (0..count).flat_map(|at| [(f64::from(at), at), (f64::from(at) + 0.5, at + 1)]);
            let outside = [(f64::NEG_INFINITY, 0), (-1.0, 0), (-0.0, 0), (f64::INFINITY, count)];
            for (value, bucket) in around.chain(outside) {
                assert_eq!(bounds.bucket(value), u32::from(bucket), "{value} of {count}");
                assert_eq!(bounds.bucket_of_measured(value), u32::from(bucket), "{value} of {count}");
            }
        }
        assert_eq!(Bounds::of(&[]).bucket(1.0), 0);
    }

    #[test]
    fn the_same_bounds_are_kept_once() {
        assert!(std::ptr::eq(Bounds::of(&[1.0, 7.5]), Bounds::of(&[1.0, 7.5])));
        assert!(!std::ptr::eq(Bounds::of(&[1.0, 7.5]), Bounds::of(&[1.0])));
    }

    #[test]
    fn a_reading_is_never_torn() {
        let histogram = histogram(&[1.0, 2.0]);
        let (table, series) = (&histogram.0, histogram.1);
        let (threads, each) = if cfg!(miri) { (2, 30) } else { (4, 99_999) };
        thread::scope(|scope| {
            let writers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(|| {
                        for turn in 0..each {
                            series.observe(table.shape(), [1.0, 2.0, 1024.0][turn % 3]);
                        }
                    })
                })
                .collect();
            let mut before = vec![0; 3];
            while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
                let (counts, sum) = read(&histogram);
                let weighted = counts[0] + 2 * counts[1] + 1024 * counts[2];
                assert_eq!(sum.to_bits(), Number::from(weighted).as_f64().to_bits());
                assert!(counts.iter().zip(&before).all(|(now, before)| now >= before));
                before = counts;
            }
        });
        assert_eq!(read(&histogram).0, [threads * each as u64 / 3; 3]);
    }
}
