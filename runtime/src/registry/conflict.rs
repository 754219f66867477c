//! Which families can't stand on one page, and why.

use std::fmt;

use super::names::{Known, Rival};
use crate::descriptor::{DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::sort::sort_by;

/// Two families that can't stand on one page.
#[derive(Clone, PartialEq, Eq)]
pub struct Collision {
    first: Party,
    second: Party,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Party {
    name: String,
    kind: MetricKind,
    site: Site,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Twice,
    Kind,
    Help {
        first: String,
        second: String,
    },
    Unit {
        first: String,
        second: String,
    },
    Labels {
        first: String,
        second: String,
    },
    Sample {
        name: String,
    },
    /// A name that both have for a scraper that doesn't ask for UTF-8.
    Read {
        name: String,
    },
    /// A label that the registry adds to every series.
    ConstLabel,
    /// Such a label breaks a rule.
    Fault(Error),
}

impl Collision {
    /// Adds those of a family with its rivals.
    pub(super) fn push_all(rivals: &[Rival], family: DescriptorRef<'_>, known: &Known<'_>, found: &mut Vec<Self>) {
        for rival in rivals {
            if let Some(first) = known(rival.place) {
                found.push(Self::between(first, family, rival.suffix));
            }
        }
    }

    /// `suffix` is that of the second one with which its base is a name that both take.
    fn between(first: DescriptorRef<'_>, second: DescriptorRef<'_>, suffix: &str) -> Self {
        let reason = if !first.name().same("", second.name(), "") {
            of_names(first, second, suffix)
        } else if first.kind() != second.kind() {
            Reason::Kind
        } else if first.unit() != second.unit() {
            let unit = |descriptor: DescriptorRef<'_>| descriptor.unit().unwrap_or("none").to_owned();
            Reason::Unit { first: unit(first), second: unit(second) }
        } else if label_set(first) != label_set(second) {
            let labels = |descriptor| label_set(descriptor).join(", ");
            Reason::Labels { first: labels(first), second: labels(second) }
        } else if first.help() != second.help() {
            Reason::Help { first: first.help().to_owned(), second: second.help().to_owned() }
        } else {
            Reason::Twice
        };
        let party = |descriptor: DescriptorRef<'_>| Party {
            name: descriptor.name().to_string(),
            kind: descriptor.kind(),
            site: descriptor.site(),
        };
        Self { first: party(first), second: party(second), reason }
    }

    /// That of a family with a label that the registry adds to every series, stated at a place.
    pub(super) fn of_label(label: &str, stated: Site, family: DescriptorRef<'_>) -> Self {
        let label = Party { name: label.to_owned(), kind: MetricKind::Unknown, site: stated };
        let family = Party { name: family.name().to_string(), kind: family.kind(), site: family.site() };
        Self { first: label, second: family, reason: Reason::ConstLabel }
    }

    /// A label that was to be added to every series.
    pub(super) fn of_fault(fault: &Error, stated: Site) -> Self {
        let label = Party { name: String::new(), kind: MetricKind::Unknown, site: stated };
        Self { first: label.clone(), second: label, reason: Reason::Fault(fault.clone()) }
    }

    /// Whether a family is one of the two.
    pub(super) fn is_of(&self, family: DescriptorRef<'_>) -> bool {
        let same = |party: &Party| party.site == family.site() && family.name() == *party.name;
        same(&self.first) || same(&self.second)
    }

    /// The names of both families: first the one that stays. Of a collision with a label that the registry adds, first
    /// the label.
    #[must_use]
    pub fn names(&self) -> [&str; 2] {
        [&self.first.name, &self.second.name]
    }

    /// Where both families are defined: first the one that stays.
    #[must_use]
    pub fn sites(&self) -> [Site; 2] {
        [self.first.site, self.second.site]
    }
}

/// Why two names collide that differ.
fn of_names(first: DescriptorRef<'_>, second: DescriptorRef<'_>, suffix: &str) -> Reason {
    let (base, other) = (first.base(), second.base());
    let both = |suffix: &&str| first.kind().suffixes().iter().any(|own| base.same(own, other, suffix));
    let mut suffixes = [suffix].into_iter().chain(second.kind().suffixes().iter().copied());
    if let Some(suffix) = suffixes.find(both) {
        return Reason::Sample { name: format!("{other}{suffix}") };
    }
    let [read, _] = second.claim().bases().map(|base| format!("{base}{suffix}"));
    Reason::Read { name: read }
}

/// The names of the labels, whatever the order in which they were stated.
fn label_set(descriptor: DescriptorRef<'_>) -> Vec<&str> {
    let mut names: Vec<&str> = descriptor.label_names().collect();
    sort_by(&mut names, Ord::cmp);
    names
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (&self.first, &self.second);
        let name = &first.name;
        match &self.reason {
            Reason::Twice if first.site == second.site => {
                write!(f, "the {} `{name}` is registered twice", first.kind)
            }
            Reason::Twice => write!(f, "the {} `{name}` is defined twice", first.kind),
            Reason::Kind => write!(f, "`{name}` is a {} and a {}", first.kind, second.kind),
            Reason::Help { first, second } => {
                write!(f, "`{name}` is defined twice, with the help texts {first:?} and {second:?}")
            }
            Reason::Unit { first, second } => {
                write!(f, "`{name}` is defined twice, with the units {first} and {second}")
            }
            Reason::Labels { first, second } => {
                write!(f, "`{name}` is defined twice, with the labels {{{first}}} and {{{second}}}")
            }
            Reason::ConstLabel => {
                write!(
                    f,
                    "the {} `{}` has the label `{name}`, which the registry adds to every series: rename one of the two",
                    second.kind, second.name
                )
            }
            Reason::Fault(fault) => write!(f, "a label of the registry: {fault}"),
            Reason::Read { name: read } => {
                write!(
                    f,
                    "the {} `{name}` and the {} `{}` both use the name `{read}` for a scraper that doesn't ask for UTF-8, which reads `_` for all that isn't plain",
                    first.kind, second.kind, second.name
                )
            }
            Reason::Sample { name: sample } => {
                write!(
                    f,
                    "the {} `{name}` and the {} `{}` both use the name `{sample}`",
                    first.kind, second.kind, second.name
                )
            }
        }?;
        if first.site == second.site && matches!(self.reason, Reason::Fault(_)) {
            return write!(f, "\n       {}", first.site);
        }
        write!(f, "\n       {}\n       {}", first.site, second.site)
    }
}

