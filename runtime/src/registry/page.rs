//! The way through a page: families in their order, each with its series.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::constant::ConstLabels;
use super::gather::{Shown, by_label_values};
use crate::collector::{Given, Live};
use crate::descriptor::MetricKind;
use crate::escape::read_labels;
use crate::name::is_plain_label;
use crate::snapshot::{FamilyHead, MetricFamily, PageVisitor, SeriesSnapshot, SeriesView, SeriesVisitor, Walk};
use crate::sort::sort_by;
use crate::storage::{Counted, Order, Position};

/// Walks through families, and remembers where the visitor broke off.
pub(super) struct Families {
    rest: std::vec::IntoIter<Family>,
    /// The family whose head has been shown.
    current: Option<Family>,
}

struct Family {
    series: Ordered,
    /// The labels that every series of the registry has, as they stand on a page.
    constant: Arc<str>,
    /// Whether their names are such that every reader takes them.
    plain_constants: bool,
    /// The names of the samples that are to be shown; all where none are named.
    only: Option<Vec<String>>,
}

enum Ordered {
    Live { family: Arc<dyn Live>, order: Order, position: Position },
    Values { family: MetricFamily, next: usize, labels: String },
}

impl Families {
    pub(super) fn new(families: Vec<Shown>, const_labels: &ConstLabels) -> Self {
        let mut rest = Vec::with_capacity(families.len());
        for family in families {
            rest.push(Family::of(family, const_labels));
        }
        Self { rest: rest.into_iter(), current: None }
    }
}

impl Walk for Families {
    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        loop {
            if let Some(current) = &mut self.current {
                current.walk(visitor)?;
                if visitor.again() {
                    current.rewind();
                    visitor.family(current.head())?;
                    continue;
                }
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
    fn of(Shown { family, only }: Shown, const_labels: &ConstLabels) -> Self {
        let of_values = |family| Ordered::Values { family, next: 0, labels: String::new() };
        // What an info says may be called as one of the labels, and takes its place.
        if family.kind() == MetricKind::Info && !const_labels.is_empty() {
            let mut family = Shown { family, only: None }.into_snapshot(Counted::ByAll);
            const_labels.add_to(&mut family);
            return Self { series: of_values(family), constant: "".into(), plain_constants: true, only };
        }
        let constant = const_labels.text(family.name()).into();
        let series = match family {
            Given::Live(family) => Ordered::Live { order: family.order(), family, position: Position::default() },
            Given::Values(family) => of_values(family),
        };
        let plain_constants = const_labels.are_plain();
        Self { series, constant, plain_constants, only }
    }

    fn head(&self) -> FamilyHead<'_> {
        let (constant, only) = (&*self.constant, self.only.as_deref());
        match &self.series {
            Ordered::Values { family, .. } => {
                let head = family.head();
                FamilyHead { constant, only, plain: head.plain && self.plain_constants, ..head }
            }
            Ordered::Live { family, .. } => {
                let descriptor = family.descriptor();
                // What an info says stands among its labels.
                let plain = descriptor.kind() != MetricKind::Info && descriptor.label_names().all(is_plain_label);
                FamilyHead {
                    plain: plain && self.plain_constants,
                    name: descriptor.name(),
                    help: descriptor.help(),
                    kind: descriptor.kind(),
                    unit: descriptor.unit(),
                    constant,
                    only,
                }
            }
        }
    }

    fn rewind(&mut self) {
        match &mut self.series {
            Ordered::Live { position, .. } => *position = Position::default(),
            Ordered::Values { next, .. } => *next = 0,
        }
    }

    fn walk(&mut self, visitor: &mut dyn PageVisitor) -> ControlFlow<()> {
        match &mut self.series {
            Ordered::Live { family, order, position } => family.visit(Counted::ByAll, order, position, visitor),
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
    pub(super) fn into_snapshot(self, counted: Counted) -> MetricFamily {
        let mut snapshot = match self.family {
            Given::Values(family) => family,
            Given::Live(family) => {
                let descriptor = family.descriptor();
                let mut names = Vec::new();
                for name in descriptor.label_names() {
                    names.push(Arc::from(name));
                }
                let mut taken = Taken { names, says_more: descriptor.kind() == MetricKind::Info, series: Vec::new() };
                let _ = family.visit(counted, &family.order(), &mut Position::default(), &mut taken);
                sort_by(&mut taken.series, by_label_values);
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
    /// Whether series have labels besides, as those of an info.
    says_more: bool,
    series: Vec<SeriesSnapshot>,
}

impl SeriesVisitor for Taken {
    fn series(&mut self, series: &SeriesView<'_>) -> ControlFlow<()> {
        let mut read = Vec::new();
        for (at, (name, value)) in read_labels(series.labels).into_iter().enumerate() {
            let known = self.names.get(at).filter(|_| !self.says_more);
            read.push((known.map_or_else(|| Arc::from(name), Arc::clone), value.into()));
        }
        self.series.push(SeriesSnapshot {
            labels: read,
            value: series.value.to_owned(),
            created: series.created_at(),
            timestamp: series.timestamp(),
            exemplars: series.exemplars().to_vec(),
        });
        ControlFlow::Continue(())
    }
}
