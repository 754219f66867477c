//! A crate with marks that no code names.

/// Does what is counted.
#[tallymark::counter]
pub fn counted() {}
