//! Exemplars of series.
//!
//! A handle knows its series and no family, and few series have exemplars: so they stand beside the storage, by their
//! series. That one has any is noted in its state, which whoever shows it reads anyway, so the others cost nothing.
//!
//! Nobody who counts waits: where somebody else is at a series' exemplars, or gives another series its first one, what
//! is new is not kept. Who shows exemplars has them before it reads the numbers, so that each has been counted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use super::beside::Beside;
use super::line::Series;
use super::sync::{GlobalU64, Ordering::Relaxed};
use crate::snapshot::{Exemplar, Timestamp};

static KEPT: Beside<Arc<Exemplars>> = Beside::new();

/// How many exemplars all metrics of the program have dropped: as long as there are no more, nobody looks for them.
static DROPPED: GlobalU64 = GlobalU64::new(0);

/// The exemplars of one series.
#[derive(Debug)]
pub(crate) struct Exemplars {
    /// By rising values.
    list: Mutex<Vec<Exemplar>>,
    /// How many broke a rule since that was last asked.
    dropped: GlobalU64,
}

/// Of which exemplars a new one takes the place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Replaces {
    All,
    /// Of that in its bucket.
    Bucket {
        above: Option<f64>,
        up_to: Option<f64>,
    },
    /// Of one where there are many: an old one, or one that is close to another.
    Crowded,
}

/// How many there may be where nothing else bounds them, and for how many seconds one stays if others are close to each
/// other: the defaults of Go's client.
const MANY: usize = 10;
const OLD: i64 = 300;

impl Series {
    /// Keeps an exemplar of what has been counted, unless that would have to wait.
    pub(crate) fn keep_exemplar(self, exemplar: Exemplar, replaces: Replaces) {
        let Some(kept) = KEPT.try_get_or_put(self, || self.first_exemplar()) else { return };
        let Some(mut list) = kept.try_list() else { return };
        let old = put(&mut list, exemplar, replaces);
        drop(list);
        drop(old);
    }

    /// Counts that an exemplar broke a rule. It may wait for whoever gives another series its first one.
    #[cold]
    pub(crate) fn drop_exemplar(self) {
        KEPT.get_or_put(self, || self.first_exemplar()).dropped.fetch_add(1, Relaxed);
        DROPPED.fetch_add(1, Relaxed);
    }

    /// Drops its exemplars, and runs what takes it back to 0. Who shows it meanwhile shows both or neither.
    pub(crate) fn reset_with_exemplars(self, reset: impl FnOnce()) {
        let kept = KEPT.get(self);
        let mut list = kept.as_ref().map(|kept| kept.list());
        let dropped = list.as_mut().map(|list| std::mem::take(&mut **list));
        reset();
        drop(list);
        drop(dropped);
    }

    /// Drops its exemplars, unless that would have to wait.
    pub(super) fn clear_exemplars(self) {
        if let Some(kept) = KEPT.get(self)
            && let Some(mut list) = kept.try_list()
        {
            list.clear();
        }
    }

    /// Notes that it has exemplars.
    fn first_exemplar(self) -> Arc<Exemplars> {
        self.note_exemplars();
        Arc::new(Exemplars { list: Mutex::new(Vec::new()), dropped: GlobalU64::new(0) })
    }
}

impl Exemplars {
    /// By rising values. No other is kept while one has them.
    pub(crate) fn list(&self) -> MutexGuard<'_, Vec<Exemplar>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_list(&self) -> Option<MutexGuard<'_, Vec<Exemplar>>> {
        match self.list.try_lock() {
            Ok(list) => Some(list),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// How many broke a rule since that was last asked.
    pub(super) fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Relaxed)
    }
}

/// Those of a series that has been noted to have some.
pub(super) fn of(series: Series) -> Option<Arc<Exemplars>> {
    KEPT.get(series)
}

/// Takes away those of a series that has gone.
pub(super) fn take(series: Series) -> Option<Arc<Exemplars>> {
    KEPT.take(series)
}

/// Drops those of all series that have gone.
pub(crate) fn forget_exemplars() {
    KEPT.forget();
}

/// How many all series of the program have dropped.
pub(super) fn all_dropped() -> u64 {
    DROPPED.load(Relaxed)
}

