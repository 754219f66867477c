//! Cells of one number.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// The numbers of one series.
pub(crate) trait Cell: Send + Sync + 'static {
    /// What a new cell must know.
    type Shape: Send + Sync;

    fn new(shape: &Self::Shape) -> Self;
}

/// A `u64` that wraps.
#[derive(Debug)]
pub(crate) struct UnsignedCell(AtomicU64);

impl Cell for UnsignedCell {
    type Shape = ();

    fn new((): &()) -> Self {
        Self(AtomicU64::new(0))
    }
}

impl UnsignedCell {
    pub(crate) fn add(&self, value: u64) {
        self.0.fetch_add(value, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// An `i64` that wraps.
#[derive(Debug)]
pub(crate) struct SignedCell(AtomicI64);

impl Cell for SignedCell {
    type Shape = ();

    fn new((): &()) -> Self {
        Self(AtomicI64::new(0))
    }
}

impl SignedCell {
    pub(crate) fn add(&self, value: i64) {
        self.0.fetch_add(value, Relaxed);
    }

    pub(crate) fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }

    pub(crate) fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

/// An `f64`.
#[derive(Debug)]
pub(crate) struct FloatCell(AtomicU64);

impl Cell for FloatCell {
    type Shape = ();

    fn new((): &()) -> Self {
        Self(AtomicU64::new(0.0_f64.to_bits()))
    }
}

impl FloatCell {
    pub(crate) fn add(&self, value: f64) {
        add_float(&self.0, value);
    }

    pub(crate) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// Adds to an `f64` that is kept as its bits.
pub(crate) fn add_float(bits: &AtomicU64, value: f64) {
    let mut current = bits.load(Relaxed);
    loop {
        let sum = (f64::from_bits(current) + value).to_bits();
        match bits.compare_exchange_weak(current, sum, Relaxed, Relaxed) {
            Ok(_) => return,
            Err(changed) => current = changed,
        }
    }
}
