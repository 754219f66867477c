//! How a page is read: a visitor is shown families and series, one behind the other.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::Number;
use crate::descriptor::MetricKind;

/// What a visitor is shown of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SeriesValue<'a> {
    Number(Number),
    /// The counts are not cumulative, and the last is +Inf's.
    Histogram {
        bounds: &'a Arc<[f64]>,
        counts: &'a [u64],
        sum: f64,
    },
    Summary {
        count: u64,
        sum: f64,
        quantiles: &'a [(f64, f64)],
    },
    StateSet {
        states: &'a Arc<[Arc<str>]>,
        on: &'a [bool],
    },
}

/// Who is shown the series of a family.
pub(crate) trait SeriesVisitor {
    /// The labels stand as on a page: `a="x",b="y"`. The visitor may break off behind this series.
    fn series(&mut self, labels: &str, value: SeriesValue<'_>) -> ControlFlow<()>;
}

/// What a family is, as a visitor is shown it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyHead<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: MetricKind,
    /// The labels that every series of the page has, as they stand there.
    pub(crate) constant: &'a str,
    /// The names of the samples that are to be shown; all where none are named.
    pub(crate) only: Option<&'a [String]>,
}

impl FamilyHead<'_> {
    /// Whether a sample called by the family's name and this suffix is to be shown.
    pub(crate) fn shows(&self, suffix: &str) -> bool {
        let named = |name: &String| name.strip_prefix(self.name) == Some(suffix);
        self.only.is_none_or(|only| only.iter().any(named))
    }
}

/// Who is shown a page: families, each with its series behind it.
pub(crate) trait PageVisitor: SeriesVisitor {
    fn family(&mut self, head: FamilyHead<'_>) -> ControlFlow<()>;
}

/// The families of a registry, of which each value is read when it is written: what
/// [`Registry::page`](crate::Registry::page) gives, and [`exposition`](crate::exposition) writes.
pub struct Page {
    walk: Box<dyn Walk>,
}

/// A way through a page.
pub(crate) trait Walk: Send {
    /// Goes on from where it was until the visitor breaks off, or to the end.
    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()>;
}

impl Page {
    pub(crate) fn new(walk: impl Walk + 'static) -> Self {
        Self { walk: Box::new(walk) }
    }

    pub(crate) fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        self.walk.walk(visitor)
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}