/// Puts an exemplar in its place, and gives what was there.
fn put(list: &mut Vec<Exemplar>, new: Exemplar, replaces: Replaces) -> Option<Exemplar> {
    let value = new.value.as_f64();
    let there = match replaces {
        Replaces::All => (!list.is_empty()).then_some(0),
        Replaces::Bucket { above, up_to } => list.iter().position(|old| {
            let old = old.value.as_f64();
            above.is_none_or(|above| above < old) && up_to.is_none_or(|up_to| old <= up_to)
        }),
        Replaces::Crowded => crowded(list, &new),
    };
    let taken = there.map(|at| list.remove(at));
    let at = list.iter().position(|old| value < old.value.as_f64()).unwrap_or(list.len());
    list.insert(at, new);
    taken
}

/// Which one has to go: none as long as there are few. The oldest, if it is old; else, of the two that are closest to
/// each other, the new one among them, the older.
fn crowded(list: &[Exemplar], new: &Exemplar) -> Option<usize> {
    if list.len() < MANY {
        return None;
    }
    let age = |at: usize| list[at].timestamp;
    let oldest = (1..list.len()).fold(0, |oldest, at| if age(at) < age(oldest) { at } else { oldest });
    let seconds = |exemplar: &Exemplar| exemplar.timestamp.map_or(0, Timestamp::seconds);
    if seconds(new).saturating_sub(seconds(&list[oldest])) > OLD {
        return Some(oldest);
    }
    let place = place(new.value.as_f64());
    let (mut goes, mut least) = (oldest, u64::MAX);
    for (at, one) in list.iter().enumerate() {
        let own = self::place(one.value.as_f64());
        if let Some(next) = list.get(at + 1) {
            let apart = own.abs_diff(self::place(next.value.as_f64()));
            if apart < least {
                (goes, least) = (if age(at + 1) < age(at) { at + 1 } else { at }, apart);
            }
        }
        if own.abs_diff(place) < least {
            (goes, least) = (at, own.abs_diff(place));
        }
    }
    Some(goes)
}

/// Where a number stands on a scale on which powers of two are equally far apart: its bits, with their sign.
fn place(value: f64) -> i64 {
    let bits = (value.abs().to_bits()).cast_signed();
    if value.is_sign_negative() { -bits } else { bits }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn exemplar(value: f64, second: i64) -> Exemplar {
        Exemplar { labels: Vec::new(), value: value.into(), timestamp: Timestamp::new(second, 0) }
    }

    fn values(list: &[Exemplar]) -> Vec<f64> {
        list.iter().map(|exemplar| exemplar.value.as_f64()).collect()
    }

    #[test]
    fn an_exemplar_takes_the_place_of_that_in_its_bucket() {
        let mut list = Vec::new();
        let bounds = [None, Some(1.0), Some(5.0), None];
        let mut put = |value, bucket: usize| {
            let replaces = Replaces::Bucket { above: bounds[bucket], up_to: bounds[bucket + 1] };
            let old = put(&mut list, exemplar(value, 1), replaces);
            (old.map(|old| old.value.as_f64()), values(&list))
        };
        assert_eq!(put(5.0, 1), (None, vec![5.0]));
        assert_eq!(put(1.0, 0), (None, vec![1.0, 5.0]));
        assert_eq!(put(1.5, 1), (Some(5.0), vec![1.0, 1.5]));
        assert_eq!(put(f64::INFINITY, 2), (None, vec![1.0, 1.5, f64::INFINITY]));
        assert_eq!(put(f64::NEG_INFINITY, 0), (Some(1.0), vec![f64::NEG_INFINITY, 1.5, f64::INFINITY]));
        assert_eq!(put(-1.0, 0), (Some(f64::NEG_INFINITY), vec![-1.0, 1.5, f64::INFINITY]));
    }

    #[test]
    fn where_there_are_many_the_older_of_the_closest_goes() {
        let mut list = Vec::new();
        let powers = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
        for (second, value) in (0..).zip(powers) {
            assert!(put(&mut list, exemplar(value, second), Replaces::Crowded).is_none());
        }
        let mut put = |value, second| {
            let gone = put(&mut list, exemplar(value, second), Replaces::Crowded);
            assert!(list.len() == MANY && values(&list).is_sorted());
            gone.map(|gone| gone.value.as_f64())
        };
        // All are equally far apart, but for what is new.
        assert_eq!(put(17.0, 10), Some(16.0));
        // 17 and 32 are the closest, and 32 is older.
        assert_eq!(put(-3.0, 11), Some(32.0));
        assert_eq!(put(130.0, 12), Some(128.0));
        // The oldest is too old.
        assert_eq!(put(131.0, 1 + OLD), Some(1.0));
        assert_eq!(put(f64::NEG_INFINITY, 2 + OLD), Some(2.0));
        assert_eq!(put(0.0, 3 + OLD), Some(4.0));
    }
}
