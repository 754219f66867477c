//! What the wrapper of a marked function does with a metric. It calls these by their paths, since a method could be one
//! of a trait of the user's.

use std::time::{Duration, Instant};

use super::call::Exit;
use crate::label::Outcome;
use crate::metric::{
    Counter, CounterSeries, CounterValue, Gauge, GaugeSeries, GaugeValue, Histogram, HistogramSeries, InProgress, Timer,
};
use crate::snapshot::Number;

/// A counter without labels, or a series of one.
pub trait Count {
    fn count(&self);
}

impl<V: CounterValue> Count for &'static Counter<(), V> {
    fn count(&self) {
        self.inc();
    }
}

impl<V: CounterValue> Count for CounterSeries<V> {
    fn count(&self) {
        self.inc();
    }
}

#[inline]
pub fn inc(counter: &impl Count) {
    counter.count();
}

/// A gauge without labels, or a series of one.
pub trait Track {
    type Value: GaugeValue;

    fn track(&self) -> InProgress<Self::Value>;
}

impl<V: GaugeValue> Track for &'static Gauge<(), V> {
    type Value = V;

    fn track(&self) -> InProgress<V> {
        self.track_inprogress()
    }
}

impl<V: GaugeValue> Track for GaugeSeries<V> {
    type Value = V;

    fn track(&self) -> InProgress<V> {
        self.track_inprogress()
    }
}

#[inline]
pub fn track_inprogress<T: Track>(gauge: &T) -> InProgress<T::Value> {
    gauge.track()
}

/// A histogram without labels, or a series of one.
pub trait Observe {
    fn observe_number(&self, number: Number);

    fn timer(&self) -> Timer;
}

impl Observe for &'static Histogram {
    fn observe_number(&self, number: Number) {
        self.observe(number);
    }

    fn timer(&self) -> Timer {
        self.start_timer()
    }
}

impl Observe for HistogramSeries {
    fn observe_number(&self, number: Number) {
        self.observe(number);
    }

    fn timer(&self) -> Timer {
        self.start_timer()
    }
}

#[inline]
pub fn observe(histogram: &impl Observe, value: impl Into<Number>) {
    histogram.observe_number(value.into());
}

#[inline]
pub fn start_timer(histogram: &impl Observe) -> Timer {
    histogram.timer()
}

#[inline]
pub fn stop(timer: Timer) {
    timer.stop();
}

#[inline]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

#[inline]
#[must_use]
pub fn elapsed(since: &Instant) -> Duration {
    since.elapsed()
}

#[inline]
pub fn finish<F: FnMut(Outcome)>(exit: Exit<'_, F>, outcome: Outcome) {
    exit.finish(outcome);
}
