//! Counters that have been reset.
//!
//! Their cells belong to the threads that count in them, and a handle finds them by the `id` of its series: so neither is
//! touched. What the cells held is kept beside them and subtracted wherever the counter is read. An increment is in what
//! was held, or it isn't: none is lost, and none counts twice. When that was is when the counter began to count.

use super::beside::Beside;
use super::counter::{float_of, float_parts, unsigned_total};
use super::kind::Blocks;
use super::line::Series;
use crate::clock::since_epoch;

/// What a counter held when it was reset, and when that was, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy)]
struct Reset<T> {
    held: T,
    at: u64,
}

static UNSIGNED: Beside<Reset<u64>> = Beside::new();

/// The whole numbers and the fractions.
static FLOATS: Beside<Reset<(i128, f64)>> = Beside::new();

impl<T> Reset<T> {
    fn now(held: impl FnOnce() -> Option<T>) -> Option<Self> {
        // Before: what is counted since then is in what was held, or behind it.
        let at = since_epoch();
        held().map(|held| Self { held, at })
    }
}

impl Series {
    /// Takes a `u64` counter back to 0.
    pub(crate) fn reset_unsigned(self) {
        UNSIGNED.put(self, || Reset::now(|| unsigned_total(self, &Blocks::now())));
    }

    /// Takes an `f64` counter back to 0, unless it has reached infinity.
    pub(crate) fn reset_float(self) {
        let held = || float_parts(self, &Blocks::now()).filter(|(_, fractions)| fractions.is_finite());
        FLOATS.put(self, || Reset::now(held));
    }
}

/// What a `u64` counter has counted since it was reset. Who found the total before a reset, and looks here after it, finds
/// more than that.
#[inline]
pub(super) fn unsigned_since(series: Series, total: u64) -> u64 {
    match UNSIGNED.get(series) {
        None => total,
        Some(Reset { held, .. }) => total.saturating_sub(held),
    }
}

/// As [`unsigned_since`], of an `f64` counter's parts.
#[inline]
pub(super) fn float_since(series: Series, (whole, fractions): (i128, f64)) -> f64 {
    match FLOATS.get(series) {
        None => float_of((whole, fractions)),
        Some(Reset { held, .. }) => float_of((whole - held.0, fractions - held.1)).max(0.0),
    }
}

/// When a `u64` counter was reset, if it was. Who looks here, and then for what it has counted, finds no more than it has
/// counted since.
#[inline]
pub(super) fn unsigned_reset_at(series: Series) -> Option<u64> {
    UNSIGNED.get(series).map(|reset| reset.at)
}

/// As [`unsigned_reset_at`], of an `f64` counter.
#[inline]
pub(super) fn float_reset_at(series: Series) -> Option<u64> {
    FLOATS.get(series).map(|reset| reset.at)
}
