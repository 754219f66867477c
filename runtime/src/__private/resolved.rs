//! Series whose labels are written out where the function is marked.

use std::sync::OnceLock;

use crate::metric::Handle;

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
        match self.0.get() {
            Some(series) if series.is_there() => series.clone(),
            Some(_) => resolve(),
            None => self.0.get_or_init(resolve).clone(),
        }
    }
}

impl<S: Handle> Default for Resolved<S> {
    fn default() -> Self {
        Self::new()
    }
}
