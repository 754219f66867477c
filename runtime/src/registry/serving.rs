//! What a registry knows for those who serve it.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Registry;
use crate::descriptor::Site;

#[derive(Default)]
pub(super) struct Serving {
    pub(super) asking: Asking,
    shared: Mutex<Shared>,
}

/// What all who serve a registry have together. The first puts it there.
pub(crate) type Shared = Option<Arc<dyn Any + Send + Sync>>;

impl Registry {
    /// Where the collector is registered that has been asked for longest and has not answered, and for how long.
    pub(crate) fn longest_asked(&self) -> Option<(Site, Duration)> {
        self.inner.serving.asking.longest()
    }

    pub(crate) fn shared_by_servers(&self) -> MutexGuard<'_, Shared> {
        self.inner.serving.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is the [global](Self::global) one.
    pub(crate) fn is_global(&self) -> bool {
        self.inner.global
    }
}

/// The collectors that are being asked, the longest first.
#[derive(Default)]
pub(super) struct Asking(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    asked: Vec<(u64, Site, Instant)>,
    next: u64,
}

/// A collector has answered, or panicked, when this is dropped.
pub(super) struct Answer<'a> {
    asking: &'a Asking,
    number: u64,
}

impl Asking {
    pub(super) fn begin(&self, site: Site) -> Answer<'_> {
        let mut asked = self.lock();
        let number = asked.next;
        asked.next += 1;
        asked.asked.push((number, site, Instant::now()));
        Answer { asking: self, number }
    }

    fn longest(&self) -> Option<(Site, Duration)> {
        self.lock().asked.first().map(|(_, site, since)| (*site, since.elapsed()))
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        self.asking.lock().asked.retain(|(number, ..)| *number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_is_the_first_that_has_not_answered() {
        let asking = Asking::default();
        let place = |asking: &Asking| asking.longest().map(|(site, _)| site);
        assert_eq!(place(&asking), None);
        let (one, other) = (Site::caller(), Site::caller());
        let first = asking.begin(one);
        let second = asking.begin(other);
        assert_eq!(place(&asking), Some(one));
        drop(first);
        assert_eq!(place(&asking), Some(other));
        drop(second);
        assert_eq!(place(&asking), None);
    }
}
