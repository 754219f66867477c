//! Sketches of overlapping stretches of time.

use std::time::Duration;

use super::sketch::{Sketch, Targets};

/// Over which time quantiles are known.
///
/// It is what `client_golang` does: each of so many sketches gets every value. Every `max_age / age_buckets` the oldest
/// is emptied and becomes the newest. What is read is the oldest, which has all values of the last `max_age`, but for
/// as much as one such step. It takes as many sketches, since two with errors aimed at targets can't be merged: what is
/// the maximum of one stream, where ranks are known well, may be the median of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) max_age: Duration,
    pub(crate) age_buckets: u32,
}

impl Window {
    /// Ten minutes in five ages, as `client_golang` has.
    pub(crate) const DEFAULT: Self = Self { max_age: Duration::from_mins(10), age_buckets: 5 };

    /// What is wrong with it.
    pub(crate) const fn fault(self) -> Option<&'static str> {
        if self.max_age.is_zero() {
            return Some("the window has no length; state how long values count, for example 10 minutes");
        }
        if self.age_buckets == 0 {
            return Some("the window has no age buckets; state at least 1, 5 are usual");
        }
        if self.age_buckets > 1000 {
            return Some(
                "the window has more than 1000 age buckets, each of which takes as much memory as all observations; 5 are usual",
            );
        }
        None
    }

    /// The number of the age that so many seconds after the first began are in.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times aren't negative, ages whole")]
    pub(super) fn age(self, seconds: f64) -> u64 {
        (seconds * f64::from(self.age_buckets) / self.max_age.as_secs_f64()) as u64
    }
}

/// The sketches of the ages that are not over. Without a window it is one, of an age that never is.
#[derive(Debug)]
pub(super) struct Ages {
    sketches: Box<[Since]>,
    /// The number of the newest age.
    newest: u64,
}

/// The values since an age began.
#[derive(Debug, Default)]
struct Since {
    begun: u64,
    sketch: Sketch,
}

impl Ages {
    pub(super) fn new(count: u32) -> Self {
        let mut sketches = Vec::new();
        for _ in 0..count.max(1) {
            sketches.push(Since::default());
        }
        Self { sketches: sketches.into(), newest: 0 }
    }

    /// Adds values that came in an age, and are sorted. They may come late.
    pub(super) fn add(&mut self, targets: &Targets, values: &[f64], age: u64) {
        self.advance(age);
        let mut scratch = Vec::new();
        for since in self.sketches.iter_mut().filter(|since| since.begun <= age) {
            since.sketch.add(targets, values, &mut scratch);
        }
    }

    /// Begins every age up to this one: those that would be over by now aren't begun at all.
    pub(super) fn advance(&mut self, age: u64) {
        let count = self.sketches.len() as u64;
        let first = (self.newest + 1).max((age + 1).saturating_sub(count));
        for begun in first..=age {
            // The oldest, since there are as many as there are ages.
            let oldest = usize::try_from(begun % count).map_or(None, |at| self.sketches.get_mut(at));
            if let Some(oldest) = oldest {
                oldest.begun = begun;
                oldest.sketch.clear();
            }
        }
        self.newest = self.newest.max(age);
    }

    /// The sketch of the longest time.
    pub(super) fn oldest(&self) -> Option<&Sketch> {
        let mut oldest = self.sketches.first()?;
        for since in &self.sketches {
            if since.begun < oldest.begun {
                oldest = since;
            }
        }
        Some(&oldest.sketch)
    }
}
