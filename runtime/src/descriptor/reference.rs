//! Descriptors by reference: of families that are there, and of marks whose family nobody has made yet.

use std::borrow::Cow;
use std::iter;

use super::{Descriptor, MetricKind, Site};
use crate::name::{LabelName, MetricName, NameParts, Stem, Underscored};

/// What a mark says of its family, known when the program is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    stem: Stem,
    /// Whether names of any characters were allowed.
    pub(crate) utf8: bool,
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
        let stem = Stem::of(NameParts::joined(prefix, rest));
        Self { stem, utf8: false, site, prefix, rest, help: "", unit: None, labels: &[], const_labels: &[] }
    }

    /// The name may have any characters; `claimed` is how it reads for a scraper that doesn't ask for UTF-8, by which it collides.
    pub(crate) const fn utf8(name: &'static str, claimed: &'static str, site: Site) -> Self {
        let stem = Stem::of(NameParts::whole(claimed));
        Self { stem, utf8: true, ..Self::new("", name, site) }
    }

    pub(crate) const fn name(&self) -> NameParts<'static> {
        NameParts::joined(self.prefix, self.rest)
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
    pub(crate) const fn of_mark(outline: &'static Outline, kind: MetricKind, labels: &'static [&'static str]) -> Self {
        Self(Source::Marked { outline, kind, labels })
    }
}

impl<'a> DescriptorRef<'a> {
    pub(crate) fn name(&self) -> NameParts<'a> {
        match self.0 {
            Source::Made(descriptor) => NameParts::whole(descriptor.name.as_str()),
            Source::Marked { outline, .. } => outline.name(),
        }
    }

    /// The name that stands for the whole family in any format.
    pub(crate) fn base(&self) -> NameParts<'a> {
        self.kind().base_of_parts(self.name())
    }

    /// What it takes names by.
    pub(crate) fn claim(&self) -> Claim<'a> {
        let kind = self.kind();
        // A state set's name is a label's too, and is escaped as one.
        Claim { kind, name: self.name(), underscored: self.name().underscored(kind != MetricKind::StateSet) }
    }

    /// That of the name as a scraper that doesn't ask for UTF-8 reads it.
    pub(crate) fn stem(&self) -> Stem {
        match self.0 {
            Source::Made(descriptor) => descriptor.stem,
            Source::Marked { outline, .. } => outline.stem,
        }
    }

    pub(crate) fn kind(&self) -> MetricKind {
        match self.0 {
            Source::Made(descriptor) => descriptor.kind,
            Source::Marked { kind, .. } => kind,
        }
    }

    pub(crate) fn help(&self) -> &'a str {
        match self.0 {
            Source::Made(descriptor) => &descriptor.help,
            Source::Marked { outline, .. } => outline.help,
        }
    }

    pub(crate) fn unit(&self) -> Option<&'a str> {
        match self.0 {
            Source::Made(descriptor) => descriptor.unit.as_deref(),
            Source::Marked { outline, .. } => outline.unit,
        }
    }

    /// The names of all labels: first the constant ones.
    pub(crate) fn label_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (source, mut index) = (self.0, 0);
        iter::from_fn(move || {
            let name = match source {
                Source::Made(descriptor) => descriptor.label_name(index),
                Source::Marked { outline, labels, .. } => match outline.const_labels.get(index) {
                    Some((name, _)) => Some(*name),
                    None => labels.get(index - outline.const_labels.len()).copied(),
                },
            };
            index += 1;
            name
        })
    }

    pub(crate) fn site(&self) -> Site {
        match self.0 {
            Source::Made(descriptor) => descriptor.site,
            Source::Marked { outline, .. } => outline.site,
        }
    }

    /// Whether a name is the family's, or that of a sample of it.
    pub(crate) fn answers_to(&self, text: &str) -> bool {
        let (name, text) = (self.name(), NameParts::whole(text));
        name.same("", text, "")
            || self.base().same("", text, "")
            || self.kind().sample_suffixes().iter().any(|suffix| name.same(suffix, text, ""))
            || (self.kind().has_created() && self.base().same("_created", text, ""))
    }

    pub(crate) fn to_descriptor(self) -> Descriptor {
        match self.0 {
            Source::Made(descriptor) => descriptor.clone(),
            Source::Marked { outline, kind, labels } => {
                let (mut own, mut constant) = (Vec::with_capacity(labels.len()), Vec::new());
                for name in labels {
                    own.push(LabelName::checked_by_macro(name));
                }
                for (name, value) in outline.const_labels {
                    constant.push((LabelName::checked_by_macro(name), (*value).to_owned()));
                }
                Descriptor {
                    name: MetricName::checked_by_macro(outline.name().text()),
                    stem: outline.stem,
                    help: Cow::Borrowed(outline.help),
                    kind,
                    utf8: outline.utf8,
                    unit: outline.unit.map(Cow::Borrowed),
                    labels: own,
                    const_labels: constant,
                    site: outline.site,
                }
            }
        }
    }
}

/// What a family takes names by: its own, and that which a scraper that doesn't ask for UTF-8 reads.
pub(crate) struct Claim<'a> {
    kind: MetricKind,
    name: NameParts<'a>,
    underscored: Underscored<'a>,
}

impl Claim<'_> {
    /// The bases, of which two families collide if one pair does: first those that all readers could see.
    pub(crate) fn bases(&self) -> [NameParts<'_>; 2] {
        [self.underscored.parts(), self.name].map(|name| self.kind.base_of_parts(name))
    }

    pub(crate) fn kind(&self) -> MetricKind {
        self.kind
    }
}
