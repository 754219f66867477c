//! A crate with a marked generic function, which other crates instantiate.

/// Formats a value.
#[tallymark::counter]
#[tallymark::histogram(buckets = [1])]
pub fn shown<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}
