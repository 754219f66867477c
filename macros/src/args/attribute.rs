//! Which attributes there are, and what is said of an argument that one doesn't have.

use super::kind::Kind;
use crate::names;

/// One of our attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// One that makes a metric, or feeds one.
    Metric(Kind),
    /// One that stands for three of those.
    Measure,
    /// One that makes a function a collector.
    Collector,
}

/// What `measure` would have to say of three metrics at once.
const NOT_OF_MEASURE: [(&str, &str); 5] = [
    (
        "name",
        "`#[measure]` makes three metrics, which can't have the same name; write `namespace = \"…\"`, or the three attributes with a name each: \
         `#[counter(outcome)]`, `#[histogram]`, `#[gauge(track_inprogress)]`",
    ),
    (
        "allow_utf8",
        "`#[measure]` derives the names of its metrics, which are always plain; drop `allow_utf8`, or write the three attributes with a name each: \
         `#[counter(outcome)]`, `#[histogram]`, `#[gauge(track_inprogress)]`",
    ),
    (
        "into",
        "`#[measure]` makes three metrics, and no metric can stand for all of them; write the three attributes with an `into` each: `#[counter]`, \
         `#[histogram]`, `#[gauge(track_inprogress)]`",
    ),
    ("unit", "`#[measure]` counts calls and times them in seconds; drop `unit`"),
    ("outcome", "`#[measure]` counts by `outcome` as it is; drop this one"),
];

/// What says that something is, and measures nothing.
const NOT_OF_TEXTS: [(&str, &str); 3] = [
    ("unit", "has no number, so it has no unit; drop `unit`"),
    (
        "labels",
        "marks a static, which has no arguments; its labels are its type's, with `#[derive(Labels)] struct MyLabels { … }`; drop `labels`",
    ),
    ("into", "marks a static, which feeds no other metric; drop `into`"),
];

impl From<Kind> for Attribute {
    fn from(kind: Kind) -> Self {
        Self::Metric(kind)
    }
}

impl Attribute {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().map(Self::Metric).chain([Self::Measure, Self::Collector])
    }

    /// Its name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Metric(kind) => kind.attribute(),
            Self::Measure => "measure",
            Self::Collector => "collector",
        }
    }

    /// The arguments that it has: first those of its own.
    pub(super) fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Metric(kind) => kind.words(),
            Self::Collector => vec!["crate"],
            Self::Measure => {
                vec![
                    "buckets",
                    "native",
                    "exemplar",
                    "skip",
                    "namespace",
                    "help",
                    "labels",
                    "const_labels",
                    "init",
                    "max_series",
                    "crate",
                ]
            }
        }
    }

    /// Whether it has an argument, also one that only we write.
    pub(super) fn takes(self, word: &str) -> bool {
        self.arguments().contains(&word) || (self == Self::Measure && word == super::OF_TYPE)
    }

    /// What is said of a word that is no argument of it.
    pub(super) fn unknown(self, word: &str) -> String {
        let attribute = self.word();
        if self == Self::Measure
            && let Some((_, message)) = NOT_OF_MEASURE.iter().find(|(known, _)| *known == word)
        {
            return (*message).to_owned();
        }
        if let Self::Metric(Kind::Info | Kind::StateSet) = self
            && let Some((_, why)) = NOT_OF_TEXTS.iter().find(|(known, _)| *known == word)
        {
            return format!("`#[{attribute}]` {why}");
        }
        if let Some(near) = names::nearest(word, &self.arguments()) {
            return format!("`#[{attribute}]` has no argument `{word}`; did you mean `{near}`?");
        }
        let others: Vec<&str> = Self::all().filter(|other| other.arguments().contains(&word)).map(Self::word).collect();
        match others.as_slice() {
            [] => format!("`#[{attribute}]` has no argument `{word}`; it has {}", self.listed()),
            others => {
                format!("`#[{attribute}]` has no argument `{word}`, which belongs to `#[{}]`", others.join("]`, `#["))
            }
        }
    }

    /// Its arguments, for a message.
    pub(super) fn listed(self) -> String {
        self.arguments().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    }
}
