//! How long a future is being polled, and how long it waits.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::call::{Polled, watch};
use super::guard::Entered;
use crate::clock::Reading;

/// The seconds of all polls so far. One poll at a time adds to them.
#[derive(Debug, Default)]
pub struct Busy(AtomicU64);

impl Busy {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn seconds(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

impl Entered for &Busy {
    /// In seconds.
    type Elapsed = f64;

    fn elapsed(&self) -> f64 {
        self.seconds()
    }
}

/// The seconds since the first poll that were none of a poll.
#[derive(Clone, Copy, Debug)]
pub struct Idle<'a> {
    busy: &'a Busy,
    started: Reading,
}

impl<'a> Idle<'a> {
    #[must_use]
    pub fn beside(busy: &'a Busy) -> Self {
        Self { busy, started: Reading::now() }
    }
}

impl Entered for Idle<'_> {
    /// In seconds.
    type Elapsed = f64;

    fn elapsed(&self) -> f64 {
        (self.started.seconds() - self.busy.seconds()).max(0.0)
    }
}

/// A poll: it counts when it ends, also by a panic.
struct Poll<'a> {
    busy: &'a Busy,
    began: Reading,
}

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        let seconds = self.busy.seconds() + self.began.seconds();
        self.busy.0.store(seconds.to_bits(), Relaxed);
    }
}

/// As [`watch`], and times each poll.
pub fn watch_busy<'a, F: Future>(
    polled: &'a Polled,
    busy: &'a Busy,
    body: Pin<&'a mut F>,
) -> impl Future<Output = F::Output> + use<'a, F> {
    let mut watched = watch(polled, body);
    poll_fn(move |context| {
        let _poll = Poll { busy, began: Reading::now() };
        Pin::new(&mut watched).poll(context)
    })
}