/// Every collision of a registry, from [`Registry::check`](super::Registry::check).
///
/// Its text names each with both places, and what to do:
///
/// ```text
/// 1 collision of metrics:
///   1. the counter `shop_orders_total` is defined twice
///        src/orders.rs:3:1 (shop 1.4.0)
///        src/cart.rs:9:1 (shop 1.4.0)
/// rename one of each pair with `name = "…"`, set its crate apart with `namespace = "…"`, or feed one metric from
/// both places with `into = …`
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Collisions {
    pub(super) all: Vec<Collision>,
}

impl Collisions {
    /// The collisions.
    pub fn iter(&self) -> impl Iterator<Item = &Collision> {
        self.all.iter()
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "without a collision there is no such value")]
    pub fn len(&self) -> usize {
        self.all.len()
    }
}

/// The text of `Display`: `main` and `unwrap` show this one.
impl fmt::Debug for Collisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'a> IntoIterator for &'a Collisions {
    type Item = &'a Collision;
    type IntoIter = std::slice::Iter<'a, Collision>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl fmt::Display for Collisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.len() == 1 { "" } else { "s" };
        writeln!(f, "{} collision{plural} of metrics:", self.len())?;
        for (index, collision) in self.all.iter().enumerate() {
            writeln!(f, "  {}. {collision}", index + 1)?;
        }
        write!(
            f,
            "rename one of each pair with `name = \"…\"`, set its crate apart with `namespace = \"…\"`, or feed one metric from both places with `into = …`"
        )
    }
}

impl std::error::Error for Collisions {}

#[cfg(test)]
mod tests {
    use super::super::names::Names;
    use super::*;
    use crate::descriptor::Descriptor;

    fn descriptor(kind: MetricKind, name: &'static str) -> Descriptor {
        Descriptor::new(kind, name, "Help.").unwrap()
    }

    fn texts(descriptors: &[Descriptor]) -> Vec<String> {
        let (mut names, mut texts) = (Names::default(), Vec::new());
        let known = |place: u32| descriptors.get(place as usize).map(DescriptorRef::from);
        for (place, family) in (0..).zip(descriptors.iter().map(DescriptorRef::from)) {
            let (_, rivals) = names.add(family, place, &known);
            let mut found = Vec::new();
            Collision::push_all(&rivals, family, &known, &mut found);
            texts.extend(found.iter().map(ToString::to_string));
        }
        texts.iter().map(|text| text.lines().next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn each_rule_has_its_text() {
        use MetricKind::{Counter, Gauge, Histogram};
        let pair = |a, b| texts(&[a, b]).concat();
        assert_eq!(pair(descriptor(Gauge, "x"), descriptor(Gauge, "x")), "the gauge `x` is registered twice");
        assert_eq!(pair(descriptor(Gauge, "x"), descriptor(Counter, "x")), "`x` is a gauge and a counter");
        assert_eq!(
            pair(descriptor(Gauge, "x"), Descriptor::new(Gauge, "x", "Other.").unwrap()),
            "`x` is defined twice, with the help texts \"Help.\" and \"Other.\""
        );
        assert_eq!(
            pair(descriptor(Gauge, "x_s"), descriptor(Gauge, "x_s").with_unit("s").unwrap()),
            "`x_s` is defined twice, with the units none and s"
        );
        assert_eq!(
            pair(
                descriptor(Gauge, "x").with_labels(["a"]).unwrap(),
                descriptor(Gauge, "x").with_labels(["b"]).unwrap()
            ),
            "`x` is defined twice, with the labels {a} and {b}"
        );
        for (name, suffixes) in [("x", ["_bucket", "_sum", "_count", "_created"])] {
            for suffix in suffixes {
                let other = Descriptor::new(Gauge, format!("{name}{suffix}"), "").unwrap();
                assert_eq!(
                    pair(descriptor(Histogram, name), other.clone()),
                    format!("the histogram `x` and the gauge `x{suffix}` both use the name `x{suffix}`")
                );
                assert!(!pair(other, descriptor(Histogram, name)).is_empty());
            }
        }
        assert!(!pair(descriptor(Counter, "x_total"), descriptor(Gauge, "x")).is_empty());
        assert!(!pair(descriptor(Counter, "x_total"), descriptor(Gauge, "x_created")).is_empty());
        assert!(pair(descriptor(Gauge, "x"), descriptor(Gauge, "x_sum")).is_empty());
    }
}
