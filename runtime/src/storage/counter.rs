//! Counters: what stands in their cells.

use super::apart::Apart;
use super::block::Cells;
use super::kind::{Blocks, Kind, REFUSALS, Scratch};
use super::lease::{count, own};
use super::line::{LOW_MASK, Series};
use super::reset::{float_reset_at, float_since, unsigned_reset_at, unsigned_since};
use super::slots::{NO_SLOT, fresh, give_back, take};
use super::sync::{
    GlobalU32, GlobalU64,
    Ordering::{Acquire, Relaxed, Release},
};
use super::tag::{bump, bump_float};
use crate::clock::since_epoch;

/// A `u64` counter: a tag and a number. Until it has counted a few, it does so in its line, so that a family of many
/// series that hardly count needs no cells for them.
#[derive(Debug)]
pub(crate) struct Unsigned;

/// How much a line counts before it is given cells.
const IN_LINE: u64 = if cfg!(loom) { 2 } else { 16 };

impl Kind for Unsigned {
    type Shape = ();
    type Reading = u64;
    const COUNTS_IN_LINE: bool = true;
    const HAS_EXEMPLARS: bool = true;

    fn width((): ()) -> u32 {
        2
    }

    #[inline]
    fn begun_anew(series: Series) -> Option<u64> {
        unsigned_reset_at(series)
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<u64> {
        let total = unsigned_total(series, blocks)?;
        Some(if blocks.are_all() { unsigned_since(series, total) } else { total })
    }
}

/// What a `u64` counter has counted, whether it was reset or not.
#[inline]
pub(super) fn unsigned_total(series: Series, blocks: &Blocks) -> Option<u64> {
    let state = series.state()?;
    let slot = series.line().slot.load(Acquire);
    let cells = series.each(blocks, slot, 2, |cells| cells.at(1).load(Relaxed));
    let total = cells.fold(if blocks.are_all() { state & LOW_MASK } else { 0 }, u64::wrapping_add);
    series.still().then_some(total)
}

impl Series {
    /// Adds to a counter.
    #[inline]
    pub(crate) fn add_unsigned(self, by: u64) {
        match self.own(2) {
            Some(cells) => bump(cells.at(1), by),
            None => self.add_unsigned_slowly(by),
        }
    }

    /// The same where this thread has cells that are the series'; says whether it has.
    #[inline]
    pub(crate) fn add_unsigned_in_own(self, by: u64) -> bool {
        match self.own(2) {
            Some(cells) => {
                bump(cells.at(1), by);
                true
            }
            None => false,
        }
    }

    #[inline(never)]
    fn add_unsigned_slowly(self, by: u64) {
        while let Some(state) = self.state() {
            let slot = self.line().slot.load(Acquire);
            if slot != NO_SLOT {
                return self.count(2, |cells| bump(cells.at(1), by));
            }
            if by <= IN_LINE && (state & LOW_MASK) + by <= IN_LINE && !Apart::is_asked() {
                if self.line().state.compare_exchange_weak(state, state + by, Relaxed, Relaxed).is_ok() {
                    return;
                }
            } else if !self.give_cells() {
                return;
            }
        }
    }

    /// What it counted in its line stays there.
    fn give_cells(self) -> bool {
        let slot = take(2);
        if self.line().slot.compare_exchange(NO_SLOT, slot, Release, Relaxed).is_err() {
            give_back(slot, 2);
        }
        slot != NO_SLOT
    }
}

/// The cells of a metric without labels in a static. It takes some that nobody ever had and keeps them for good, so a
/// counter needs neither line nor tag.
#[derive(Debug)]
pub(crate) struct Permanent {
    /// That of the number, behind the tag.
    cell: GlobalU32,
    /// When the cells were first asked for, in nanoseconds since the Unix epoch.
    created: GlobalU64,
}

impl Permanent {
    pub(crate) const fn new() -> Self {
        Self { cell: GlobalU32::new(NO_SLOT), created: GlobalU64::new(0) }
    }

