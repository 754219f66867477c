//! Descriptors by reference: of families that are there, and of marks whose family nobody has made yet.

use std::borrow::Cow;

use super::{Descriptor, MetricKind, Site};
use crate::name::{LabelName, MetricName};

/// What a mark says of its family, known when the program is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    site: Site,
    /// The crate that the name begins with, or nothing.
    prefix: &'static str,
    rest: &'static str,
    pub(crate) help: &'static str,
    pub(crate) unit: Option<&'static str>,
    pub(crate) labels: &'static [&'static str],
    pub(crate) const_labels: &'static [(&'static str, &'static str)],
}

impl Outline {
    /// The name is a prefix, an underscore and the rest; the rest alone where there is no prefix.
    pub(crate) const fn new(prefix: &'static str, rest: &'static str, site: Site) -> Self {
        Self { site, prefix, rest, help: "", unit: None, labels: &[], const_labels: &[] }
    }
}

/// A [`Descriptor`] by reference, or what a mark says, of which none has been made.
///
/// That is how a registry knows the families of our own metrics: finding collisions copies nothing, and makes no family
/// that nobody has used.
#[derive(Clone, Copy, Debug)]
pub struct DescriptorRef<'a>(Source<'a>);

#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Made(&'a Descriptor),
    Marked { outline: &'static Outline, kind: MetricKind, labels: &'static [&'static str] },
}

impl<'a> From<&'a Descriptor> for DescriptorRef<'a> {
    fn from(descriptor: &'a Descriptor) -> Self {
        Self(Source::Made(descriptor))
    }
}

impl DescriptorRef<'static> {
    pub(crate) fn of_mark(outline: &'static Outline, kind: MetricKind, labels: &'static [&'static str]) -> Self {
        Self(Source::Marked { outline, kind, labels })
    }
}

impl DescriptorRef<'_> {
    pub(crate) fn to_descriptor(self) -> Descriptor {
        match self.0 {
            Source::Made(descriptor) => descriptor.clone(),
            Source::Marked { outline, kind, labels } => Descriptor {
                name: MetricName::checked_by_macro(match outline.prefix {
                    "" => Cow::Borrowed(outline.rest),
                    prefix => Cow::Owned(format!("{prefix}_{}", outline.rest)),
                }),
                help: Cow::Borrowed(outline.help),
                kind,
                unit: outline.unit.map(Cow::Borrowed),
                labels: labels.iter().copied().map(LabelName::checked_by_macro).collect(),
                const_labels: (outline.const_labels.iter())
                    .map(|&(name, value)| (LabelName::checked_by_macro(name), value.to_owned()))
                    .collect(),
                site: outline.site,
            },
        }
    }
}
