//! What another program's page says that makes no histogram and no summary.

use super::{Exemplar, Number, Timestamp};

/// The samples of a histogram or a summary of another program that don't make one: a bucket has less than the one below
/// it, or a fraction, +Inf has another number than the count, a part is missing. They are kept as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct IrregularValue {
    pub(crate) samples: Vec<IrregularSample>,
}

/// A sample as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct IrregularSample {
    /// What the name of the sample adds to that of the family.
    pub(crate) suffix: &'static str,
    /// The bound or the quantile, as it was written.
    pub(crate) own: Option<Box<str>>,
    pub(crate) value: Number,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) exemplar: Option<Exemplar>,
}

impl IrregularValue {
    /// The samples in the order in which they were read.
    #[must_use]
    pub fn samples(&self) -> &[IrregularSample] {
        &self.samples
    }
}

impl IrregularSample {
    /// What the name of the sample adds to that of the family: `_bucket`, `_sum`, `_count`, or nothing of a quantile.
    #[must_use]
    pub fn suffix(&self) -> &str {
        self.suffix
    }

    /// The text of the label `le` or `quantile`, where it has one.
    #[must_use]
    pub fn own_label(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Number {
        self.value
    }

    /// The timestamp on the page.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The exemplar.
    #[must_use]
    pub fn exemplar(&self) -> Option<&Exemplar> {
        self.exemplar.as_ref()
    }
}
