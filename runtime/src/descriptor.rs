//! What a metric family is, before it has a value.

mod kind;
mod reference;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

pub use kind::MetricKind;
pub(crate) use reference::{Claim, DescriptorRef, Outline};

use crate::error::Error;
use crate::name::{LabelName, MetricName, NameParts, Stem, same_label, same_label_fault};

/// The place in the source that defines a metric.
///
/// Reads `src/orders.rs:12:1 (shop 1.4.0)`; without the crate for what was made at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    file: &'static str,
    line: u32,
    column: u32,
    krate: Option<(&'static str, &'static str)>,
}

impl Site {
    /// The place of a mark. `module_path` is that of the mark, `version` that of its package.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_mark(
        (file, line, column): (&'static str, u32, u32),
        module_path: &'static str,
        version: Option<&'static str>,
    ) -> Self {
        let version = match version {
            Some(version) => version,
            None => "",
        };
        Self { file, line, column, krate: Some((crate_of(module_path), version)) }
    }

    #[track_caller]
    pub(crate) fn caller() -> Self {
        Self::at(Location::caller())
    }

    pub(crate) fn at(place: &'static Location<'static>) -> Self {
        Self { file: place.file(), line: place.line(), column: place.column(), krate: None }
    }

    /// The file, as the compiler was given it.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The crate; none for what was made at run time.
    #[must_use]
    pub fn crate_name(&self) -> Option<&'static str> {
        self.krate.map(|(name, _)| name)
    }

    /// The version of the crate's package; none where it is unknown.
    #[must_use]
    pub fn crate_version(&self) -> Option<&'static str> {
        self.krate.map(|(_, version)| version).filter(|version| !version.is_empty())
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        match self.krate {
            Some((name, "")) => write!(f, " ({name})"),
            Some((name, version)) => write!(f, " ({name} {version})"),
            None => Ok(()),
        }
    }
}

/// The first segment of a module's path.
pub(crate) const fn crate_of(module_path: &'static str) -> &'static str {
    let bytes = module_path.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b':' {
        end += 1;
    }
    module_path.split_at(end).0
}

/// What a metric family is: its name, type, help, unit and labels, and where it was defined.
///
/// A [`Collector`](crate::Collector) describes its families so, and a registry finds collisions in it before there are
/// values.
///
/// ```
/// use tallymark::{Descriptor, MetricKind};
///
/// let descriptor = Descriptor::new(MetricKind::Gauge, "disk_free_bytes", "Free space.")?.with_unit("bytes")?.with_labels(["disk"])?;
/// assert_eq!(descriptor.name(), "disk_free_bytes");
/// # Ok::<(), tallymark::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Descriptor {
    name: MetricName,
    stem: Stem,
    help: Cow<'static, str>,
    kind: MetricKind,
    /// Whether its labels may have any characters.
    utf8: bool,
    unit: Option<Cow<'static, str>>,
    labels: Vec<LabelName>,
    const_labels: Vec<(LabelName, String)>,
    site: Site,
}

impl Descriptor {
    /// A family without labels. Its site is the caller's.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules.
    #[track_caller]
    pub fn new(
        kind: MetricKind,
        name: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) -> Result<Self, Error> {
        Self::at(kind, name.into(), help.into(), Site::caller(), false)
    }

    /// A family without labels, whose name, and those of the labels that it is given, may have any characters: see
    /// [`MetricName::utf8`]. Its site is the caller's.
    ///
    /// ```
    /// use tallymark::{Descriptor, MetricKind};
    ///
    /// let descriptor = Descriptor::utf8(MetricKind::Gauge, "disk.free", "Free space.")?.with_labels(["disk.name"])?;
    /// assert_eq!(descriptor.name(), "disk.free");
    /// assert!(Descriptor::new(MetricKind::Gauge, "disk_free", "Free space.")?.with_labels(["disk.name"]).is_err());
    /// # Ok::<(), tallymark::Error>(())
    /// ```
    ///
    /// # Errors
    /// As of [`MetricName::utf8`].
    #[track_caller]
    pub fn utf8(
        kind: MetricKind,
        name: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) -> Result<Self, Error> {
        Self::at(kind, name.into(), help.into(), Site::caller(), true)
    }

    pub(crate) fn at(
        kind: MetricKind,
        name: Cow<'static, str>,
        help: Cow<'static, str>,
        site: Site,
        utf8: bool,
    ) -> Result<Self, Error> {
        let name = MetricName::checked(name, utf8)?;
        if kind == MetricKind::StateSet {
            // Its states stand in a label of this name.
            LabelName::checked(name.as_str().to_owned().into(), utf8)?;
        }
        let mut descriptor = Self::assembled(kind, name, help, site);
        if utf8 {
            descriptor.utf8 = true;
            descriptor.stem = Stem::of(NameParts::whole(descriptor.name()).underscored(true).parts());
        }
        Ok(descriptor)
    }

    /// Of a plain name.
    pub(crate) fn assembled(kind: MetricKind, name: MetricName, help: Cow<'static, str>, site: Site) -> Self {
        let name = name.ending_in(kind.required_ending());
        let stem = Stem::of(NameParts::whole(name.as_str()));
        Self { name, stem, help, kind, utf8: false, unit: None, labels: Vec::new(), const_labels: Vec::new(), site }
    }

