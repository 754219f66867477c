//! Names that are valid by construction, so that nothing behind them has to check again.
//!
//! The rules are those of the Prometheus data model, "Metric names and labels"
//! (<https://prometheus.io/docs/concepts/data_model/>).

mod parts;

use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
pub(crate) use parts::SAMPLE_SUFFIXES;
pub(crate) use parts::{NameParts, Stem};

use crate::error::Error;

/// The name of a metric family: `[a-zA-Z_:][a-zA-Z0-9_:]*`, not beginning with `__`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricName(Cow<'static, str>);

impl MetricName {
    /// Checks a name.
    ///
    /// # Errors
    /// Where the name is empty, has a character that the data model doesn't allow, or begins with `__`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        match metric_name_fault(&name) {
            None => Ok(Self(name)),
            Some(fault) => Err(Error::new(format!(
                "`{name}` is no metric name: {fault}; write for example `{}`",
                mended(&name, true)
            ))),
        }
    }

    /// For a name that the macros have checked when the program was compiled.
    pub(crate) fn checked_by_macro(name: Cow<'static, str>) -> Self {
        debug_assert!(metric_name_fault(&name).is_none(), "{name}");
        Self(name)
    }

    /// The name with a suffix that it may have already.
    pub(crate) fn ending_in(self, suffix: &str) -> Self {
        if self.0.ends_with(suffix) { self } else { Self(Cow::Owned(self.0.into_owned() + suffix)) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a label: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with `__`, and neither `le` nor `quantile`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelName(Cow<'static, str>);

impl LabelName {
    /// Checks a name.
    ///
    /// # Errors
    /// Where the name is empty, has a character that the data model doesn't allow, begins with `__`, or is `le` or
    /// `quantile`, which histograms and summaries write themselves.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        match label_name_fault(&name) {
            None => Ok(Self(name)),
            Some(fault) => Err(Error::new(format!(
                "`{name}` is no label name: {fault}; write for example `{}`",
                mended(&name, false)
            ))),
        }
    }

    pub(crate) fn checked_by_macro(name: &'static str) -> Self {
        debug_assert!(label_name_fault(name).is_none(), "{name}");
        Self(Cow::Borrowed(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a metric's name is one that every reader takes: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub(crate) fn is_plain_metric(name: &str) -> bool {
    character_fault(name, true).is_none()
}

/// The same of a label's name: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub(crate) fn is_plain_label(name: &str) -> bool {
    character_fault(name, false).is_none()
}

fn metric_name_fault(name: &str) -> Option<&'static str> {
    if name.starts_with("__") {
        return Some("names that begin with `__` are reserved for Prometheus itself");
    }
    character_fault(name, true)
}

fn label_name_fault(name: &str) -> Option<&'static str> {
    if name.starts_with("__") {
        return Some("names that begin with `__` are reserved for Prometheus itself");
    }
    match name {
        "le" => Some("`le` is the label in which a histogram writes its buckets"),
        "quantile" => Some("`quantile` is the label in which a summary writes its quantiles"),
        _ => character_fault(name, false),
    }
}

fn character_fault(name: &str, metric: bool) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (metric && c == ':');
    match name.chars().next() {
        None => Some("it is empty"),
        Some(first) if first.is_ascii_digit() => Some("it begins with a digit"),
        Some(_) if name.chars().all(allowed) => None,
        Some(_) if metric => Some("only `a`-`z`, `A`-`Z`, `0`-`9`, `_` and `:` may stand in it"),
        Some(_) => Some("only `a`-`z`, `A`-`Z`, `0`-`9` and `_` may stand in it"),
    }
}

/// The nearest valid name, for messages.
fn mended(name: &str, metric: bool) -> String {
    let mut mended: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || (metric && c == ':') { c } else { '_' })
        .collect();
    mended.truncate(100);
    let mended = mended.trim_start_matches('_');
    match mended.chars().next() {
        None => "my_name".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{mended}"),
        Some(_) if !metric && matches!(mended, "le" | "quantile") => format!("{mended}_"),
        Some(_) => mended.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_data_model() {
        for good in ["a", "A9_", "_a", "a:b", ":a", "http_requests_total"] {
            assert!(MetricName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "9a", "a-b", "a b", "größe", "__x", "a\n", "a\0", "{}", "a.b"] {
            assert!(MetricName::new(bad).is_err(), "{bad}");
        }
        for good in ["a", "A9_", "_a", "path", "quantiles"] {
            assert!(LabelName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "9a", "a-b", "a:b", "__x", "le", "quantile", "ä"] {
            assert!(LabelName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_suggested_name_is_valid() {
        for bad in ["", "9a", "a-b", "größe", "__x", "___", "__9", "\u{1f980}", "__le", "le"] {
            for (error, metric) in [(MetricName::new(bad).err(), true), (LabelName::new(bad).err(), false)] {
                let Some(error) = error else { continue };
                let text = error.to_string();
                let suggested = text.rsplit('`').nth(1).map(str::to_owned).unwrap_or_default();
                let valid = if metric {
                    MetricName::new(suggested.clone()).is_ok()
                } else {
                    LabelName::new(suggested.clone()).is_ok()
                };
                assert!(valid, "{bad}: {text}");
            }
        }
    }
}
