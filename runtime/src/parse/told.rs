//! What was read of a page, for whom it is.

use std::collections::VecDeque;

use super::reader::Event;
use crate::snapshot::{MetricFamily, SeriesSnapshot};
use crate::sort::order;

/// Where what was read goes. Beside each thing stands the line where it begins.
#[derive(Debug)]
pub(super) enum Told {
    /// To who reads piece by piece and hasn't asked for it yet.
    Events(VecDeque<(usize, Event)>),
    /// To who wants it all.
    Families(Families),
}

#[derive(Debug, Default)]
pub(super) struct Families {
    all: Vec<MetricFamily>,
    /// Where the series of the last one begin.
    lines: Vec<usize>,
}

impl Told {
    #[inline]
    pub(super) fn family(&mut self, line: usize, family: MetricFamily) {
        match self {
            Self::Events(events) => events.push_back((line, Event::Family(family))),
            Self::Families(families) => {
                families.put_in_order();
                families.all.push(family);
            }
        }
    }

    /// A series of the last family.
    #[inline]
    pub(super) fn series(&mut self, line: usize, series: SeriesSnapshot) {
        match self {
            Self::Events(events) => events.push_back((line, Event::Series(series))),
            Self::Families(Families { all, lines }) => {
                // A family comes before all that is said of it.
                if let Some(family) = all.last_mut() {
                    family.series.push(series);
                    lines.push(line);
                }
            }
        }
    }

    /// The help text of the last family.
    #[inline]
    pub(super) fn help(&mut self, line: usize, help: &str) {
        match self {
            Self::Events(events) => events.push_back((line, Event::Help(help.to_owned()))),
            Self::Families(Families { all, .. }) => {
                if let Some(family) = all.last_mut() {
                    help.clone_into(&mut family.help);
                }
            }
        }
    }

    /// The unit of the last family.
    #[inline]
    pub(super) fn unit(&mut self, line: usize, unit: String) {
        match self {
            Self::Events(events) => events.push_back((line, Event::Unit(unit))),
            Self::Families(Families { all, .. }) => {
                if let Some(family) = all.last_mut() {
                    family.unit = Some(unit).filter(|unit| !unit.is_empty());
                }
            }
        }
    }

    /// What comes next of what was read.
    #[inline]
    pub(super) fn next(&mut self) -> Option<(usize, Event)> {
        match self {
            Self::Events(events) => events.pop_front(),
            Self::Families(_) => None,
        }
    }

    /// All families, and their series in the order in which they stand on the page.
    #[inline]
    pub(super) fn into_families(self) -> Vec<MetricFamily> {
        match self {
            Self::Events(_) => Vec::new(),
            Self::Families(mut families) => {
                families.put_in_order();
                families.all
            }
        }
    }
}

impl Families {
    /// Those series of the last family that had to wait for samples came behind those that hadn't.
    #[inline]
    fn put_in_order(&mut self) {
        let Self { all, lines } = self;
        if let Some(family) = all.last_mut()
            && !lines.is_sorted()
        {
            let order = order(lines.len(), &|a, b| lines[a].cmp(&lines[b]));
            let mut series: Vec<_> = std::mem::take(&mut family.series).into_iter().map(Some).collect();
            family.series = order.into_iter().filter_map(|at| series[at].take()).collect();
        }
        lines.clear();
    }
}
