//! What stands beside the storage, for the few series that need more than their numbers: a function that a gauge shows,
//! what a counter held when it was reset.

use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard, TryLockError, TryLockResult};

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
        let mut kept = self.write();
        self.put_in(&mut kept, &mut gone, series, make)
    }

    /// The same, but none where that would have to wait for somebody else.
    pub(super) fn try_get_or_put(&self, series: Series, make: impl FnOnce() -> T) -> Option<T> {
        if self.count.load(Relaxed) > 0 {
            let kept = without_waiting(self.kept.try_read())?;
            if let Ok(at) = kept.position(series) {
                return Some(kept.of[at].1.clone());
            }
        }
        let mut gone = Vec::new();
        let mut kept = without_waiting(self.kept.try_write())?;
        Some(self.put_in(&mut kept, &mut gone, series, make))
    }

    fn put_in(&self, kept: &mut Kept<T>, gone: &mut Vec<(Series, T)>, series: Series, make: impl FnOnce() -> T) -> T {
        kept.make_room(gone);
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
        let mut kept = self.write();
        kept.make_room(&mut gone);
        let at = kept.position(series);
        if let Some(value) = value() {
            match at {
                Ok(at) => gone.push(std::mem::replace(&mut kept.of[at], (series, value))),
                Err(at) => kept.of.insert(at, (series, value)),
            }
        }
        self.count.store(kept.of.len(), Relaxed);
    }

    /// Takes away what was kept for a series.
    pub(crate) fn take(&self, series: Series) -> Option<T> {
        if self.count.load(Relaxed) == 0 {
            return None;
        }
        let mut kept = self.write();
        let taken = kept.position(series).ok().map(|at| kept.of.remove(at));
        self.count.store(kept.of.len(), Relaxed);
        taken.map(|(_, taken)| taken)
    }

    /// Drops what was kept for series that have gone. It goes through all.
    pub(crate) fn forget(&self) {
        if self.count.load(Relaxed) > 0 {
            let mut kept = self.write();
            let gone = kept.take_gone();
            self.count.store(kept.of.len(), Relaxed);
            // Dropped once nobody holds the lock, as below.
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

    /// Makes sure that one more may be put in.
    ///
    /// What is taken out is dropped once nobody holds the lock: it may own what has metrics of its own.
    fn make_room(&mut self, gone: &mut Vec<(Series, T)>) {
        if self.of.len() >= self.most {
            *gone = self.take_gone();
            self.most = 2 * self.of.len() + FEW;
        }
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

/// The lock, if nobody else has it.
fn without_waiting<G>(tried: TryLockResult<G>) -> Option<G> {
    match tried {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl<T> fmt::Debug for Beside<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

/// How many more there may be than were left the last time that those that had gone were taken out.
const FEW: usize = 16;
