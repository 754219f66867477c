//! Exemplars.

use super::{Number, Timestamp};
use crate::error::Error;
use crate::name::check_label;

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

/// The labels of an exemplar that is being put together.
#[derive(Debug, Default)]
pub(crate) struct ExemplarLabels {
    labels: Vec<(Box<str>, Box<str>)>,
    /// How many code points their names and values have.
    length: usize,
}

impl ExemplarLabels {
    /// Reads labels, up to the first that breaks a rule.
    ///
    /// # Errors
    /// Where one does: its name is none of a label or repeats, or all together are longer than
    /// [`Exemplar::MAX_LENGTH`].
    pub(crate) fn of<N: AsRef<str>, T: AsRef<str>>(labels: impl IntoIterator<Item = (N, T)>) -> Result<Self, Error> {
        let mut read = Self::default();
        for (name, value) in labels {
            read.push(name.as_ref(), value.as_ref())?;
        }
        Ok(read)
    }

    fn push(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.length += name.chars().count() + value.chars().count();
        if self.length > Exemplar::MAX_LENGTH {
            let most = Exemplar::MAX_LENGTH;
            let fault =
                format!("the labels of an exemplar have more than {most} characters; give fewer or shorter ones");
            return Err(Error::new(fault));
        }
        check_label(name)?;
        if self.labels.iter().any(|(taken, _)| **taken == *name) {
            return Err(Error::new(format!("the label `{name}` stands twice in an exemplar; give it once")));
        }
        self.labels.push((name.into(), value.into()));
        Ok(())
    }

    /// The exemplar with them.
    pub(crate) fn with(self, value: Number, timestamp: Option<Timestamp>) -> Exemplar {
        Exemplar { labels: self.labels, value, timestamp }
    }
}
