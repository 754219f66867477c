//! How a page is read: a visitor is shown families and series, one behind the other.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::{Exemplar, IrregularValue, NativeBuckets, Number, Timestamp};
use crate::descriptor::MetricKind;

/// What a visitor is shown of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SeriesValue<'a> {
    Number(Number),
    /// The counts are not cumulative, and the last is +Inf's.
    Histogram {
        bounds: &'a Arc<[f64]>,
        counts: &'a [u64],
        sum: Option<f64>,
        native: Option<&'a NativeBuckets>,
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
    Irregular(&'a IrregularValue),
}

/// A series, as a visitor is shown it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesView<'a> {
    /// As they stand on a page: `a="x",b="y"`.
    pub(crate) labels: &'a str,
    pub(crate) value: SeriesValue<'a>,
    pub(crate) created: Created,
    /// What few series have.
    pub(crate) rare: Option<&'a Rare<'a>>,
}

/// What few series have, out of the way of those that don't.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rare<'a> {
    pub(crate) timestamp: Option<Timestamp>,
    /// By rising values.
    pub(crate) exemplars: &'a [Exemplar],
}

impl<'a> SeriesView<'a> {
    /// A series of which nothing else is known.
    pub(crate) fn new(labels: &'a str, value: SeriesValue<'a>) -> Self {
        Self { labels, value, created: Created::of(None), rare: None }
    }

    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        self.rare.and_then(|rare| rare.timestamp)
    }

    /// By rising values.
    pub(crate) fn exemplars(&self) -> &'a [Exemplar] {
        self.rare.map_or(&[], |rare| rare.exemplars)
    }
}

/// When a series began to count, which most visitors don't ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Created(Since);

#[derive(Clone, Copy, Debug)]
enum Since {
    /// In nanoseconds; 0 where it isn't known.
    Epoch(u64),
    Timestamp(Timestamp),
}

impl Created {
    pub(crate) fn of(timestamp: Option<Timestamp>) -> Self {
        Self(timestamp.map_or(Since::Epoch(0), Since::Timestamp))
    }

    /// So many nanoseconds after the Unix epoch, or unknown where there are none. It is left as it is until it is asked
    /// for.
    #[inline]
    pub(crate) fn since_epoch(nanos: u64) -> Self {
        Self(Since::Epoch(nanos))
    }

    pub(crate) fn at(self) -> Option<Timestamp> {
        match self.0 {
            Since::Epoch(0) => None,
            Since::Epoch(nanos) => Some((UNIX_EPOCH + Duration::from_nanos(nanos)).into()),
            Since::Timestamp(timestamp) => Some(timestamp),
        }
    }
}

/// Who is shown the series of a family.
pub(crate) trait SeriesVisitor {
    /// The visitor may break off behind this series.
    fn series(&mut self, series: &SeriesView<'_>) -> ControlFlow<()>;
}

/// What a family is, as a visitor is shown it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyHead<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: MetricKind,
    pub(crate) unit: Option<&'a str>,
    /// Whether all names of its labels are such that every reader takes them.
    pub(crate) plain: bool,
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

    /// Whether the sample is to be shown that says when a series began.
    pub(crate) fn shows_created(&self) -> bool {
        let base = self.kind.base(self.name);
        let named = |name: &String| name.strip_prefix(base) == Some("_created");
        self.only.is_none_or(|only| only.iter().any(named))
    }
}

/// Who is shown a page: families, each with its series behind it.
pub(crate) trait PageVisitor: SeriesVisitor {
    fn family(&mut self, head: FamilyHead<'_>) -> ControlFlow<()>;

    /// Whether it wants to be shown the family that has just ended once more. A format that makes several families of one
    /// writes one each time, and so needn't keep any.
    fn again(&mut self) -> bool {
        false
    }
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
