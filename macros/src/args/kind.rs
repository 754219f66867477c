//! Which metric an attribute makes, and which arguments it has.

use proc_macro2::Span;
use quote::format_ident;
use syn::{Ident, Type};

/// Which metric an attribute makes, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    CountExceptions,
    Summary,
    Info,
    StateSet,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] =
        [Self::Counter, Self::Gauge, Self::Histogram, Self::CountExceptions, Self::Summary, Self::Info, Self::StateSet];

    /// What the gauge of a function may show.
    pub(crate) const SHOWN: [&str; 5] = ["track_inprogress", "callback", "time", "set", "set_to_current_time"];

    /// The attribute's name.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::CountExceptions => "count_exceptions",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
        }
    }

    /// The type of the metric that it makes.
    pub(crate) fn type_name(self) -> Ident {
        let name = match self {
            Self::Counter | Self::CountExceptions => "Counter",
            Self::Gauge => "Gauge",
            Self::Histogram => "Histogram",
            Self::Summary => "Summary",
            Self::Info => "Info",
            Self::StateSet => "StateSet",
        };
        format_ident!("{name}", span = Span::mixed_site())
    }

    /// The kind that makes a type, if it is one of ours by its last segment.
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        let Type::Path(path) = ty else { return None };
        let last = path.path.segments.last()?.ident.to_string();
        Self::ALL.into_iter().filter(|kind| kind.marks_statics()).find(|kind| kind.type_name() == last)
    }

    pub(crate) fn marks_statics(self) -> bool {
        self != Self::CountExceptions
    }

    pub(crate) fn marks_functions(self) -> bool {
        !matches!(self, Self::Info | Self::StateSet)
    }

    /// The arguments that it has: first those of its own.
    pub(super) fn words(self) -> Vec<&'static str> {
        const ALL: [&str; 11] = [
            "name",
            "allow_utf8",
            "namespace",
            "unit",
            "help",
            "labels",
            "const_labels",
            "init",
            "max_series",
            "into",
            "crate",
        ];
        // What has neither a unit nor a function to measure.
        const OF_STATICS: [&str; 8] =
            ["name", "allow_utf8", "namespace", "help", "const_labels", "init", "max_series", "crate"];
        match self {
            Self::Info => return ["package"].into_iter().chain(OF_STATICS).collect(),
            Self::StateSet => return OF_STATICS.to_vec(),
            _ => {}
        }
        let own: &[&str] = match self {
            Self::Counter => &["outcome", "exemplar"],
            Self::Gauge => &Self::SHOWN,
            Self::Histogram => &["buckets", "native", "observe", "time", "outcome", "exemplar"],
            Self::CountExceptions => &["panic", "exemplar"],
            Self::Summary => &["quantiles", "max_age", "age_buckets", "observe", "time", "outcome"],
            Self::Info | Self::StateSet => &[],
        };
        own.iter().chain(&ALL).copied().collect()
    }
}