    /// The same, to which labels of any characters may be given.
    pub(crate) fn allow_utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    /// States the unit, for example `seconds` or `bytes`.
    ///
    /// # Errors
    /// Where the name doesn't end in the unit (`OpenMetrics` 1.0.0, "Unit": it must be a suffix of the name), and for an
    /// info or a state set, which have none.
    pub fn with_unit(mut self, unit: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let unit = unit.into();
        if let Some(fault) = unit_fault(self.kind, self.name(), &unit) {
            return Err(fault);
        }
        self.unit = Some(unit);
        Ok(self)
    }

    /// States the labels that tell the series of the family apart.
    ///
    /// # Errors
    /// Where a name breaks the data model's rules or repeats.
    pub fn with_labels<N: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, Error> {
        let utf8 = self.utf8;
        for name in names {
            self.push_label(name.into(), utf8)?;
        }
        Ok(self)
    }

    /// The same for the labels of a struct, which says itself whether they may have any characters.
    pub(crate) fn with_own_labels(mut self, names: &'static [&'static str]) -> Result<Self, Error> {
        for name in names {
            self.push_label(Cow::Borrowed(name), true)?;
        }
        Ok(self)
    }

    fn push_label(&mut self, name: Cow<'static, str>, utf8: bool) -> Result<(), Error> {
        let name = LabelName::checked(name, utf8)?;
        self.refuse_repeated(&name)?;
        self.labels.push(name);
        Ok(())
    }

    /// Adds a label that has the same value in every series.
    ///
    /// # Errors
    /// Where the name breaks the data model's rules or repeats.
    pub fn with_const_label(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        let name = LabelName::checked(name.into(), self.utf8)?;
        self.refuse_repeated(&name)?;
        self.const_labels.push((name, value.into()));
        Ok(self)
    }

    fn refuse_repeated(&self, name: &LabelName) -> Result<(), Error> {
        let name = name.as_str();
        if let Some(taken) = self.label_names().find(|taken| same_label(taken, name)) {
            return Err(Error::new(if taken == name {
                format!("the label `{name}` stands twice on `{}`; drop one of them", self.name)
            } else {
                format!("`{}`: {}", self.name, same_label_fault(taken, name))
            }));
        }
        if self.kind == MetricKind::StateSet && same_label(self.name.as_str(), name) {
            return Err(Error::new(format!(
                "the label `{name}` is called as the state set, whose states stand in a label of that name; call it something else"
            )));
        }
        Ok(())
    }

    /// The family's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The help text.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        self.kind
    }

    /// The unit, if one was stated.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The names of all labels: first the constant ones.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        DescriptorRef::from(self).label_names()
    }

    /// Whether names of any characters were allowed.
    pub(crate) fn allows_utf8(&self) -> bool {
        self.utf8
    }

    /// The names of the labels that tell series apart.
    pub(crate) fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(LabelName::as_str)
    }

    fn label_name(&self, index: usize) -> Option<&str> {
        let name = match self.const_labels.get(index) {
            Some((name, _)) => name,
            None => self.labels.get(index - self.const_labels.len())?,
        };
        Some(name.as_str())
    }

    /// Where the family was defined.
    #[must_use]
    pub fn site(&self) -> Site {
        self.site
    }

    pub(crate) fn const_labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.const_labels.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What is wrong with a unit (`OpenMetrics` 1.0.0, "Unit").
pub(crate) fn unit_fault(kind: MetricKind, name: &str, unit: &str) -> Option<Error> {
    if !kind.has_unit() {
        return Some(Error::new(format!("`{name}` is of the type {kind}, which has no unit; drop `{unit}`")));
    }
    let base = kind.base(name);
    let fits = base.strip_suffix(unit).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    if !unit.is_empty() && fits {
        return None;
    }
    Some(Error::new(format!(
        "the name `{name}` does not end in its unit `{unit}`; call it `{base}_{unit}{}`",
        if kind == MetricKind::Counter { "_total" } else { "" },
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_is_the_first_segment() {
        assert_eq!(crate_of("shop::orders::deep"), "shop");
        assert_eq!(crate_of("shop"), "shop");
    }

    #[test]
    fn a_unit_must_end_the_name() {
        let unit = |kind, name: &'static str, unit| Descriptor::new(kind, name, "")?.with_unit(unit).map(drop);
        assert!(unit(MetricKind::Gauge, "x_bytes", "bytes").is_ok());
        assert!(unit(MetricKind::Counter, "x_bytes_total", "bytes").is_ok());
        let error = unit(MetricKind::Counter, "x_total", "bytes").unwrap_err().to_string();
        assert!(error.contains("`x_bytes_total`"), "{error}");
        assert!(unit(MetricKind::Gauge, "kilobytes", "bytes").is_err());
    }

    #[test]
    fn a_label_may_stand_once() {
        let descriptor = || Descriptor::new(MetricKind::Gauge, "x", "").unwrap();
        assert!(descriptor().with_labels(["a", "b"]).is_ok());
        assert!(descriptor().with_labels(["a", "a"]).is_err());
        assert!(descriptor().with_const_label("a", "1").unwrap().with_labels(["a"]).is_err());
        assert!(descriptor().with_labels(["le"]).is_err());
    }
}
