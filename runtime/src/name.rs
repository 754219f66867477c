//! Names that are valid by construction, so that nothing behind them has to check again.
//!
//! The rules are those of the Prometheus data model, "Metric names and labels"
//! (<https://prometheus.io/docs/concepts/data_model/>).

mod parts;

use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
pub(crate) use parts::SAMPLE_SUFFIXES;
pub(crate) use parts::{NameParts, Stem, Underscored};

use crate::error::Error;

/// The name of a metric family: `[a-zA-Z_:][a-zA-Z0-9_:]*`, not beginning with `__`. By [`utf8`](Self::utf8) it may have
/// any characters.
///
/// Such a name is written in quotes for a scraper that asks for UTF-8, as Prometheus 3 does, and escaped for any other:
/// most read `_` in the place of each character that isn't plain. That is the name under which it takes its place in a
/// registry, so that no reader finds two families of one name.
///
/// ```
/// use tallymark::{Counter, MetricName, Registry};
///
/// assert_eq!(MetricName::utf8("http.requests")?.as_str(), "http.requests");
/// assert!(MetricName::new("http.requests").is_err());
///
/// let registry = Registry::new();
/// registry.register(Counter::builder("http.requests", "Requests served.").allow_utf8().build()?)?;
/// let error = registry.register(Counter::new("http_requests", "Requests served.")?).unwrap_err();
/// assert!(error.to_string().contains("`http_requests`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricName(Cow<'static, str>);