    /// Adds, if this thread has the cell already.
    #[inline]
    pub(crate) fn add(&self, by: u64) -> bool {
        own(self.cell.load(Relaxed), 1).inspect(|cells| bump(cells.at(0), by)).is_some()
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn add_slowly(&self, by: u64) {
        let cell = self.slot(Unsigned::width(())) + 1;
        if cell < NO_SLOT {
            count(cell, 1, |cells| bump(cells.at(0), by));
        }
    }

    /// The slot, taken if there is none yet. It allocates nothing, so that an allocator may count its calls.
    pub(crate) fn slot(&self, width: u32) -> u32 {
        // Who finds them finds when they were asked for.
        let cell = self.cell.load(Acquire);
        if cell != NO_SLOT {
            return cell - 1;
        }
        // Before anybody can count in them. Whoever comes first keeps the time, and sees that it is kept.
        let _ = self.created.compare_exchange(0, since_epoch(), Relaxed, Relaxed);
        let slot = fresh(width);
        if slot == NO_SLOT {
            return NO_SLOT;
        }
        match self.cell.compare_exchange(NO_SLOT, slot + 1, Release, Relaxed) {
            Ok(_) => slot,
            Err(first) => first - 1,
        }
    }

    /// When the cells were first asked for, once they have been: before anything was counted in them.
    pub(crate) fn created(&self) -> u64 {
        self.created.load(Relaxed)
    }
}

/// An `f64` counter: a tag, the sum of the whole numbers, the sum of the fractions, how many values were refused.
///
/// Integers are summed as integers, so what went up and came down again leaves nothing behind, and it is faster.
#[derive(Debug)]
pub(crate) struct Float;

pub(super) const WHOLE: u32 = 1;
const FRACTIONS: u32 = 2;
pub(super) const REFUSED: u32 = 3;
pub(super) const FLOAT_WIDTH: u32 = 4;

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "an integer that is compared with the range")]
pub(super) fn add_float_in(cells: &Cells, value: f64) {
    /// Every integer up to it is an `f64`.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value.trunc();
    if whole.abs() <= EXACT
        && let Some(sum) = cells.at(WHOLE).load(Relaxed).cast_signed().checked_add(whole as i64)
    {
        cells.at(WHOLE).store(sum.cast_unsigned(), Relaxed);
        let fraction = value - whole;
        if fraction != 0.0 {
            bump_float(cells.at(FRACTIONS), fraction);
        }
    } else {
        bump_float(cells.at(FRACTIONS), value);
    }
}

#[inline]
pub(super) fn step_in(cells: &Cells, by: i32) {
    match cells.at(WHOLE).load(Relaxed).cast_signed().checked_add(by.into()) {
        Some(sum) => cells.at(WHOLE).store(sum.cast_unsigned(), Relaxed),
        None => bump_float(cells.at(FRACTIONS), by.into()),
    }
}

/// The whole numbers and the fractions in the cells of a series.
#[inline]
pub(super) fn floats_in(series: Series, slot: u32, blocks: &Blocks) -> (i128, f64) {
    let parts = series.each(blocks, slot, FLOAT_WIDTH, |cells| {
        (cells.at(WHOLE).load(Relaxed).cast_signed(), f64::from_bits(cells.at(FRACTIONS).load(Relaxed)))
    });
    parts.fold((0_i128, 0.0), |sum, part| (sum.0 + i128::from(part.0), sum.1 + part.1))
}

#[inline]
#[expect(clippy::cast_precision_loss, reason = "the value is an `f64`")]
pub(super) fn float_of((whole, fractions): (i128, f64)) -> f64 {
    whole as f64 + fractions
}

/// What an `f64` counter has counted, whether it was reset or not.
#[inline]
pub(super) fn float_parts(series: Series, blocks: &Blocks) -> Option<(i128, f64)> {
    series.state()?;
    let slot = series.line().slot.load(Acquire);
    let parts = floats_in(series, slot, blocks);
    series.still().then_some(parts)
}

impl Kind for Float {
    type Shape = ();
    type Reading = f64;
    const HAS_EXEMPLARS: bool = true;
    const REFUSED: Option<u32> = Some(REFUSED);

