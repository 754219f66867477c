//! Counters and gauges: what stands in their cells.

use std::sync::Arc;

use super::block::Cells;
use super::function::{self, Function};
use super::lease::{count, own};
use super::line::{LOW, LOW_MASK, NOBODY, PERMANENT, Series, word};
use super::reset::{float_since, unsigned_since};
use super::slots::{CALLED, NO_SLOT, SHARED, fresh, give_back, take};
use super::sync::{
    AtomicU64, GlobalU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    fence, own_load, pause,
};
use super::table::{Blocks, Kind, REFUSALS, Scratch};
use crate::snapshot::Number;

/// The cell in which each series' cells say whose they are.
pub(super) const TAG: u32 = 0;

/// Adds to a cell that nobody else writes.
#[inline]
fn bump(cell: &AtomicU64, by: u64) {
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
        let cells = own(self.line().slot.load(Relaxed), width)?;
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

    fn width((): ()) -> u32 {
        2
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<u64> {
        unsigned_total(series, blocks).map(|total| unsigned_since(series, total))
    }
}

/// What a `u64` counter has counted, whether it was reset or not.
#[inline]
pub(super) fn unsigned_total(series: Series, blocks: &Blocks) -> Option<u64> {
    let state = series.state()?;
    let slot = series.line().slot.load(Acquire);
    let cells = series.each(blocks, slot, 2, |cells| cells.at(1).load(Relaxed));
    let total = cells.fold(state & LOW_MASK, u64::wrapping_add);
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

    #[inline(never)]
    fn add_unsigned_slowly(self, by: u64) {
        while let Some(state) = self.state() {
            let slot = self.line().slot.load(Acquire);
            if slot != NO_SLOT {
                return self.count(2, |cells| bump(cells.at(1), by));
            }
            if by <= IN_LINE && (state & LOW_MASK) + by <= IN_LINE {
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
}

impl Permanent {
    pub(crate) const fn new() -> Self {
        Self { cell: GlobalU32::new(NO_SLOT) }
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
        let cell = self.cell.load(Relaxed);
        if cell != NO_SLOT {
            return cell - 1;
        }
        let slot = fresh(width);
        if slot == NO_SLOT {
            return NO_SLOT;
        }
        match self.cell.compare_exchange(NO_SLOT, slot + 1, Relaxed, Relaxed) {
            Ok(_) => slot,
            Err(first) => first - 1,
        }
    }
}

/// An `f64` counter: a tag, the sum of the whole numbers, the sum of the fractions, how many values were refused.
///
/// Integers are summed as integers, so what went up and came down again leaves nothing behind, and it is faster.
#[derive(Debug)]
pub(crate) struct Float;

const WHOLE: u32 = 1;
const FRACTIONS: u32 = 2;
pub(super) const REFUSED: u32 = 3;
const FLOAT_WIDTH: u32 = 4;

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "an integer that is compared with the range")]
fn add_float_in(cells: &Cells, value: f64) {
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
fn step_in(cells: &Cells, by: i32) {
    match cells.at(WHOLE).load(Relaxed).cast_signed().checked_add(by.into()) {
        Some(sum) => cells.at(WHOLE).store(sum.cast_unsigned(), Relaxed),
        None => bump_float(cells.at(FRACTIONS), by.into()),
    }
}

/// The whole numbers and the fractions in the cells of a series.
#[inline]
fn floats_in(series: Series, slot: u32, blocks: &Blocks) -> (i128, f64) {
    let parts = series.each(blocks, slot, FLOAT_WIDTH, |cells| {
        (cells.at(WHOLE).load(Relaxed).cast_signed(), f64::from_bits(cells.at(FRACTIONS).load(Relaxed)))
    });
    parts.fold((0_i128, 0.0), |sum, part| (sum.0 + i128::from(part.0), sum.1 + part.1))
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
    const REFUSED: Option<u32> = Some(REFUSED);

    fn width((): ()) -> u32 {
        FLOAT_WIDTH
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<f64> {
        float_parts(series, blocks).map(|parts| float_since(series, parts))
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

// A gauge moves in cells as long as it only goes up and down: what went up in one thread may come down in another, so
// the sum wraps. Once it has been set, its value is one number in the line, which a lock in `state` guards: the lock of
// a line that has another series can't be taken. One that a function is asked for stays so, whatever is set.

/// An `i64` gauge: a tag and a number.
#[derive(Debug)]
pub(crate) struct SignedGauge;

/// An `f64` gauge: as the `f64` counter.
#[derive(Debug)]
pub(crate) struct FloatGauge;

const SIGNED_WIDTH: u32 = 2;

impl Kind for SignedGauge {
    type Shape = ();
    type Reading = i64;
    const IS_GAUGE: bool = true;

    fn width((): ()) -> u32 {
        SIGNED_WIDTH
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<i64> {
        let in_cells = |slot| {
            let cells = series.each(blocks, slot, SIGNED_WIDTH, |cells| cells.at(WHOLE).load(Relaxed));
            cells.fold(0, u64::wrapping_add)
        };
        let bits = series.read_gauge(in_cells, |number| whole(number).cast_unsigned());
        bits.map(u64::cast_signed)
    }
}

impl Kind for FloatGauge {
    type Shape = ();
    type Reading = f64;
    const IS_GAUGE: bool = true;

    fn width((): ()) -> u32 {
        FLOAT_WIDTH
    }

    #[inline]
    fn read(series: Series, (): (), blocks: &Blocks, _: &mut Scratch) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "the value is an `f64`")]
        let in_cells = |slot| {
            let (whole, fractions) = floats_in(series, slot, blocks);
            (whole as f64 + fractions).to_bits()
        };
        series.read_gauge(in_cells, |number| number.as_f64().to_bits()).map(f64::from_bits)
    }
}

/// What an `i64` gauge can hold of a number: what is before the point, and the nearest where it is too far away. NaN is
/// 0.
#[inline]
pub(crate) fn whole(number: Number) -> i64 {
    match number {
        Number::Unsigned(number) => i64::try_from(number).unwrap_or(i64::MAX),
        Number::Signed(number) => number,
        #[expect(clippy::cast_possible_truncation, reason = "`as` does what is said above")]
        Number::Float(number) => number as i64,
    }
}

const LOCKED: u64 = 1;

impl Series {
    /// Adds to an `i64` gauge.
    #[inline]
    pub(crate) fn move_signed(self, by: i64) {
        match self.own(SIGNED_WIDTH) {
            Some(cells) => bump(cells.at(WHOLE), by.cast_unsigned()),
            None => self.move_gauge(
                SIGNED_WIDTH,
                |cells| bump(cells.at(WHOLE), by.cast_unsigned()),
                |value| value.wrapping_add(by.cast_unsigned()),
            ),
        }
    }

    /// Adds to an `f64` gauge.
    #[inline]
    pub(crate) fn move_float(self, by: f64) {
        match self.own(FLOAT_WIDTH) {
            Some(cells) => add_float_in(&cells, by),
            None => self.move_gauge(
                FLOAT_WIDTH,
                |cells| add_float_in(cells, by),
                |value| (f64::from_bits(value) + by).to_bits(),
            ),
        }
    }

    /// Adds a whole number to an `f64` gauge.
    #[inline]
    pub(crate) fn move_whole(self, by: i32) {
        match self.own(FLOAT_WIDTH) {
            Some(cells) => step_in(&cells, by),
            None => self.move_float(f64::from(by)),
        }
    }

    /// Of a gauge that has been set, or whose cells are not there yet.
    #[inline(never)]
    fn move_gauge(self, width: u32, in_cells: impl Fn(&Cells), in_line: impl Fn(u64) -> u64) {
        if self.line().slot.load(Acquire) == SHARED {
            self.locked(|value| value.store(in_line(own_load(value)), Release));
        } else {
            self.count(width, in_cells);
        }
    }

    /// Sets a gauge. What its cells hold counts no more; a movement that meets this came before it.
    pub(crate) fn set_signed(self, value: i64) {
        self.set_gauge(value.cast_unsigned(), SHARED, SIGNED_WIDTH);
    }

    /// As [`set_signed`](Self::set_signed).
    pub(crate) fn set_float(self, value: f64) {
        self.set_gauge(value.to_bits(), SHARED, FLOAT_WIDTH);
    }

    /// Shows what a function returns from now on: nothing that sets or moves the gauge is seen any more.
    pub(crate) fn call<K: Kind>(self, shape: K::Shape, function: Arc<Function>) {
        // First, so that who finds the slot finds the function too.
        function::keep(self, function);
        self.set_gauge(0, CALLED, K::width(shape));
        if !self.still() {
            function::forget_functions();
        }
    }

    #[inline]
    fn set_gauge(self, bits: u64, to: u32, width: u32) {
        let mut cells = to;
        self.locked(|value| {
            // Who finds this in the line finds whose it is.
            value.store(bits, Release);
            let slot = self.line().slot.load(Relaxed);
            if slot != to && slot != CALLED {
                // After the value, so that who finds this finds the value too.
                self.line().slot.store(to, Release);
                cells = slot;
            }
        });
        // Outside the lock, since it may allocate, and the allocator may set this gauge.
        if cells != to && self.id != PERMANENT {
            give_back(cells, width);
        }
    }

    /// The value of a gauge, as bits.
    fn read_gauge(self, in_cells: impl Fn(u32) -> u64, bits_of: impl Fn(Number) -> u64) -> Option<u64> {
        loop {
            self.state()?;
            let slot = self.line().slot.load(Acquire);
            let bits = match slot {
                SHARED => self.value().load(Relaxed),
                CALLED => bits_of(function::called(self)?),
                slot => in_cells(slot),
            };
            fence(Acquire);
            if !self.still() {
                return None;
            }
            if self.line().slot.load(Relaxed) == slot {
                return Some(bits);
            }
        }
    }

    #[inline]
    fn value(self) -> &'static AtomicU64 {
        // SAFETY: the lines of gauges have this word, see `Kind::FIRST_WORD`.
        unsafe { word(self.pointer(), 0) }
    }

    /// Runs this while nobody else does on this series, if it is still there. It takes a few instructions.
    #[inline]
    fn locked(self, run: impl FnOnce(&AtomicU64)) {
        let free = self.id << LOW;
        let mut tries = 0_u32;
        loop {
            match self.line().state.compare_exchange_weak(free, free | LOCKED, Acquire, Relaxed) {
                Ok(_) => break,
                Err(state) if state >> LOW != self.id => return,
                Err(_) => {
                    tries += 1;
                    pause(tries, 64);
                }
            }
        }
        // A reader that sees what is written now sees that the line is this series'.
        fence(Release);
        run(self.value());
        self.line().state.store(free, Release);
    }

    /// Takes the series away from everybody who has a handle to it; says whether it was still there.
    pub(super) fn retire<K: Kind>(self) -> bool {
        let mut state = self.line().state.load(Relaxed);
        loop {
            if state >> LOW != self.id {
                return false;
            }
            if K::IS_GAUGE && state & LOCKED != 0 {
                pause(0, 1);
                state = self.line().state.load(Relaxed);
                continue;
            }
            match self.line().state.compare_exchange_weak(state, NOBODY << LOW, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(changed) => state = changed,
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::super::table::Table;
    use super::*;
    use crate::label::Rendering;

    const EACH: u32 = if cfg!(miri) { 20 } else { 20_000 };

    fn family<K: Kind<Shape = ()>>() -> Table<K> {
        let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
        Table::new::<(&str,)>((), rendering, 100, false)
    }

    fn read<K: Kind<Shape = ()>>(series: Series) -> K::Reading {
        Table::<K>::read(series, (), &mut Scratch::default()).expect("it is there")
    }

    fn at_once(run: impl Fn(u32) + Sync) {
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

    #[test]
    fn a_gauge_is_moved_and_set_at_once() {
        let family = family::<SignedGauge>();
        let series = family.resolve(&("x",));
        at_once(|_| series.move_signed(-1));
        assert_eq!(read::<SignedGauge>(series), -i64::from(3 * EACH));
        at_once(|thread| if thread == 0 { series.set_signed(5) } else { series.move_signed(1) });
        series.set_signed(-5);
        at_once(|_| series.move_signed(2));
        assert_eq!(read::<SignedGauge>(series), i64::from(6 * EACH) - 5);
        assert!(family.remove(&("x",)));
        series.set_signed(1);
        series.move_signed(1);
        let again = family.resolve(&("x",));
        assert_eq!(read::<SignedGauge>(again), 0);
    }

    #[test]
    fn a_float_gauge_is_moved_and_set_at_once() {
        let family = family::<FloatGauge>();
        let series = family.resolve(&("x",));
        at_once(|thread| if thread == 0 { series.move_whole(1) } else { series.move_float(0.5) });
        assert_eq!(read::<FloatGauge>(series).to_bits(), f64::from(2 * EACH).to_bits());
        series.set_float(-0.0);
        assert_eq!(read::<FloatGauge>(series).to_bits(), (-0.0_f64).to_bits());
        at_once(|_| series.move_whole(1));
        assert_eq!(read::<FloatGauge>(series).to_bits(), f64::from(3 * EACH).to_bits());
    }
}
