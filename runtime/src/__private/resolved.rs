//! Series whose labels are written out where the function is marked.

use std::sync::OnceLock;

use crate::metric::{Count, CounterSeries, Handle};

/// A series that is looked up by the first call alone, unless it is removed: then a call may make it anew.
#[derive(Debug)]
pub struct Resolved<S>(OnceLock<S>);

impl<S: Handle> Resolved<S> {
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub fn get(&self, resolve: impl FnOnce() -> S) -> S {
        if let Some(series) = self.0.get()
            && series.is_there()
        {
            return series.clone();
        }
        self.find(resolve)
    }

    /// The series as something that is counted once: see [`Counted`].
    #[inline]
    pub const fn counted<F: Fn() -> S + Copy>(&self, resolve: F) -> Counted<'_, S, F> {
        Counted { series: self, resolve }
    }

    #[cold]
    #[inline(never)]
    fn find(&self, resolve: impl FnOnce() -> S) -> S {
        if self.0.get().is_some() { resolve() } else { self.0.get_or_init(resolve).clone() }
    }
}

/// A counter's series that counts a call. Where the thread has cells that are the series', it is there, and nobody needs
/// to look whether it is.
#[derive(Debug)]
pub struct Counted<'a, S, F> {
    series: &'a Resolved<S>,
    resolve: F,
}

impl<F: Fn() -> CounterSeries + Copy> Count for Counted<'_, CounterSeries, F> {
    #[inline]
    fn count(&self) {
        if let Some(series) = self.series.0.get()
            && series.inc_in_own_cells()
        {
            return;
        }
        // By value, or the closure would be written to the stack by each call for the sake of the first one.
        self.series.count_slowly(self.resolve);
    }
}

#[cfg(feature = "tracing")]
impl<S: Handle, F: Fn() -> S + Copy> Counted<'_, S, F> {
    pub(super) fn series(&self) -> S {
        self.series.get(self.resolve)
    }
}

impl Resolved<CounterSeries> {
    #[cold]
    #[inline(never)]
    fn count_slowly(&self, resolve: impl FnOnce() -> CounterSeries) {
        self.get(resolve).inc();
    }
}

impl<S: Handle> Default for Resolved<S> {
    fn default() -> Self {
        Self::new()
    }
}
