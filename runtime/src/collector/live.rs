//! Families as a registry is given them: with values, or of ours, whose values are read when they are shown.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::descriptor::{Descriptor, MetricKind};
use crate::error::Error;
use crate::escape::read_labels;
use crate::snapshot::{MetricFamily, SeriesVisitor};
use crate::storage::{Counted, Order, Position};

/// A family that was given.
#[derive(Clone)]
pub(crate) enum Given {
    /// With the values that it had.
    Values(MetricFamily),
    /// Of ours, whose values are read when they are shown.
    Live(Arc<dyn Live>),
}

/// A family of one of our metrics.
pub(crate) trait Live: Send + Sync {
    fn descriptor(&self) -> &Descriptor;

    fn note(&self) -> Note;

    /// The series that are there now, in the order in which they are to be visited.
    fn order(&self) -> Order;

    /// Shows series from a position on, which moves on, until the visitor breaks off: what is counted so.
    fn visit(
        &self,
        counted: Counted,
        order: &Order,
        position: &mut Position,
        visitor: &mut dyn SeriesVisitor,
    ) -> ControlFlow<()>;

    /// Removes the series whose labels, as they stand on a page, are asked for; says how many there were. The one series
    /// of a family without labels stays.
    fn remove(&self, asked: &dyn Fn(&str) -> bool) -> usize;
}

impl Given {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Values(family) => &family.name,
            Self::Live(family) => family.descriptor().name(),
        }
    }

    pub(crate) fn kind(&self) -> MetricKind {
        match self {
            Self::Values(family) => family.kind,
            Self::Live(family) => family.descriptor().kind(),
        }
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())
    }
}

/// What a metric of ours has to say of itself.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) metric: String,
    pub(crate) overflowed: Option<u64>,
    pub(crate) refused: u64,
    pub(crate) exemplars_dropped: u64,
}

/// Refuses labels that a family doesn't have.
pub(crate) fn check_labels(name: &str, known: &[&str], labels: &[(&str, &str)]) -> Result<(), Error> {
    let Some((unknown, _)) = labels.iter().find(|(label, _)| !known.contains(label)) else { return Ok(()) };
    let known = if known.is_empty() { "none".to_owned() } else { format!("`{}`", known.join("`, `")) };
    Err(Error::new(format!("`{name}` has no label `{unknown}`; its labels: {known}")))
}

/// Removes the series of a family that have these labels; says how many there were.
pub(crate) fn remove_by_labels(live: &dyn Live, labels: &[(&str, &str)]) -> Result<usize, Error> {
    let descriptor = live.descriptor();
    let known: Vec<&str> = descriptor.label_names().collect();
    check_labels(descriptor.name(), &known, labels)?;
    Ok(live.remove(&|text| {
        let read = read_labels(text);
        labels.iter().all(|(label, value)| read.iter().any(|(name, text)| name == label && text == value))
    }))
}
