//! Exemplars.

use super::{Number, Timestamp};

/// An example of what a counter or a bucket has counted: mostly the trace in which it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    pub(crate) labels: Vec<(Box<str>, Box<str>)>,
    pub(crate) value: Number,
    pub(crate) timestamp: Option<Timestamp>,
}

impl Exemplar {
    /// The most code points that the names and values of its labels may have together (`OpenMetrics` 1.0.0,
    /// "Exemplars").
    pub const MAX_LENGTH: usize = 128;

    /// The labels: name and value.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// What was added or observed.
    #[must_use]
    pub fn value(&self) -> Number {
        self.value
    }

    /// When that was.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }
}
