//! Counters that have been reset.
//!
//! Their cells belong to the threads that count in them, and a handle finds them by the `id` of its series: so neither is
//! touched. What the cells held is kept beside them and subtracted wherever the counter is read. An increment is in what
//! was held, or it isn't: none is lost, and none counts twice.

use super::beside::Beside;
use super::counter::{float_of, float_parts, unsigned_total};
use super::kind::Blocks;
use super::line::Series;

static UNSIGNED: Beside<u64> = Beside::new();

/// The whole numbers and the fractions.
static FLOATS: Beside<(i128, f64)> = Beside::new();

impl Series {
    /// Takes a `u64` counter back to 0.
    pub(crate) fn reset_unsigned(self) {
        UNSIGNED.put(self, || unsigned_total(self, &Blocks::now()));
    }

    /// Takes an `f64` counter back to 0, unless it has reached infinity.
    pub(crate) fn reset_float(self) {
        FLOATS.put(self, || float_parts(self, &Blocks::now()).filter(|(_, fractions)| fractions.is_finite()));
    }
}

/// What a `u64` counter has counted since it was reset. Who found the total before a reset, and looks here after it, finds
/// more than that.
#[inline]
pub(super) fn unsigned_since(series: Series, total: u64) -> u64 {
    match UNSIGNED.get(series) {
        None => total,
        Some(held) => total.saturating_sub(held),
    }
}

/// As [`unsigned_since`], of an `f64` counter's parts.
#[inline]
pub(super) fn float_since(series: Series, (whole, fractions): (i128, f64)) -> f64 {
    match FLOATS.get(series) {
        None => float_of((whole, fractions)),
        Some(held) => float_of((whole - held.0, fractions - held.1)).max(0.0),
    }
}