    fn width((): ()) -> u32 {
        FLOAT_WIDTH
    }

    #[inline]
    fn begun_anew(series: Series) -> Option<u64> {
        float_reset_at(series)
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<f64> {
        let parts = float_parts(series, blocks)?;
        Some(if blocks.are_all() { float_since(series, parts) } else { float_of(parts) })
    }
}

impl Series {
    /// Adds to an `f64` counter what is neither negative nor NaN.
    #[inline]
    pub(crate) fn add_float(self, value: f64) {
        match self.own(FLOAT_WIDTH) {
            Some(cells) => add_float_in(&cells, value),
            None => self.count(FLOAT_WIDTH, |cells| add_float_in(cells, value)),
        }
    }

    /// Counts that an `f64` counter refused a value.
    #[cold]
    pub(crate) fn refuse_float(self) {
        self.refuse(FLOAT_WIDTH);
    }

    pub(super) fn refuse(self, width: u32) {
        REFUSALS.fetch_add(1, Relaxed);
        self.count(width, |cells| bump(cells.at(REFUSED), 1));
    }
}

#[cfg(all(test, not(loom)))]
pub(super) mod tests {
    use std::thread;

    use super::super::table::Table;
    use super::*;
    use crate::label::Rendering;

    pub(in crate::storage) const EACH: u32 = if cfg!(miri) { 20 } else { 20_000 };

    pub(in crate::storage) fn family<K: Kind<Shape = ()>>() -> Table<K> {
        let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
        Table::new::<(&str,)>((), rendering, 100, false)
    }

    pub(in crate::storage) fn read<K: Kind<Shape = ()>>(series: Series) -> K::Reading {
        Table::<K>::read(series, (), &mut Scratch::default()).expect("it is there")
    }

    pub(in crate::storage) fn at_once(run: impl Fn(u32) + Sync) {
        thread::scope(|scope| {
            for thread in 0..3 {
                let run = &run;
                scope.spawn(move || (0..EACH).for_each(|_| run(thread)));
            }
        });
    }

    #[test]
    fn a_counter_goes_from_its_line_to_cells() {
        let family = family::<Unsigned>();
        let series = family.resolve(&("x",));
        at_once(|_| series.add_unsigned(7));
        assert_eq!(read::<Unsigned>(series), u64::from(3 * 7 * EACH));
        series.add_unsigned(u64::MAX - 3);
        assert_eq!(read::<Unsigned>(series), u64::from(3 * 7 * EACH) - 4);
    }

    #[test]
    fn a_float_counter_is_exact_for_whole_numbers() {
        let family = family::<Float>();
        let series = family.resolve(&("x",));
        series.add_float(1e15);
        at_once(|thread| series.add_float(if thread == 0 { 0.25 } else { 1.0 }));
        assert_eq!(read::<Float>(series).to_bits(), (1e15 + f64::from(EACH) * 2.25).to_bits());
        series.refuse_float();
        assert_eq!(family.refused(), 1);
        assert!(family.remove(&("x",)));
        assert_eq!(family.refused(), 1);
    }

    #[test]
    fn a_float_counter_is_right_for_all_that_it_may_be_given() {
        let family = family::<Float>();
        let big = 9_007_199_254_740_992.0;
        let rows: [(&[f64], f64); 6] = [
            (&[-0.0], 0.0),
            (&[0.5, 0.25, 3.125], 3.875),
            (&[1e300, 1.0], 1e300),
            (&[f64::INFINITY, 1.5], f64::INFINITY),
            (&[big; 1100], big * 1100.0),
            (&[5e-324, 0.0], 5e-324),
        ];
        for (row, (values, sum)) in rows.into_iter().enumerate() {
            let series = family.resolve(&(["a", "b", "c", "d", "e", "f"][row],));
            for value in values {
                series.add_float(*value);
            }
            assert_eq!(read::<Float>(series).to_bits(), sum.to_bits(), "{row}");
        }
    }
}
