//! Gauges: what stands in their cells, and in their line.
//!
//! A gauge moves in cells as long as it only goes up and down: what went up in one thread may come down in another, so
//! the sum wraps. Once it has been set, its value is one number in the line, which a lock in `state` guards: the lock
//! of a line that has another series can't be taken. One that a function is asked for stays so, whatever is set.

use std::sync::Arc;

use super::block::Cells;
use super::counter::{FLOAT_WIDTH, WHOLE, add_float_in, float_of, floats_in, step_in};
use super::function::{self, Function};
use super::kind::{Blocks, Kind, Scratch};
use super::line::{LOCKED, LOW, PERMANENT, Series, word};
use super::slots::{CALLED, SHARED, give_back};
use super::sync::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence, own_load, pause,
};
use super::tag::bump;
use crate::snapshot::Number;

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
        let bits = series.read_gauge(blocks, in_cells, |number| whole(number).cast_unsigned());
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
        let in_cells = |slot| float_of(floats_in(series, slot, blocks)).to_bits();
        series.read_gauge(blocks, in_cells, |number| number.as_f64().to_bits()).map(f64::from_bits)
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

impl Series {
    /// Adds to an `i64` gauge.
    #[inline]
    pub(crate) fn move_signed(self, by: i64) {
        match self.own(SIGNED_WIDTH) {
            Some(cells) => bump(cells.at(WHOLE), by.cast_unsigned()),
            None => self.move_gauge(
                SIGNED_WIDTH,
                move |cells| bump(cells.at(WHOLE), by.cast_unsigned()),
                move |value| value.wrapping_add(by.cast_unsigned()),
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
                move |cells| add_float_in(cells, by),
                move |value| (f64::from_bits(value) + by).to_bits(),
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
            function::forget_function(self);
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

    /// The value of a gauge, as bits; none for one thread where it is one for all.
    fn read_gauge(
        self,
        blocks: &Blocks,
        in_cells: impl Fn(u32) -> u64,
        bits_of: impl Fn(Number) -> u64,
    ) -> Option<u64> {
        loop {
            self.state()?;
            let slot = self.line().slot.load(Acquire);
            let bits = match slot {
                SHARED | CALLED if !blocks.are_all() => return None,
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
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::counter::tests::{EACH, at_once, family, read};
    use super::*;

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
