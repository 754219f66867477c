//! What a marked function holds while it runs, so that a call that panics or is cancelled is measured like any other.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::act::Track;
use super::call::Polled;
use crate::clock::Reading;
use crate::label::Outcome;
use crate::metric::{Count, Record};

/// Has moved a gauge up, and moves it down when it is dropped.
#[derive(Debug)]
#[must_use = "the gauge comes down again when this is dropped"]
pub struct Tracked<T: Track> {
    gauge: T,
}

impl<T: Track> Tracked<T> {
    #[inline]
    pub(super) fn of(gauge: T) -> Self {
        gauge.up();
        Self { gauge }
    }
}

impl<T: Track> Drop for Tracked<T> {
    #[inline]
    fn drop(&mut self) {
        self.gauge.down();
    }
}

/// Records the seconds since it was made, or of these those that count: those that it is told, or those until it is
/// dropped.
#[derive(Debug)]
#[must_use = "a timer that is dropped at once has measured nothing"]
pub struct Timed<T: Record, E: Entered<Elapsed = f64>> {
    metric: T,
    started: E,
    /// Only so that a future that holds it may be shared.
    stopped: AtomicBool,
}

impl<T: Record, E: Entered<Elapsed = f64>> Timed<T, E> {
    #[inline]
    pub(super) fn since(started: E, metric: T) -> Self {
        Self { metric, started, stopped: AtomicBool::new(false) }
    }

    /// It is not moved for that: a guard that is moved stands in memory, and is copied there while it is still being
    /// written.
    #[inline]
    pub(super) fn stop(&self, seconds: f64) {
        self.stopped.store(true, Relaxed);
        self.metric.record_seconds(seconds);
    }
}

impl<T: Record, E: Entered<Elapsed = f64>> Drop for Timed<T, E> {
    #[inline]
    fn drop(&mut self) {
        if !self.stopped.load(Relaxed) {
            self.metric.record_seconds(self.started.elapsed());
        }
    }
}

/// What a guard keeps of the entry: when that was, if it matters.
pub trait Entered: Copy {
    /// What it says of that on the way out.
    type Elapsed;

    fn elapsed(&self) -> Self::Elapsed;
}

impl Entered for () {
    type Elapsed = ();

    #[inline]
    fn elapsed(&self) {}
}

impl Entered for Reading {
    /// In seconds.
    type Elapsed = f64;

    #[inline]
    fn elapsed(&self) -> f64 {
        self.seconds()
    }
}

/// Counts how a call ended, on every way out.
#[derive(Debug)]
pub struct Exit<'a, E: Entered, F: Fn(Outcome, E::Elapsed)> {
    entered: E,
    count: F,
    polled: Option<&'a Polled>,
    /// As [`Timed::stopped`].
    finished: AtomicBool,
}

impl<E: Entered, F: Fn(Outcome, E::Elapsed)> Exit<'static, E, F> {
    /// Of a function that runs in one go: it ends by its result or by a panic.
    #[inline]
    pub fn of_call(entered: E, count: F) -> Self {
        Self { entered, count, polled: None, finished: AtomicBool::new(false) }
    }
}

impl<'a, E: Entered, F: Fn(Outcome, E::Elapsed)> Exit<'a, E, F> {
    /// Of a function that is polled: it may be dropped as well.
    #[inline]
    pub fn of_future(polled: &'a Polled, entered: E, count: F) -> Self {
        Self { entered, count, polled: Some(polled), finished: AtomicBool::new(false) }
    }

    /// As [`Timed::stop`], by reference.
    #[inline]
    pub(super) fn finish(&self, outcome: Outcome, elapsed: E::Elapsed) {
        self.finished.store(true, Relaxed);
        (self.count)(outcome, elapsed);
    }
}

impl<E: Entered, F: Fn(Outcome, E::Elapsed)> Drop for Exit<'_, E, F> {
    #[inline]
    fn drop(&mut self) {
        if !self.finished.load(Relaxed) {
            let cancelled = self.polled.is_some_and(|polled| !polled.is_now());
            let outcome = if cancelled { Outcome::Cancelled } else { Outcome::Panic };
            (self.count)(outcome, self.entered.elapsed());
        }
    }
}

/// Counts a call that panics, by an [`Exit`].
#[inline]
pub fn on_panic(counter: impl Count) -> impl Fn(Outcome, ()) {
    move |outcome, ()| {
        if outcome == Outcome::Panic {
            counter.count();
        }
    }
}
