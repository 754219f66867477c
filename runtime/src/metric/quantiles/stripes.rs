//! Buffers for values, of which threads that observe at once take different ones.

use std::cell::Cell;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread;

/// How many values a buffer takes. Sorting costs more a value the more there are, merging them into a sketch less.
pub(super) const BATCH: usize = 256;

/// The buffers of one series. There is one until two threads meet in it; then there are as many as threads meet in, up
/// to [`most`].
#[derive(Debug)]
pub(super) struct Stripes {
    stripes: Box<[OnceLock<Box<Stripe>>]>,
    /// How many are in use: a power of two.
    spread: AtomicUsize,
}

/// Lines of cache come in pairs, and no two threads shall share one.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe {
    buffer: Mutex<Buffer>,
}

/// Values of one age.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) values: Vec<f64>,
    pub(super) age: u64,
}

impl Stripes {
    pub(super) fn new() -> Self {
        let mut stripes = Vec::with_capacity(most());
        for _ in 0..most() {
            stripes.push(OnceLock::new());
        }
        Self { stripes: stripes.into(), spread: AtomicUsize::new(1) }
    }

    /// A buffer that nobody else uses at this time.
    #[inline]
    pub(super) fn take(&self) -> MutexGuard<'_, Buffer> {
        let own = thread_number() & (self.spread.load(Relaxed) - 1);
        match self.stripe(own).try_take() {
            Some(buffer) => buffer,
            None => self.take_another(own),
        }
    }

    #[inline]
    fn stripe(&self, at: usize) -> &Stripe {
        self.stripes[at].get_or_init(Box::default)
    }

    #[cold]
    #[inline(never)]
    fn take_another(&self, own: usize) -> MutexGuard<'_, Buffer> {
        // Two threads may widen it at once: then it is as wide as the wider one has it.
        let spread = (self.spread.load(Relaxed) * 2).min(self.stripes.len());
        self.spread.fetch_max(spread, Relaxed);
        for step in 1..spread {
            if let Some(buffer) = self.stripe((own + step) & (spread - 1)).try_take() {
                return buffer;
            }
        }
        lock(&self.stripe(own).buffer)
    }

    /// Takes the values out of all buffers, one buffer after the other.
    pub(super) fn drain(&self) -> impl Iterator<Item = Buffer> {
        self.stripes.iter().filter_map(OnceLock::get).map(|stripe| {
            let mut buffer = lock(&stripe.buffer);
            Buffer { values: mem::take(&mut buffer.values), age: buffer.age }
        })
    }
}

impl Stripe {
    #[inline]
    fn try_take(&self) -> Option<MutexGuard<'_, Buffer>> {
        match self.buffer.try_lock() {
            Ok(buffer) => Some(buffer),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Whoever panicked has changed nothing by halves.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many stripes a series has at most: twice as many as threads can run at once, as a power of two.
pub(super) fn most() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        (2 * cores).next_power_of_two().clamp(4, 32)
    })
}

/// Threads are numbered as they come, so that those that were started together take different stripes.
#[inline]
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: Cell<Option<usize>> = const { Cell::new(None) });
    NUMBER.with(|number| {
        number.get().unwrap_or_else(|| {
            let new = NEXT.fetch_add(1, Relaxed);
            number.set(Some(new));
            new
        })
    })
}
