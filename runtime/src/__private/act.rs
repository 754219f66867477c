//! What the wrapper of a marked function does with a metric. It calls these by their paths, since a method could be one
//! of a trait of the user's.
//!
//! A metric without labels is fed as it stands in its static: a handle would only be one more thing to make.

use super::guard::{Entered, Exit, Timed, Tracked};
use crate::clock::Reading;
use crate::label::Outcome;
use crate::metric::{
    Count, Gauge, GaugeSeries, GaugeValue, Histogram, HistogramSeries, Record, Summary, SummarySeries,
};
use crate::snapshot::Number;

#[inline]
pub fn inc(counter: &impl Count) {
    counter.count();
}

/// A gauge without labels, or a series of one.
pub trait Track {
    fn up(&self);

    fn down(&self);

    fn show(&self, number: Number);

    fn show_current_time(&self);
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

    #[inline]
    fn show(&self, number: Number) {
        self.show(number);
    }

    fn show_current_time(&self) {
        self.set_to_current_time();
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

    #[inline]
    fn show(&self, number: Number) {
        self.show(number);
    }

    fn show_current_time(&self) {
        self.set_to_current_time();
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

    #[inline]
    fn show(&self, number: Number) {
        T::show(self, number);
    }

    fn show_current_time(&self) {
        T::show_current_time(self);
    }
}

#[inline]
pub fn track<T: Track>(gauge: T) -> Tracked<T> {
    Tracked::of(gauge)
}

/// Sets a gauge.
#[inline]
pub fn show(gauge: &impl Track, number: Number) {
    gauge.show(number);
}

/// Sets a gauge to the present time.
pub fn show_current_time(gauge: &impl Track) {
    gauge.show_current_time();
}

/// A histogram without labels, or a series of one.
pub trait Observe {
    fn observe(&self, value: impl Into<Number>);
}

macro_rules! observe {
    ($($metric:ty),*) => {$(
        impl Observe for $metric {
            #[inline]
            fn observe(&self, value: impl Into<Number>) {
                self.observe(value);
            }
        }
    )*};
}

observe!(Histogram, HistogramSeries, Summary, SummarySeries);

impl<T: Observe> Observe for &T {
    #[inline]
    fn observe(&self, value: impl Into<Number>) {
        T::observe(self, value);
    }
}

#[inline]
pub fn observe(histogram: &impl Observe, value: impl Into<Number>) {
    histogram.observe(value);
}

/// Takes the seconds of a call.
#[inline]
pub fn record(metric: &impl Record, seconds: f64) {
    metric.record_seconds(seconds);
}

/// Reads the clock.
#[inline]
#[must_use]
pub fn now() -> Reading {
    Reading::now()
}

/// How many seconds have passed since, or of these those that count.
#[inline]
#[must_use]
pub fn seconds(started: impl Entered<Elapsed = f64>) -> f64 {
    started.elapsed()
}

#[inline]
pub fn time<T: Record, E: Entered<Elapsed = f64>>(metric: T, started: E) -> Timed<T, E> {
    Timed::since(started, metric)
}

#[inline]
pub fn stop<T: Record, E: Entered<Elapsed = f64>>(timed: &Timed<T, E>, seconds: f64) {
    timed.stop(seconds);
}

#[inline]
pub fn finish<E: Entered, F: Fn(Outcome, E::Elapsed)>(exit: &Exit<'_, E, F>, outcome: Outcome, elapsed: E::Elapsed) {
    exit.finish(outcome, elapsed);
}
