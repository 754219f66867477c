//! Metrics by their names, where a program knows no more: in tests, and behind an administrator's commands.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::member::Member;
use super::{Registry, gather};
use crate::collector::{Collected, Given, Live, check_labels, remove_by_labels};
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::snapshot::{MetricFamily, Number, SeriesSnapshot, Value};
use crate::storage::Counted;

impl Registry {
    /// The value of a sample, for tests: its name, and exactly its labels in any order. None where there is no such
    /// sample. Integers above 2^53 lose their last digits; [`get`](Self::get) gives all of them.
    ///
    /// ```
    /// use tallymark::{Histogram, Registry};
    ///
    /// let registry = Registry::new();
    /// let latency = Histogram::new("latency_seconds", "How long it took.")?;
    /// registry.register(&latency)?;
    /// latency.observe(0.2);
    /// assert_eq!(registry.value("latency_seconds_count", []), Some(1.0));
    /// assert_eq!(registry.value("latency_seconds_bucket", [("le", "0.25")]), Some(1.0));
    /// assert_eq!(registry.value("latency_seconds_count", [("no", "such")]), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn value<'a>(&self, name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<f64> {
        self.sample(name, &labels.into_iter().collect::<Vec<_>>()).map(Number::as_f64)
    }

    #[inline]
    pub(crate) fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<Number> {
        let sample = |family: &MetricFamily| family.sample(name, labels);
        self.asked(name, |_| true).iter().find_map(sample)
    }

    /// What this thread alone has counted of a sample; none where it is one number for all threads.
    #[inline]
    pub(crate) fn own_sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<Number> {
        let mut shown = self.restricted([name]).shown();
        shown.retain(|shown| matches!(shown.family, Given::Live(_)));
        let families = self.inner.snapshots(shown, Counted::ByThisThread);
        families.iter().find_map(|family| family.sample(name, labels))
    }

    /// What the families on a page are, as far as collectors have described them, with the labels that all series have.
    #[inline]
    pub(crate) fn descriptors(&self) -> Vec<Descriptor> {
        let members = self.members();
        let families = members.iter().flat_map(Member::families).filter(|(_, stays)| *stays);
        families.map(|(family, _)| self.inner.const_labels.described(family.to_descriptor())).collect()
    }

    /// The value of the series with exactly these labels, in any order; none where there is no such series.
    ///
    /// # Errors
    /// Where there is no metric of that name, or it has no such label.
    pub fn get<'a>(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Option<Value>, Error> {
        let labels: Vec<(&str, &str)> = labels.into_iter().collect();
        let called = |family: &MetricFamily| family.name() == name;
        let Some(family) = self.asked(name, called).into_iter().find(called) else { return Err(unknown(name)) };
        if let Some(found) = family.find(&labels) {
            return Ok(Some(found.value().clone()));
        }
        // What an info says may be called otherwise in each series.
        let mut known: Vec<&str> = Vec::new();
        for (label, _) in family.series().iter().flat_map(SeriesSnapshot::labels) {
            if !known.contains(&label) {
                known.push(label);
            }
        }
        // Without a series nobody knows its labels; with one it may have none.
        if !family.series().is_empty() {
            check_labels(name, &known, &labels)?;
        }
        Ok(None)
    }

    /// The families that take a name, if one of them is this; else all of them, since what no collector described is
    /// found only by asking all.
    fn asked(&self, name: &str, is_this: impl FnMut(&MetricFamily) -> bool) -> Vec<MetricFamily> {
        let described = self.restricted([name]).gather();
        if described.iter().any(is_this) { described } else { self.gather() }
    }

    /// Removes the series with exactly these labels, in any order; says whether there was one. The one series of a metric
    /// without labels stays. Labels that are the same in every series need not be given.
    ///
    /// # Errors
    /// Where no metric of this crate has that name, or its labels are others.
    pub fn remove<'a>(&self, name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<bool, Error> {
        let labels: Vec<(&str, &str)> = labels.into_iter().collect();
        let live = self.live(name)?;
        let Some(labels) = self.inner.const_labels.without(name, &labels) else { return Ok(false) };
        let known = variable(&*live);
        if let Some(missing) = known.iter().find(|known| labels.iter().all(|(label, _)| label != *known)) {
            return Err(Error::new(format!(
                "`{name}` has a label `{missing}`, which is not given; give it too, or use `remove_by_labels`"
            )));
        }
        remove_by_labels(&*live, &labels).map(|removed| removed > 0)
    }

    /// Removes every series with these labels, whatever their others are; says how many there were.
    ///
    /// # Errors
    /// Where no metric of this crate has that name, or it has no such label.
    pub fn remove_by_labels<'a>(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<usize, Error> {
        let labels: Vec<(&str, &str)> = labels.into_iter().collect();
        let live = self.live(name)?;
        let Some(labels) = self.inner.const_labels.without(name, &labels) else { return Ok(0) };
        remove_by_labels(&*live, &labels)
    }

    /// Removes every series of a metric. The one series of a metric without labels stays.
    ///
    /// # Errors
    /// Where no metric of this crate has that name.
    pub fn clear(&self, name: &str) -> Result<(), Error> {
        self.live(name)?.remove(&|_| true);
        Ok(())
    }

    /// A metric of this crate.
    fn live(&self, name: &str) -> Result<Arc<dyn Live>, Error> {
        let members = self.members();
        let called = |family: &Given| family.name() == name;
        for member in members.iter() {
            if !member.families().any(|(family, _)| *name == *family.name().text()) {
                continue;
            }
            let mut out = Collected::default();
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| member.collector.collect(&mut out))) {
                gather::drop_harmlessly(payload);
                continue;
            }
            match out.into_parts().0.into_iter().find(called) {
                Some(Given::Live(live)) => return Ok(live),
                Some(Given::Values(_)) => {
                    return Err(Error::new(format!(
                        "the series of `{name}` are what a collector gives at each scrape; they can't be removed here"
                    )));
                }
                None => {}
            }
        }
        Err(unknown(name))
    }
}

fn unknown(name: &str) -> Error {
    Error::new(format!("there is no metric `{name}` in this registry; register it, or correct the name"))
}

/// The names of a family's labels, without the constant ones.
fn variable(live: &dyn Live) -> Vec<String> {
    let mut names = Vec::new();
    for name in live.descriptor().variable_names() {
        names.push(name.to_owned());
    }
    names
}
