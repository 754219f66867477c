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
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Counter, Self::Gauge, Self::Histogram, Self::CountExceptions];

    /// What the gauge of a function may show.
    pub(crate) const SHOWN: [&str; 5] = ["track_inprogress", "callback", "time", "set", "set_to_current_time"];

    /// The attribute's name.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::CountExceptions => "count_exceptions",
        }
    }

    /// The type of the metric that it makes.
    pub(crate) fn type_name(self) -> Ident {
        let name = match self {
            Self::Counter | Self::CountExceptions => "Counter",
            Self::Gauge => "Gauge",
            Self::Histogram => "Histogram",
        };
        format_ident!("{name}", span = Span::mixed_site())
    }

    /// The kind that makes a type, if it is one of ours by its last segment.
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        let Type::Path(path) = ty else { return None };
        let last = path.path.segments.last()?.ident.to_string();
        [Self::Counter, Self::Gauge, Self::Histogram].into_iter().find(|kind| kind.type_name() == last)
    }

    /// The arguments that it has: first those of its own.
    pub(super) fn words(self) -> Vec<&'static str> {
        const ALL: [&str; 10] =
            ["name", "namespace", "unit", "help", "labels", "const_labels", "init", "max_series", "into", "crate"];
        let own: &[&str] = match self {
            Self::Counter => &["outcome"],
            Self::Gauge => &Self::SHOWN,
            Self::Histogram => &["buckets", "observe", "time", "outcome"],
            Self::CountExceptions => &["panic"],
        };
        own.iter().chain(&ALL).copied().collect()
    }
}
