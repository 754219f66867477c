//! What stands beside the storage, for the few series that need more than their numbers: a function that a gauge shows,
//! what a counter held when it was reset.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use super::line::Series;
use super::sync::{GlobalUsize, Ordering::Relaxed};

/// Something for some series.
pub(super) struct Beside<T> {
    kept: RwLock<Kept<T>>,
    /// As long as there are none, nobody looks.
    count: GlobalUsize,
}

struct Kept<T> {
    /// By the line and the `id`.
    of: BTreeMap<(usize, u64), (Series, T)>,
    /// How many there may be before those of series that have gone are taken out.
    most: usize,
}

fn key(series: Series) -> (usize, u64) {
    (series.pointer().addr().get(), series.id)
}

impl<T: Clone> Beside<T> {
    pub(super) const fn new() -> Self {
        Self { kept: RwLock::new(Kept { of: BTreeMap::new(), most: 0 }), count: GlobalUsize::new(0) }
    }

    /// What there is for a series.
    #[inline]
    pub(super) fn get(&self, series: Series) -> Option<T> {
        if self.count.load(Relaxed) == 0 { None } else { self.find(series) }
    }

    #[cold]
    fn find(&self, series: Series) -> Option<T> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.of.get(&key(series)).map(|(_, value)| value.clone())
    }

    /// Keeps something for a series, which is found while nobody else changes it.
    pub(super) fn put(&self, series: Series, value: impl FnOnce() -> Option<T>) {
        let mut gone = Vec::new();
        self.change(|kept| {
            if kept.of.len() >= kept.most {
                kept.take_gone(&mut gone);
                kept.most = 2 * kept.of.len() + FEW;
            }
            if let Some(value) = value() {
                gone.extend(kept.of.insert(key(series), (series, value)));
            }
        });
    }

    /// Drops what was kept for series that have gone.
    pub(super) fn forget(&self) {
        if self.count.load(Relaxed) > 0 {
            let mut gone = Vec::new();
            self.change(|kept| kept.take_gone(&mut gone));
        }
    }

    /// What is taken out is dropped by the caller, once nobody holds the lock: it may own what has metrics of its own.
    fn change(&self, change: impl FnOnce(&mut Kept<T>)) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut kept);
        self.count.store(kept.of.len(), Relaxed);
    }
}

impl<T: Clone> Kept<T> {
    fn take_gone(&mut self, gone: &mut Vec<(Series, T)>) {
        self.of.retain(|_, kept| {
            let there = kept.0.still();
            gone.extend((!there).then(|| kept.clone()));
            there
        });
    }
}

const FEW: usize = 16;
