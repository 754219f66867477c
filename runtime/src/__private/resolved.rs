//! Series whose labels are written out where the function is marked.

use std::sync::OnceLock;

/// A series that is looked up by the first call alone.
#[derive(Debug)]
pub struct Resolved<S>(OnceLock<S>);

impl<S> Resolved<S> {
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub fn get(&self, resolve: impl FnOnce() -> S) -> &S {
        self.0.get_or_init(resolve)
    }
}

impl<S> Default for Resolved<S> {
    fn default() -> Self {
        Self::new()
    }
}
