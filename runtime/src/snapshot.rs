//! What gathering gives: families, their series, and the values that these had.

#[cfg(test)]
pub(crate) mod arbitrary;
mod exemplar;
mod irregular;
mod native;
mod number;
mod sample;
mod timestamp;
mod value;
mod visit;

use std::ops::ControlFlow;
use std::sync::Arc;

pub use exemplar::Exemplar;
pub(crate) use exemplar::ExemplarLabels;
pub use irregular::{IrregularSample, IrregularValue};
pub use native::NativeBuckets;
pub use number::Number;
pub use timestamp::Timestamp;
pub use value::{HistogramValue, StateSetValue, SummaryValue, Value};
pub use visit::Page;
pub(crate) use visit::{Created, FamilyHead, PageVisitor, Rare, SeriesValue, SeriesView, SeriesVisitor, Walk};

use crate::descriptor::{Descriptor, MetricKind};
use crate::escape::push_labels;
use crate::name::is_plain_label;

/// A label set of a family, and the value that it had.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSnapshot {
    pub(crate) labels: Vec<(Arc<str>, Box<str>)>,
    pub(crate) value: Value,
    pub(crate) created: Option<Timestamp>,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) exemplars: Vec<Exemplar>,
}

impl SeriesSnapshot {
    /// A series of which nothing else is known.
    pub(crate) fn new(labels: Vec<(Arc<str>, Box<str>)>, value: Value) -> Self {
        Self { labels, value, created: None, timestamp: None, exemplars: Vec::new() }
    }

    /// The labels: name and value, first the constant ones.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels().find(|&(label, _)| label == name).map(|(_, value)| value)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// When it began to count, where that is known: of counters, histograms and summaries.
    #[must_use]
    pub fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// The instant of the value, where a page said one. Values of ours are those of the scrape.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The exemplars: of a counter one at most, of a histogram one at most for each bucket, by rising values.
    #[must_use]
    pub fn exemplars(&self) -> &[Exemplar] {
        &self.exemplars
    }

    /// Shows it to a visitor; `labels` is room for what they read.
    pub(crate) fn show<V: SeriesVisitor + ?Sized>(&self, labels: &mut String, visitor: &mut V) -> ControlFlow<()> {
        labels.clear();
        push_labels(labels, self.labels());
        let rare = Rare::new(self.timestamp, &self.exemplars);
        SeriesView::show((labels, self.value.as_seen()), self.created, rare, visitor)
    }
}

/// A metric family and its series.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricFamily {
    pub(crate) name: String,
    pub(crate) help: String,
    pub(crate) kind: MetricKind,
    pub(crate) unit: Option<String>,
    pub(crate) series: Vec<SeriesSnapshot>,
    /// The names of the samples that are to be shown; all where none are named.
    pub(crate) only: Option<Vec<String>>,
}

impl MetricFamily {
    pub(crate) fn of(descriptor: &Descriptor, series: Vec<SeriesSnapshot>) -> Self {
        Self {
            name: descriptor.name().to_owned(),
            help: descriptor.help().to_owned(),
            kind: descriptor.kind(),
            unit: descriptor.unit().map(ToOwned::to_owned),
            series,
            only: None,
        }
    }

    pub(crate) fn head(&self) -> FamilyHead<'_> {
        FamilyHead {
            name: &self.name,
            help: &self.help,
            kind: self.kind,
            unit: self.unit.as_deref(),
            plain: self.series.iter().all(|series| series.labels().all(|(name, _)| is_plain_label(name))),
            constant: "",
            only: self.only.as_deref(),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The help text.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        self.kind
    }

    /// The unit, if one was stated.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The series, by label values.
    #[must_use]
    pub fn series(&self) -> &[SeriesSnapshot] {
        &self.series
    }

    /// Takes in the series of a family of the same name and type that stands elsewhere on a page, as the text format
    /// allows, and its help text and unit where there was none; gives back any other family.
    ///
    /// ```
    /// let page = "jobs{queue=\"mail\"} 3\nload 0.5\njobs{queue=\"print\"} 4\n";
    /// let [mut jobs, load, more] = <[_; 3]>::try_from(tallymark::parse::text(page)?).expect("three families");
    /// assert_eq!(jobs.append(more), None);
    /// assert_eq!(jobs.series().len(), 2);
    /// assert!(jobs.append(load).is_some());
    /// # Ok::<(), tallymark::parse::Error>(())
    /// ```
    #[must_use = "another family is given back"]
    #[inline]
    pub fn append(&mut self, other: Self) -> Option<Self> {
        if (self.name.as_str(), self.kind) != (other.name.as_str(), other.kind) {
            return Some(other);
        }
        self.series.extend(other.series);
        if self.help.is_empty() {
            self.help = other.help;
        }
        self.unit = self.unit.take().or(other.unit);
        None
    }

    /// Says since when its series count, where `created` knows it: it is asked of each, in their order. Only counters,
    /// histograms and summaries count; of a family of another type it isn't asked.
    ///
    /// ```
    /// use tallymark::Timestamp;
    ///
    /// let page = "# TYPE jobs counter\njobs{queue=\"mail\"} 3\njobs{queue=\"print\"} 4\n";
    /// let mut families = tallymark::parse::text(page)?;
    /// let started = Timestamp::from_millis(1_520_430_000_123);
    /// families[0].set_created(|series| (series.label("queue") == Some("mail")).then_some(started));
    /// assert_eq!(families[0].series()[0].created(), Some(started));
    /// assert_eq!(families[0].series()[1].created(), None);
    /// # Ok::<(), tallymark::parse::Error>(())
    /// ```
    #[inline]
    pub fn set_created(&mut self, mut created: impl FnMut(&SeriesSnapshot) -> Option<Timestamp>) {
        if !self.kind.has_created() {
            return;
        }
        for series in &mut self.series {
            if let Some(time) = created(series) {
                series.created = Some(time);
            }
        }
    }

    /// The series with exactly these labels, in any order.
    ///
    /// ```
    /// let registry = tallymark::Registry::new();
    /// let counter = tallymark::Counter::new("jobs_total", "Jobs done.")?;
    /// registry.register(&counter)?;
    /// counter.inc();
    /// let families = registry.gather();
    /// let series = families[0].find(&[]).expect("an unlabelled counter is always there");
    /// assert_eq!(*series.value(), tallymark::Value::Number(1_u64.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn find(&self, labels: &[(&str, &str)]) -> Option<&SeriesSnapshot> {
        self.series.iter().find(|series| {
            // The names of a series' own labels are different, so each of those asked for is found once.
            series.labels.len() == labels.len() && series.labels().all(|label| labels.contains(&label))
        })
    }
}
