//! A crate that re-exports tallymark, as a framework does.

pub use tallymark;
