//! What is to be written.

use proc_macro2::Span;
use syn::{Expr, LitBool, LitInt};

use crate::args::{Arg, Buckets, Clock, ConstLabel, Exception, Kind, Native};
use crate::labels::Label;

/// What a marked function measures, in the order in which it is entered: whatever the order of the attributes.
pub(crate) struct FunctionPlan {
    pub(crate) measures: Vec<Measure>,
}

pub(crate) struct Measure {
    pub(crate) kind: Kind,
    pub(crate) what: What,
    /// Whether it takes the trace of the current span.
    pub(crate) exemplar: bool,
    pub(crate) target: Target,
}

impl Measure {
    /// Whether it asks how the call ended.
    pub(crate) fn reads_outcome(&self) -> bool {
        matches!(self.what, What::Success) || matches!(&self.target, Target::Own(own) if own.outcome)
    }
}

pub(crate) enum What {
    Calls,
    InProgress,
    /// How long it took.
    Duration(Clock),
    /// A number of the result.
    Observation(Expr),
    /// When it last succeeded.
    Success,
    Exceptions {
        returned: Vec<Exception>,
        panic: bool,
    },
}

/// Where it is counted.
pub(crate) enum Target {
    Into(Expr),
    Own(Box<Own>),
}

/// A metric that the mark makes.
pub(crate) struct Own {
    /// Of the attribute, for the site.
    pub(crate) span: Span,
    pub(crate) name: Name,
    pub(crate) unit: Option<String>,
    pub(crate) help: String,
    pub(crate) labels: Vec<Label>,
    /// Whether the first measure has read its labels.
    pub(crate) shares_labels: bool,
    pub(crate) outcome: bool,
    pub(crate) const_labels: Vec<ConstLabel>,
    pub(crate) buckets: Option<Buckets>,
    pub(crate) native: Option<Arg<Native>>,
    pub(crate) quantiles: Option<Expr>,
    /// Of how many seconds the quantiles are, and in how many steps observations go.
    pub(crate) window: Option<(Expr, Expr)>,
    /// Whether the package and its version are constant labels.
    pub(crate) package: bool,
    pub(crate) init: Option<LitBool>,
    pub(crate) max_series: Option<LitInt>,
}

impl Own {
    /// Whether its series is known on entry.
    pub(crate) fn known_on_entry(&self) -> bool {
        !self.outcome && !self.labels.iter().any(Label::is_from_result)
    }

    /// Whether every call counts in the same series.
    pub(crate) fn has_one_series(&self) -> bool {
        !self.outcome && self.labels.iter().all(Label::is_constant)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Name {
    Whole(String),
    /// The same, of any characters.
    Utf8(String),
    /// The crate's name and an underscore stand before it.
    Derived(String),
}

impl Name {
    /// Whether both are one name.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Derived(name), Self::Derived(other))
            | (Self::Whole(name) | Self::Utf8(name), Self::Whole(other) | Self::Utf8(other)) => name == other,
            _ => false,
        }
    }

    /// For a message, where the crate's name isn't known.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Whole(name) | Self::Utf8(name) => name.clone(),
            Self::Derived(name) => format!("<crate>_{name}"),
        }
    }
}
