//! What a family keeps beside the cells of its series.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::core::FamilyShape;
use crate::descriptor::Descriptor;
use crate::storage::Series;

/// What a family keeps beside the cells of its series, if anything.
pub(crate) trait Beside: Send + Sync + 'static {
    fn of_family(descriptor: &Descriptor, shape: FamilyShape<'_>) -> Self;

    /// Drops what belonged to series that have been removed.
    fn forget_removed(&self) {}
}

impl Beside for () {
    fn of_family(_: &Descriptor, _: FamilyShape<'_>) {}
}

/// Something for each series of a family, made when it is first asked for, which may be rare or slow to change.
pub(crate) struct Attached<T> {
    /// That of the first series that asked: all that a family without labels ever has.
    first: OnceLock<(Series, Arc<T>)>,
    others: RwLock<HashMap<u64, (Series, Arc<T>)>>,
}

impl<T> Default for Attached<T> {
    fn default() -> Self {
        Self { first: OnceLock::new(), others: RwLock::default() }
    }
}

impl<T> Attached<T> {
    /// What belongs to a series. Where that has been removed already, what nobody else sees.
    pub(crate) fn of(&self, series: Series, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(found) = self.find(series) {
            return found;
        }
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have made it meanwhile.
        if let Some(found) = self.find_in(&others, series) {
            return found;
        }
        let new = Arc::new(make());
        // Who removes a series takes the lock behind that, and drops what was put here before.
        if series.is_there() && self.first.set((series, Arc::clone(&new))).is_err() {
            others.insert(series.id(), (series, Arc::clone(&new)));
        }
        new
    }

    /// What belongs to a series, if it has been asked for before.
    #[inline]
    pub(crate) fn find(&self, series: Series) -> Option<Arc<T>> {
        self.found_first(series)
            .or_else(|| self.find_in(&self.others.read().unwrap_or_else(PoisonError::into_inner), series))
    }

    /// What belongs to a series that was the first to ask, by reference.
    #[inline]
    pub(crate) fn first(&self, series: Series) -> Option<&T> {
        self.first.get().filter(|(first, _)| first.id() == series.id()).map(|(_, found)| &**found)
    }

    fn find_in(&self, others: &HashMap<u64, (Series, Arc<T>)>, series: Series) -> Option<Arc<T>> {
        self.found_first(series).or_else(|| others.get(&series.id()).map(|(_, found)| Arc::clone(found)))
    }

    #[inline]
    fn found_first(&self, series: Series) -> Option<Arc<T>> {
        self.first.get().filter(|(first, _)| first.id() == series.id()).map(|(_, found)| Arc::clone(found))
    }

    pub(crate) fn forget_removed(&self) {
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.retain(|_, (series, _)| series.is_there());
    }
}

impl<T> fmt::Debug for Attached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}
