//! What the wrapper of a marked function does with a metric. It calls these by their paths, since a method could be one
//! of a trait of the user's.
//!
//! A metric without labels is fed as it stands in its static: a handle would only be one more thing to make.

use super::guard::{Entered, Exit, Timed, Tracked};
use crate::clock::Reading;
use crate::label::Outcome;
use crate::metric::{Counter, CounterSeries, CounterValue, Gauge, GaugeSeries, GaugeValue, Histogram, HistogramSeries};
use crate::snapshot::Number;

/// A counter without labels, or a series of one.
pub trait Count {
    fn count(&self);
}

impl<V: CounterValue> Count for Counter<(), V> {
    #[inline]
    fn count(&self) {
        self.inc();
    }
}

impl<V: CounterValue> Count for CounterSeries<V> {
    #[inline]
    fn count(&self) {
        self.inc();
    }
}

impl<T: Count> Count for &T {
    #[inline]
    fn count(&self) {
        T::count(self);
    }
}

#[inline]
pub fn inc(counter: &impl Count) {
    counter.count();
}

/// A gauge without labels, or a series of one.
pub trait Track {
    fn up(&self);

    fn down(&self);
}

impl<V: GaugeValue> Track for Gauge<(), V> {
    #[inline]
    fn up(&self) {
        self.inc();
    }

    #[inline]
    fn down(&self) {
        self.dec();
    }
}

impl<V: GaugeValue> Track for GaugeSeries<V> {
    #[inline]
    fn up(&self) {
        self.inc();
    }

    #[inline]
    fn down(&self) {
        self.dec();
    }
}

impl<T: Track> Track for &T {
    #[inline]
    fn up(&self) {
        T::up(self);
    }

    #[inline]
    fn down(&self) {
        T::down(self);
    }
}

#[inline]
pub fn track<T: Track>(gauge: T) -> Tracked<T> {
    Tracked::of(gauge)
}

/// A histogram without labels, a series of one, or two of these.
pub trait Observe {
    fn observe(&self, value: impl Into<Number>);

    /// How long a call took: never NaN, and most often in the same bucket as the call before.
    fn observe_seconds(&self, seconds: f64);
}

impl Observe for Histogram {
    #[inline]
    fn observe(&self, value: impl Into<Number>) {
        self.observe(value);
    }

    #[inline]
    fn observe_seconds(&self, seconds: f64) {
        Histogram::observe_seconds(self, seconds);
    }
}

impl Observe for HistogramSeries {
    #[inline]
    fn observe(&self, value: impl Into<Number>) {
        self.observe(value);
    }

    #[inline]
    fn observe_seconds(&self, seconds: f64) {
        Self::observe_seconds(self, seconds);
    }
}

impl<T: Observe> Observe for &T {
    #[inline]
    fn observe(&self, value: impl Into<Number>) {
        T::observe(self, value);
    }

    #[inline]
    fn observe_seconds(&self, seconds: f64) {
        T::observe_seconds(self, seconds);
    }
}

impl<A: Observe, B: Observe> Observe for (A, B) {
    #[inline]
    fn observe(&self, value: impl Into<Number>) {
        let value = value.into();
        self.0.observe(value);
        self.1.observe(value);
    }

    #[inline]
    fn observe_seconds(&self, seconds: f64) {
        self.0.observe_seconds(seconds);
        self.1.observe_seconds(seconds);
    }
}

#[inline]
pub fn observe(histogram: &impl Observe, value: impl Into<Number>) {
    histogram.observe(value);
}

#[inline]
pub fn observe_seconds(histogram: &impl Observe, seconds: f64) {
    histogram.observe_seconds(seconds);
}

/// Reads the clock.
#[inline]
#[must_use]
pub fn now() -> Reading {
    Reading::now()
}

/// How many seconds have passed since.
#[inline]
#[must_use]
pub fn seconds(started: Reading) -> f64 {
    started.seconds()
}

#[inline]
pub fn time<T: Observe>(histogram: T, started: Reading) -> Timed<T> {
    Timed::since(started, histogram)
}

#[inline]
pub fn stop<T: Observe>(timed: Timed<T>, seconds: f64) {
    timed.stop(seconds);
}

#[inline]
pub fn finish<E: Entered, F: FnMut(Outcome, E::Elapsed)>(exit: Exit<'_, E, F>, outcome: Outcome, elapsed: E::Elapsed) {
    exit.finish(outcome, elapsed);
}
