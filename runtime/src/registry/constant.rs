//! What is said of all that a registry shows: labels that every series has, and `target_info`.

use std::borrow::Cow;
use std::sync::Arc;

use crate::collector::{Collected, Collector};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::escape::push_labels;
use crate::name::{LabelName, MetricName, NameParts, is_plain_label, same_label, same_label_fault};
use crate::snapshot::{MetricFamily, Number, SeriesSnapshot, Value};

/// The name of the family that says what a page is about (`OpenMetrics` 1.0.0, "Supporting target metadata in both push-based and pull-based systems").
pub(super) const TARGET_INFO: &str = "target_info";

/// Labels with names that keep the rules.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pairs: Vec<(Arc<str>, Box<str>)>,
    faults: Vec<Error>,
}

impl Pairs {
    /// Those that keep the rules; of two with one name the later.
    pub(super) fn of(given: &[(Cow<'static, str>, String)], utf8: bool) -> Self {
        let mut pairs = Self::default();
        for (name, value) in given {
            match LabelName::checked(name.clone(), utf8) {
                Ok(name) => {
                    if let Some(at) = pairs.pairs.iter().position(|(taken, _)| same_label(taken, name.as_str())) {
                        let (taken, _) = pairs.pairs.remove(at);
                        if *taken != *name.as_str() {
                            pairs.faults.push(Error::new(same_label_fault(&taken, name.as_str())));
                        }
                    }
                    pairs.pairs.push((name.as_str().into(), value.as_str().into()));
                }
                Err(fault) => pairs.faults.push(fault),
            }
        }
        pairs
    }

    pub(super) fn faults(&self) -> &[Error] {
        &self.faults
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

/// The labels that every series of a registry has.
#[derive(Debug)]
pub(super) struct ConstLabels {
    labels: Pairs,
    /// Where they are stated.
    site: Site,
    /// As they stand on a page.
    text: String,
}

impl ConstLabels {
    pub(super) fn new(labels: Pairs, site: Site) -> Self {
        let mut text = String::new();
        push_labels(&mut text, labels.iter());
        Self { labels, site, text }
    }

    #[track_caller]
    pub(super) fn none() -> Self {
        Self::new(Pairs::default(), Site::caller())
    }

    pub(super) fn site(&self) -> Site {
        self.site
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.pairs.is_empty()
    }

    /// Whether their names are such that every reader takes them.
    pub(super) fn are_plain(&self) -> bool {
        self.labels.iter().all(|(name, _)| is_plain_label(name))
    }

    /// As they stand in a family of this name.
    pub(super) fn text(&self, family: &str) -> &str {
        if family == TARGET_INFO { "" } else { &self.text }
    }

    /// Labels by which a family's series are looked for, without those that are these; none where one of them is another
    /// than these, which no series has.
    pub(super) fn without<'a>(&self, family: &str, labels: &[(&'a str, &'a str)]) -> Option<Vec<(&'a str, &'a str)>> {
        let mut left = labels.to_vec();
        if family != TARGET_INFO {
            for (name, value) in self.labels.iter() {
                if left.iter().any(|&(label, text)| label == name && text != value) {
                    return None;
                }
                left.retain(|&(label, _)| label != name);
            }
        }
        Some(left)
    }

    /// The first that the series of a family have themselves.
    #[inline]
    pub(super) fn clash(&self, family: DescriptorRef<'_>) -> Option<&str> {
        if self.is_empty() { None } else { self.clash_with(family) }
    }

    fn clash_with(&self, family: DescriptorRef<'_>) -> Option<&str> {
        let mut names = self.labels.iter().map(|(name, _)| name);
        names.find(|&name| {
            family.label_names().any(|taken| same_label(taken, name))
                || (family.kind() == MetricKind::StateSet && family.name().reads_as(NameParts::whole(name)))
        })
    }

    /// A descriptor with them.
    #[inline]
    pub(super) fn described(&self, mut descriptor: Descriptor) -> Descriptor {
        if descriptor.name() != TARGET_INFO {
            for (name, value) in self.labels.iter() {
                // What an info says may be called so.
                descriptor =
                    descriptor.clone().allow_utf8().with_const_label(name.to_owned(), value).unwrap_or(descriptor);
            }
        }
        descriptor
    }

    /// Gives them to every series of a family. What an info says of itself stays.
    pub(super) fn add_to(&self, family: &mut MetricFamily) {
        if self.is_empty() || family.name == TARGET_INFO {
            return;
        }
        for series in &mut family.series {
            self.put_before(&mut series.labels);
        }
    }

    /// Puts them before the labels of a series, but those whose names are taken there.
    pub(super) fn put_before(&self, labels: &mut Vec<(Arc<str>, Box<str>)>) {
        let mut own = std::mem::take(labels);
        for (name, value) in &self.labels.pairs {
            if own.iter().all(|(taken, _)| !same_label(taken, name)) {
                labels.push((Arc::clone(name), value.clone()));
            }
        }
        labels.append(&mut own);
    }
}

/// What a page is about, as one info.
#[derive(Debug)]
pub(super) struct TargetInfo {
    labels: Pairs,
    descriptor: Descriptor,
}

impl TargetInfo {
    pub(super) fn new(labels: Pairs, site: Site) -> Self {
        let name = MetricName::checked_by_macro(Cow::Borrowed(TARGET_INFO));
        let descriptor = Descriptor::assembled(MetricKind::Info, name, Cow::Borrowed("Target metadata."), site);
        Self { labels, descriptor }
    }
}

impl Collector for TargetInfo {
    fn describe(&self) -> Vec<Descriptor> {
        vec![self.descriptor.clone()]
    }

    fn collect(&self, out: &mut Collected) {
        let series = SeriesSnapshot::new(self.labels.pairs.clone(), Value::Number(Number::Unsigned(1)));
        out.push_values(MetricFamily::of(&self.descriptor, vec![series]));
    }
}
