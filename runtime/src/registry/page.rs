//! The way through a page: families in their order, each with its series.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::gather::Shown;
use crate::collector::{Given, Live};
use crate::escape::push_labels;
use crate::label::Rendering;
use crate::snapshot::{FamilyHead, MetricFamily, PageVisitor, SeriesSnapshot, SeriesValue, SeriesVisitor, Value, Walk};
use crate::storage::{Order, Position};

/// Walks through families, and remembers where the visitor broke off.
pub(super) struct Families {
    rest: std::vec::IntoIter<Shown>,
    current: Option<Current>,
}

/// A family whose head has been shown.
enum Current {
    Live { family: Arc<dyn Live>, order: Order, position: Position },
    Values { series: std::vec::IntoIter<SeriesSnapshot>, labels: String },
}

impl Families {
    pub(super) fn new(families: Vec<Shown>) -> Self {
        Self { rest: families.into_iter(), current: None }
    }
}

impl Walk for Families {
    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        loop {
            if let Some(current) = &mut self.current {
                current.walk(visitor)?;
                self.current = None;
            }
            let Some(shown) = self.rest.next() else { return ControlFlow::Continue(()) };
            let flow = visitor.family(shown.head());
            self.current = Some(Current::of(shown.family));
            flow?;
        }
    }
}

impl Shown {
    fn head(&self) -> FamilyHead<'_> {
        let only = self.only.as_deref();
        match &self.family {
            Given::Values(family) => FamilyHead { only, ..family.head() },
            Given::Live(family) => {
                let descriptor = family.descriptor();
                FamilyHead { name: descriptor.name(), help: descriptor.help(), kind: descriptor.kind(), only }
            }
        }
    }

    /// The family with the values that it has now.
    pub(super) fn into_snapshot(self) -> MetricFamily {
        let mut snapshot = match self.family {
            Given::Values(family) => family,
            Given::Live(family) => {
                let descriptor = family.descriptor();
                let mut taken = Taken { names: descriptor.label_names().map(Arc::from).collect(), series: Vec::new() };
                let _ = family.visit(&family.order(), &mut Position::default(), &mut taken);
                taken.series.sort_by(|a, b| a.labels.iter().map(|l| &l.1).cmp(b.labels.iter().map(|l| &l.1)));
                MetricFamily::of(descriptor, taken.series)
            }
        };
        snapshot.only = self.only;
        snapshot
    }
}

impl Current {
    fn of(family: Given) -> Self {
        match family {
            Given::Live(family) => {
                let order = family.order();
                Self::Live { family, order, position: Position::default() }
            }
            Given::Values(family) => Self::Values { series: family.series.into_iter(), labels: String::new() },
        }
    }

    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        match self {
            Self::Live { family, order, position } => family.visit(order, position, visitor),
            Self::Values { series, labels } => {
                for one in series {
                    labels.clear();
                    push_labels(labels, one.labels());
                    visitor.series(labels, one.value.as_seen())?;
                }
                ControlFlow::Continue(())
            }
        }
    }
}

/// Keeps what it is shown.
struct Taken {
    names: Vec<Arc<str>>,
    series: Vec<SeriesSnapshot>,
}

impl SeriesVisitor for Taken {
    fn series(&mut self, labels: &str, value: SeriesValue<'_>) -> ControlFlow<()> {
        let values = Rendering::values(labels).into_iter().map(String::into_boxed_str);
        let labels = self.names.iter().cloned().zip(values).collect();
        let value: Value = value.to_owned();
        self.series.push(SeriesSnapshot { labels, value });
        ControlFlow::Continue(())
    }
}
