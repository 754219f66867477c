//! How often collectors failed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::member::Members;

/// How often collectors panicked or broke a rule, by their numbers. Few ever do, so it stands apart from them.
#[derive(Default)]
pub(super) struct Failures(Mutex<BTreeMap<u64, u64>>);

impl Failures {
    pub(super) fn add(&self, id: u64, failures: usize) {
        if failures > 0 {
            *self.lock().entry(id).or_insert(0) += failures as u64;
        }
    }

    pub(super) fn forget(&self, id: u64) {
        self.lock().remove(&id);
    }

    /// Those of members, by where these come from.
    pub(super) fn of(&self, members: &Members) -> Vec<(String, u64)> {
        let failures = self.lock();
        let there = failures.iter().filter_map(|(id, failures)| Some((members.get(*id)?, *failures)));
        there.map(|(member, failures)| (member.site().to_string(), failures)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
