//! How often collectors failed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::member::Members;
use crate::sort::search;

/// How often collectors panicked or broke a rule, by their numbers, which rise. Few ever do, so it stands apart from
/// them.
#[derive(Default)]
pub(super) struct Failures(Mutex<Vec<(u64, u64)>>);

impl Failures {
    pub(super) fn add(&self, id: u64, failures: usize) {
        if failures == 0 {
            return;
        }
        let mut known = self.lock();
        match position(&known, id) {
            Ok(at) => known[at].1 += failures as u64,
            Err(at) => known.insert(at, (id, failures as u64)),
        }
    }

    pub(super) fn forget(&self, id: u64) {
        let mut known = self.lock();
        if let Ok(at) = position(&known, id) {
            known.remove(at);
        }
    }

    /// Those of members, by where these come from.
    pub(super) fn of(&self, members: &Members) -> Vec<(String, u64)> {
        let mut of_members = Vec::new();
        for (id, failures) in self.lock().iter() {
            if let Some(member) = members.get(*id) {
                of_members.push((member.site().to_string(), *failures));
            }
        }
        of_members
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a number stands, or would.
fn position(known: &[(u64, u64)], id: u64) -> Result<usize, usize> {
    search(known.len(), &|at| known[at].0.cmp(&id))
}
