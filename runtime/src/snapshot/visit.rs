//! How a page is read: a visitor is shown families and series, one behind the other.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

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
    /// How long the values in its labels are, each in bytes or [`NO_LENGTH`](crate::escape::NO_LENGTH); none where that isn't
    /// known. If it is, the labels have the names of all series since [`SeriesVisitor::begin`].
    pub(crate) lengths: &'a [u8],
    pub(crate) value: SeriesValue<'a>,
    pub(crate) created: Created,
    /// What few series have.
    pub(crate) rare: Option<&'a Rare<'a>>,
}

/// What few series have, out of the way of those that don't.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rare<'a> {
    /// Where it isn't in nanoseconds.
    created: Option<Timestamp>,
    pub(crate) timestamp: Option<Timestamp>,
    /// By rising values.
    pub(crate) exemplars: &'a [Exemplar],
}

impl<'a> Rare<'a> {
    pub(crate) fn new(timestamp: Option<Timestamp>, exemplars: &'a [Exemplar]) -> Self {
        Self { created: None, timestamp, exemplars }
    }
}

impl<'a> SeriesView<'a> {
    /// Shows a series with all that is known of it.
    pub(crate) fn show<V: SeriesVisitor + ?Sized>(
        (labels, value): (&'a str, SeriesValue<'a>),
        created: Option<Timestamp>,
        rare: Rare<'a>,
        visitor: &mut V,
    ) -> ControlFlow<()> {
        let nanos = created.and_then(Created::of);
        let rare = Rare { created: created.filter(|_| nanos.is_none()), ..rare };
        let says = rare.created.is_some() || rare.timestamp.is_some() || !rare.exemplars.is_empty();
        let rare = Some(&rare).filter(|_| says);
        visitor.series(&SeriesView { labels, lengths: &[], value, created: nanos.unwrap_or(Created::UNKNOWN), rare })
    }

    /// A series of which nothing else is known.
    pub(crate) fn new(labels: &'a str, value: SeriesValue<'a>) -> Self {
        Self { labels, lengths: &[], value, created: Created::UNKNOWN, rare: None }
    }

    /// When it began to count.
    pub(crate) fn created_at(&self) -> Option<Timestamp> {
        match self.created.parts() {
            Some((seconds, nanos)) => Timestamp::new(i64::try_from(seconds).unwrap_or(i64::MAX), nanos),
            None => self.rare.and_then(|rare| rare.created),
        }
    }

    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        self.rare.and_then(|rare| rare.timestamp)
    }

    /// By rising values.
    pub(crate) fn exemplars(&self) -> &'a [Exemplar] {
        self.rare.map_or(&[], |rare| rare.exemplars)
    }
}

/// When a series began to count, in nanoseconds since the Unix epoch; 0 where that isn't known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Created(u64);

impl Created {
    pub(crate) const UNKNOWN: Self = Self(0);

    /// So many nanoseconds after the Unix epoch, or unknown where there are none.
    #[inline]
    pub(crate) fn since_epoch(nanos: u64) -> Self {
        Self(nanos)
    }

    /// None where it isn't known, or was not after the epoch or in this half of a millennium.
    fn of(timestamp: Timestamp) -> Option<Self> {
        let seconds = u64::try_from(timestamp.seconds()).ok()?;
        let nanos = seconds.checked_mul(NANOS)?.checked_add(timestamp.nanos().into())?;
        (nanos > 0).then_some(Self(nanos))
    }

    /// Seconds and nanoseconds.
    #[inline]
    pub(crate) fn parts(self) -> Option<(u64, u32)> {
        // A remainder of a billion is below a billion.
        let nanos = u32::try_from(self.0 % NANOS).unwrap_or_default();
        if self.0 == 0 { None } else { Some((self.0 / NANOS, nanos)) }
    }
}

const NANOS: u64 = 1_000_000_000;

/// Who is shown the series of a family.
pub(crate) trait SeriesVisitor {
    /// Whether it is to be told when series began to count.
    fn wants_created(&self) -> bool {
        true
    }

    /// Behind this come series that all have the same names of labels, as far as lengths are known of them.
    fn begin(&mut self) {}

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
