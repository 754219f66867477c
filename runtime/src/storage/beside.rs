//! What stands beside the storage, for the few series that need more than their numbers: a function that a gauge shows,
//! what a counter held when it was reset.

use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use super::line::Series;
use super::sync::{GlobalUsize, Ordering::Relaxed};

/// Something for some series.
pub(crate) struct Beside<T> {
    kept: RwLock<Kept<T>>,
    /// As long as there are none, nobody looks.
    count: GlobalUsize,
}

struct Kept<T> {
    /// By rising keys. Ids rise, so what is new most often stands at the end.
    of: Vec<(Series, T)>,
    /// How many there may be before those of series that have gone are taken out.
    most: usize,
}

/// Those of permanent series are alike but for the line.
fn key(series: &Series) -> (u64, usize) {
    (series.id, series.pointer().addr().get())
}

impl<T: Clone> Beside<T> {
    pub(crate) const fn new() -> Self {
        Self { kept: RwLock::new(Kept { of: Vec::new(), most: 0 }), count: GlobalUsize::new(0) }
    }

    /// What there is for a series.
    #[inline]
    pub(crate) fn get(&self, series: Series) -> Option<T> {
        if self.count.load(Relaxed) == 0 { None } else { self.find(series) }
    }

    #[cold]
    fn find(&self, series: Series) -> Option<T> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.position(series).ok().map(|at| kept.of[at].1.clone())
    }

    /// What there is for a series, made if there is nothing. For one that has gone it is kept nowhere.
    pub(crate) fn get_or_put(&self, series: Series, make: impl FnOnce() -> T) -> T {
        if let Some(found) = self.get(series) {
            return found;
        }
        let mut gone = Vec::new();
        let mut kept = self.with_room(&mut gone);
        let found = match kept.position(series) {
            // Somebody else has made it meanwhile.
            Ok(at) => kept.of[at].1.clone(),
            Err(at) => {
                let new = make();
                // Who takes a series out drops what was kept for it behind that.
                if series.is_there() {
                    kept.of.insert(at, (series, new.clone()));
                }
                new
            }
        };
        self.count.store(kept.of.len(), Relaxed);
        found
    }

    /// Keeps something for a series, which is found while nobody else changes it.
    pub(super) fn put(&self, series: Series, value: impl FnOnce() -> Option<T>) {
        let mut gone = Vec::new();
        let mut kept = self.with_room(&mut gone);
        let at = kept.position(series);
        if let Some(value) = value() {
            match at {
                Ok(at) => gone.push(std::mem::replace(&mut kept.of[at], (series, value))),
                Err(at) => kept.of.insert(at, (series, value)),
            }
        }
        self.count.store(kept.of.len(), Relaxed);
    }

    /// What is kept, where one more may be put in.
    ///
    /// What is taken out is dropped once nobody holds the lock: it may own what has metrics of its own.
    fn with_room(&self, gone: &mut Vec<(Series, T)>) -> RwLockWriteGuard<'_, Kept<T>> {
        let mut kept = self.write();
        if kept.of.len() >= kept.most {
            *gone = kept.take_gone();
            kept.most = 2 * kept.of.len() + FEW;
        }
        kept
    }

    /// Drops what was kept for a series.
    pub(crate) fn take(&self, series: Series) {
        if self.count.load(Relaxed) > 0 {
            let mut kept = self.write();
            let taken = kept.position(series).ok().map(|at| kept.of.remove(at));
            self.count.store(kept.of.len(), Relaxed);
            // Dropped once nobody holds the lock, as above.
            drop(kept);
            drop(taken);
        }
    }

    /// Drops what was kept for series that have gone. It goes through all.
    pub(crate) fn forget(&self) {
        if self.count.load(Relaxed) > 0 {
            let mut kept = self.write();
            let gone = kept.take_gone();
            self.count.store(kept.of.len(), Relaxed);
            drop(kept);
            drop(gone);
        }
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept<T>> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Kept<T> {
    fn position(&self, series: Series) -> Result<usize, usize> {
        self.of.binary_search_by(|(there, _)| key(there).cmp(&key(&series)))
    }

    fn take_gone(&mut self) -> Vec<(Series, T)> {
        let mut there = 0;
        for at in 0..self.of.len() {
            if self.of[at].0.is_there() {
                self.of.swap(there, at);
                there += 1;
            }
        }
        self.of.split_off(there)
    }
}

impl<T> fmt::Debug for Beside<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

/// How many more there may be than were left the last time that those that had gone were taken out.
const FEW: usize = 16;
