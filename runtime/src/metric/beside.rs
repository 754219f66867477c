//! What a family keeps beside the cells of its series.

use std::sync::{Arc, OnceLock};

use super::core::FamilyShape;
use crate::descriptor::Descriptor;
use crate::storage::{self, Series};

/// What a family keeps beside the cells of its series, if anything.
pub(crate) trait Beside: Send + Sync + 'static {
    fn of_family(descriptor: &Descriptor, shape: FamilyShape<'_>) -> Self;

    /// Drops what belonged to a series that has been removed.
    fn forget(&self, series: Series) {
        let _ = series;
    }

    /// Drops what belonged to all series that have been removed. It goes through those that are there.
    fn forget_removed(&self) {}
}

impl Beside for () {
    fn of_family(_: &Descriptor, _: FamilyShape<'_>) {}
}

/// Something for each series of a family, made when it is first asked for, which may be rare or slow to change.
#[derive(Debug)]
pub(crate) struct Attached<T> {
    /// That of the first series that asked: all that a family without labels ever has.
    first: OnceLock<(Series, Arc<T>)>,
    others: storage::Beside<Arc<T>>,
}

impl<T> Default for Attached<T> {
    fn default() -> Self {
        Self { first: OnceLock::new(), others: storage::Beside::new() }
    }
}

impl<T> Attached<T> {
    /// What belongs to a series. Where that has been removed already, what nobody else sees.
    pub(crate) fn of(&self, series: Series, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(found) = self.find(series) {
            return found;
        }
        let found = self.others.get_or_put(series, || Arc::new(make()));
        // Whoever comes first; the others are found behind it.
        self.first.get_or_init(|| (series, Arc::clone(&found)));
        found
    }

    /// What belongs to a series, if it has been asked for before.
    #[inline]
    pub(crate) fn find(&self, series: Series) -> Option<Arc<T>> {
        match self.first.get() {
            Some((first, found)) if first.id() == series.id() => Some(Arc::clone(found)),
            _ => self.others.get(series),
        }
    }

    /// What belongs to a series that was the first to ask, by reference.
    #[inline]
    pub(crate) fn first(&self, series: Series) -> Option<&T> {
        self.first.get().filter(|(first, _)| first.id() == series.id()).map(|(_, found)| &**found)
    }

    pub(crate) fn forget(&self, series: Series) {
        drop(self.others.take(series));
    }

    pub(crate) fn forget_removed(&self) {
        self.others.forget();
    }
}