impl MetricName {
    /// Checks a name.
    ///
    /// # Errors
    /// Where the name is empty, has a character that the data model doesn't allow, or begins with `__`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::checked(name.into(), false)
    }

    /// Checks a name that may have any characters (`UTF8Validation` in `github.com/prometheus/common/model`).
    ///
    /// # Errors
    /// Where the name is empty, or begins with `__`, also for who reads `_` in the place of what isn't plain.
    pub fn utf8(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::checked(name.into(), true)
    }

    /// With any characters, or only with those that every reader takes.
    pub(crate) fn checked(name: Cow<'static, str>, utf8: bool) -> Result<Self, Error> {
        check(&name, true, utf8)?;
        Ok(Self(name))
    }

    /// For a name that the macros have checked when the program was compiled.
    pub(crate) fn checked_by_macro(name: Cow<'static, str>) -> Self {
        debug_assert!(check(&name, true, true).is_ok(), "{name}");
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

/// The name of a label: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with `__`, and neither `le` nor `quantile`. By
/// [`utf8`](Self::utf8) it may have any characters; how such a name is read see [`MetricName`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelName(Cow<'static, str>);

impl LabelName {
    /// Checks a name.
    ///
    /// # Errors
    /// Where the name is empty, has a character that the data model doesn't allow, begins with `__`, or is `le` or
    /// `quantile`, which histograms and summaries write themselves.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::checked(name.into(), false)
    }

    /// Checks a name that may have any characters (`UTF8Validation` in `github.com/prometheus/common/model`).
    ///
    /// ```
    /// use tallymark::LabelName;
    ///
    /// assert_eq!(LabelName::utf8("http.method")?.as_str(), "http.method");
    /// assert!(LabelName::utf8("le").is_err());
    /// # Ok::<(), tallymark::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the name is empty, begins with `__`, also for who reads `_` in the place of what isn't plain, or is `le` or
    /// `quantile`.
    pub fn utf8(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::checked(name.into(), true)
    }

    /// With any characters, or only with those that every reader takes.
    pub(crate) fn checked(name: Cow<'static, str>, utf8: bool) -> Result<Self, Error> {
        check(&name, false, utf8)?;
        Ok(Self(name))
    }

    pub(crate) fn checked_by_macro(name: &'static str) -> Self {
        debug_assert!(check(name, false, true).is_ok(), "{name}");
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

/// A name as a scraper that doesn't ask for UTF-8 reads it: with `_` in the place of each character that isn't plain, and of a digit
/// in front (`EscapeName` by `UnderscoreEscaping` in `github.com/prometheus/common/model`).
pub(crate) fn underscored(name: &str, metric: bool) -> Cow<'_, str> {
    if character_fault(name, metric).is_none() {
        return Cow::Borrowed(name);
    }
    let mut read = String::with_capacity(name.len());
    for (at, character) in name.char_indices() {
        let letter = character.is_ascii_alphabetic() || (at > 0 && character.is_ascii_digit());
        read.push(if letter || (metric && character == ':') { character } else { '_' });
    }
    Cow::Owned(read)
}

/// Whether two labels of a series would have one name for a scraper that doesn't ask for UTF-8.
pub(crate) const fn same_label(a: &str, b: &str) -> bool {
    NameParts::whole(a).reads_as(NameParts::whole(b))
}

/// What is said of two such labels whose names differ.
pub(crate) fn same_label_fault(taken: &str, name: &str) -> String {
    let read = underscored(name, false);
    format!(
        "the labels `{taken}` and `{name}` both read `{read}` for a scraper that doesn't ask for UTF-8; rename one of them"
    )
}

/// Refuses what is no label's name for every reader.
pub(crate) fn check_label(name: &str) -> Result<(), Error> {
    check(name, false, false)
}

fn check(name: &str, metric: bool, utf8: bool) -> Result<(), Error> {
    let reserved = reserved(name, metric);
    match reserved.or_else(|| character_fault(name, metric)) {
        None => Ok(()),
        Some(fault) => check_odd(name, metric, utf8 && reserved.is_none(), fault),
    }
}

/// Of a name that isn't plain, or is reserved.
#[cold]
fn check_odd(name: &str, metric: bool, utf8: bool, fault: &str) -> Result<(), Error> {
    let read = underscored(name, metric);
    // What no permission helps.
    let never = name.is_empty() || read.starts_with("__") || character_fault(name, metric).is_none();
    if utf8 && !never {
        return Ok(());
    }
    let write = format!("write for example `{}`", mended(name, metric));
    let why = match (never, utf8 && !name.is_empty()) {
        (true, true) => {
            format!(
                "a scraper that doesn't ask for UTF-8 reads `{read}`, and {RESERVED}; write for example `my_{name}`"
            )
        }
        (true, false) => format!("{fault}; {write}"),
        (false, _) => format!("{fault}; allow it by `allow_utf8`, or {write}"),
    };
    Err(Error::new(format!("`{name}` is no {} name: {why}", if metric { "metric" } else { "label" })))
}

const RESERVED: &str = "names that begin with `__` are reserved for Prometheus itself";

fn reserved(name: &str, metric: bool) -> Option<&'static str> {
    match name {
        "le" if !metric => Some("`le` is the label in which a histogram writes its buckets"),
        "quantile" if !metric => Some("`quantile` is the label in which a summary writes its quantiles"),
        _ => name.starts_with("__").then_some(RESERVED),
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
            assert!(MetricName::new(good).is_ok() && MetricName::utf8(good).is_ok(), "{good}");
        }
        for bad in ["", "9a", "a-b", "a b", "größe", "__x", "a\n", "a\0", "{}", "a.b"] {
            assert!(MetricName::new(bad).is_err(), "{bad}");
        }
        for good in ["a", "A9_", "_a", "path", "quantiles"] {
            assert!(LabelName::new(good).is_ok() && LabelName::utf8(good).is_ok(), "{good}");
        }
        for bad in ["", "9a", "a-b", "a:b", "__x", "le", "quantile", "ä"] {
            assert!(LabelName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_of_any_characters_are_never_reserved_ones() {
        for good in ["9a", "a.b", "größe", "a\n\"{}\\", "\u{1f980}", ".", "a\0", "http.le", "x__", "_.a:"] {
            let reserved = underscored(good, true).starts_with("__");
            assert_eq!(MetricName::utf8(good).is_ok(), !reserved, "{good}");
            assert_eq!(LabelName::utf8(good).is_ok(), !reserved, "{good}");
        }
        for bad in ["", "__x", "._x", "_.a", "花火", ".."] {
            assert!(MetricName::utf8(bad).is_err() && LabelName::utf8(bad).is_err(), "{bad}");
        }
        assert!(MetricName::utf8("::").is_ok() && LabelName::utf8("::").is_err());
        assert!(LabelName::utf8("le").is_err() && LabelName::utf8("quantile").is_err());
        let error = MetricName::utf8("花火").unwrap_err().to_string();
        assert!(error.contains("reads `__`") && error.contains("`my_花火`"), "{error}");
    }

    #[test]
    fn permission_is_offered_where_it_helps() {
        let text = |name| MetricName::new(name).unwrap_err().to_string();
        assert_eq!(
            text("9lives"),
            "`9lives` is no metric name: it begins with a digit; allow it by `allow_utf8`, or write for example `n9lives`"
        );
        assert!(text("größe").contains("`allow_utf8`"));
        for helpless in ["", "__x", "花火", "._x"] {
            assert!(!text(helpless).contains("allow_utf8"), "{helpless}");
        }
        assert!(!LabelName::new("le").unwrap_err().to_string().contains("allow_utf8"));
        assert!(LabelName::new("a:b").unwrap_err().to_string().contains("allow_utf8"));
    }

    #[test]
    fn the_suggested_name_is_valid() {
        type Check = fn(&str) -> Option<Error>;
        let metric: Check = |name| MetricName::new(name.to_owned()).err();
        let label: Check = |name| LabelName::new(name.to_owned()).err();
        let utf8_metric: Check = |name| MetricName::utf8(name.to_owned()).err();
        let utf8_label: Check = |name| LabelName::utf8(name.to_owned()).err();
        for bad in ["", "9a", "a-b", "größe", "__x", "___", "__9", "\u{1f980}", "__le", "le", "花火", "_ä", "__ä"]
        {
            for check in [metric, label, utf8_metric, utf8_label] {
                let Some(error) = check(bad) else { continue };
                let text = error.to_string();
                let suggested = text.rsplit('`').nth(1).unwrap_or_default();
                assert_eq!(check(suggested), None, "{bad}: {text}");
            }
        }
    }

    #[test]
    fn labels_are_the_same_if_they_read_alike() {
        let names =
            ["a", "b", "a.b", "a_b", "a:b", "a..b", "aäb", "aä", "a_", "1a", "_a", "ä", "", "le", "a\u{1f980}b"];
        for a in names {
            for b in names {
                assert_eq!(same_label(a, b), underscored(a, false) == underscored(b, false), "{a} {b}");
            }
        }
    }
}
