//! The error of everything that defines a metric.

use std::fmt;

/// A metric that can't be defined as asked: a name, a label, a bucket list or a limit breaks a rule.
///
/// The text names the thing, the rule and the cure, and the place in the source where it is known.
///
/// ```
/// let error = tallymark::Counter::new("2fast", "Things.").unwrap_err();
/// assert!(error.to_string().contains("`2fast`"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The same with the place of what is wrong.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self { message: format!("{}\n       {place}", self.message) }
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
