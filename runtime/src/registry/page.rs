//! The way through a page: families in their order, each with its series.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::gather::Shown;
use crate::collector::{Given, Live};
use crate::label::Rendering;
use crate::snapshot::{FamilyHead, MetricFamily, PageVisitor, SeriesSnapshot, SeriesValue, SeriesVisitor, Value, Walk};
use crate::storage::{Order, Position};

/// Walks through families, and remembers where the visitor broke off.
pub(super) struct Families {
    rest: std::vec::IntoIter<Family>,
    /// The family whose head has been shown.
    current: Option<Family>,
}

struct Family {
    series: Ordered,
    /// The names of the samples that are to be shown; all where none are named.
    only: Option<Vec<String>>,
}

enum Ordered {
    Live { family: Arc<dyn Live>, order: Order, position: Position },
    Values { family: MetricFamily, next: usize, labels: String },
}

impl Families {
    pub(super) fn new(families: Vec<Shown>) -> Self {
        Self { rest: families.into_iter().map(Family::of).collect::<Vec<_>>().into_iter(), current: None }
    }
}

impl Walk for Families {
    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        loop {
            if let Some(current) = &mut self.current {
                current.walk(visitor)?;
            }
            self.current = self.rest.next();
            let Some(current) = &self.current else { return ControlFlow::Continue(()) };
            visitor.family(current.head())?;
        }
    }
}

impl Family {
    /// The order of its series is found now, while there is time, and not when the page is written: that may be on a
    /// thread with other work to do.
    fn of(Shown { family, only }: Shown) -> Self {
        let series = match family {
            Given::Live(family) => Ordered::Live { order: family.order(), family, position: Position::default() },
            Given::Values(family) => Ordered::Values { family, next: 0, labels: String::new() },
        };
        Self { series, only }
    }

    fn head(&self) -> FamilyHead<'_> {
        let only = self.only.as_deref();
        match &self.series {
            Ordered::Values { family, .. } => FamilyHead { only, ..family.head() },
            Ordered::Live { family, .. } => {
                let descriptor = family.descriptor();
                FamilyHead { name: descriptor.name(), help: descriptor.help(), kind: descriptor.kind(), only }
            }
        }
    }

    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        match &mut self.series {
            Ordered::Live { family, order, position } => family.visit(order, position, visitor),
            Ordered::Values { family, next, labels } => {
                while let Some(series) = family.series.get(*next) {
                    *next += 1;
                    series.show(labels, visitor)?;
                }
                ControlFlow::Continue(())
            }
        }
    }
}

impl Shown {
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
