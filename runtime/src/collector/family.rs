//! Families as collectors give them.

use std::fmt;
use std::sync::Arc;

use crate::descriptor::{MetricKind, unit_fault};
use crate::error::Error;
use crate::name::{LabelName, same_label, same_label_fault};
use crate::snapshot::{
    Exemplar, ExemplarLabels, HistogramValue, MetricFamily, Number, SeriesSnapshot, StateSetValue, SummaryValue,
    Timestamp, Value,
};
use crate::sort::{order, sort_by};

/// A family that a [`Collector`](crate::Collector) is giving.
///
/// What breaks a rule (a name, a label that repeats, a negative counter) is left out; the registry says so where the
/// collector is registered with [`auto_describe`](crate::registry::RegistryBuilder::auto_describe), and counts it in
/// `tallymark_collector_failures_total` at a scrape.
#[derive(Debug)]
pub struct CollectedFamily<'a> {
    family: Option<&'a mut MetricFamily>,
    faults: &'a mut Vec<Error>,
    /// Whether its labels may have any characters.
    utf8: bool,
    /// Whether the last series that was given is there, if there was one: what is said behind it is said of that.
    given: Option<bool>,
}

impl<'a> CollectedFamily<'a> {
    pub(super) fn new(family: Option<&'a mut MetricFamily>, faults: &'a mut Vec<Error>, utf8: bool) -> Self {
        Self { family, faults, utf8, given: None }
    }

    /// One whose name breaks the rules.
    pub(super) fn refused(faults: &'a mut Vec<Error>) -> Self {
        Self { family: None, faults, utf8: false, given: None }
    }

    /// States the unit, in which the name must end.
    pub fn unit(&mut self, unit: &str) -> &mut Self {
        let Some(family) = self.family.as_deref_mut() else { return self };
        match unit_fault(family.kind, &family.name, unit) {
            None => family.unit = Some(unit.to_owned()),
            Some(fault) => self.faults.push(fault),
        }
        self
    }

    /// Gives the value of a family without labels.
    pub fn value(&mut self, value: impl Into<Number>) -> &mut Self {
        self.number(Vec::new(), value.into())
    }

    /// Gives the value of the series with these labels.
    pub fn series<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        value: impl Into<Number>,
    ) -> &mut Self {
        self.number(owned(labels), value.into())
    }

    fn number(&mut self, labels: Owned, value: Number) -> &mut Self {
        let Some(kind) = self.kind() else { return self };
        if !takes_numbers(kind) {
            return self.refuse_as(kind);
        }
        if kind == MetricKind::Counter && !counts(value) {
            return self.refuse("is a counter, which is never negative and never NaN; make it a gauge");
        }
        self.push(labels, Value::Number(value))
    }

    fn kind(&self) -> Option<MetricKind> {
        self.family.as_ref().map(|family| family.kind)
    }

    /// Refuses a value that isn't one of the family's type.
    fn refuse_as(&mut self, kind: MetricKind) -> &mut Self {
        let method = match kind {
            MetricKind::Histogram | MetricKind::GaugeHistogram => "histogram_series",
            MetricKind::Summary => "summary_series",
            MetricKind::Info => "info_series",
            MetricKind::StateSet => "state_series",
            _ => "series",
        };
        self.refuse(format!("is of the type {kind}; give its series with `{method}`"))
    }

    /// Gives the state of the histogram or gauge histogram with these labels: upper bounds with the observations in each
    /// bucket **alone** (not cumulative; what lies above the last bound goes to `f64::INFINITY`), and the sum of the
    /// observations. Native buckets can't be given.
    pub fn histogram_series<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        buckets: impl IntoIterator<Item = (f64, u64)>,
        sum: f64,
    ) -> &mut Self {
        self.histogram(owned(labels), buckets.into_iter().collect(), sum)
    }

    fn histogram(&mut self, labels: Owned, buckets: Vec<(f64, u64)>, sum: f64) -> &mut Self {
        let Some(kind) = self.kind() else { return self };
        if !matches!(kind, MetricKind::Histogram | MetricKind::GaugeHistogram) {
            return self.refuse_as(kind);
        }
        let (mut bounds, mut counts) = (Vec::new(), Vec::new());
        for (bound, count) in buckets {
            bounds.push(bound);
            counts.push(count);
        }
        if bounds.last() == Some(&f64::INFINITY) {
            bounds.pop();
        } else {
            counts.push(0);
        }
        match crate::buckets::check(&bounds) {
            Ok(()) => self.push(
                labels,
                Value::Histogram(HistogramValue { bounds: bounds.into(), counts, sum: Some(sum), native: None }),
            ),
            Err(fault) => self.refuse(fault),
        }
    }

    /// Gives the state of the summary with these labels: how many observations there were, their sum, and quantiles
    /// with their values, if any: `[(0.5, 0.012), (0.99, 0.3)]`.
    pub fn summary_series<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        count: u64,
        sum: f64,
        quantiles: impl IntoIterator<Item = (f64, f64)>,
    ) -> &mut Self {
        self.summary(owned(labels), count, sum, quantiles.into_iter().collect())
    }

    fn summary(&mut self, labels: Owned, count: u64, sum: f64, quantiles: Vec<(f64, f64)>) -> &mut Self {
        let Some(kind) = self.kind() else { return self };
        if kind != MetricKind::Summary {
            return self.refuse_as(kind);
        }
        let fits = quantiles.iter().all(|(quantile, _)| (0.0..=1.0).contains(quantile));
        if !fits || !quantiles.is_sorted_by(|(a, _), (b, _)| a < b) {
            return self.refuse("has quantiles that aren't between 0 and 1, or don't rise; give each once, sorted");
        }
        self.push(labels, Value::Summary(SummaryValue { count, sum, quantiles }))
    }

    /// Gives what the info with these labels says: names and texts, none of them called as a label.
    pub fn info_series<N: AsRef<str>, T: AsRef<str>, K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        let Some(kind) = self.kind() else { return self };
        if kind != MetricKind::Info {
            return self.refuse_as(kind);
        }
        let mut labels = owned(labels);
        labels.append(&mut owned(pairs));
        self.push(labels, Value::Number(Number::Unsigned(1)))
    }

    /// Gives the states of the state set with these labels, and which of them hold: `[("idle", true), ("busy", false)]`.
    pub fn state_series<N: AsRef<str>, T: AsRef<str>, S: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        states: impl IntoIterator<Item = (S, bool)>,
    ) -> &mut Self {
        self.states(owned(labels), states.into_iter().map(|(state, on)| (Arc::from(state.as_ref()), on)).collect())
    }

    fn states(&mut self, labels: Owned, states: Vec<(Arc<str>, bool)>) -> &mut Self {
        let Some(kind) = self.kind() else { return self };
        if kind != MetricKind::StateSet {
            return self.refuse_as(kind);
        }
        let (mut names, mut on) = (Vec::new(), Vec::new());
        for (name, holds) in states {
            names.push(name);
            on.push(holds);
        }
        let sorted = order(names.len(), &|a, b| names[a].cmp(&names[b]));
        if names.is_empty() || sorted.windows(2).any(|pair| names[pair[0]] == names[pair[1]]) {
            return self.refuse("has no states, or one of them twice; give each state once");
        }
        if names.iter().any(|name| name.is_empty()) {
            return self.refuse("has a state without a text, which Prometheus takes for no label at all; give it one");
        }
        self.push(labels, Value::StateSet(StateSetValue { states: names.into(), on }))
    }

    fn push(&mut self, labels: Owned, value: Value) -> &mut Self {
        let own_label = self.family.as_ref().filter(|family| family.kind == MetricKind::StateSet);
        let own_label = own_label.map(|family| family.name.clone());
        let mut checked: Vec<(Arc<str>, Box<str>)> = Vec::new();
        for (name, text) in labels {
            let name = match LabelName::checked(name.into(), self.utf8) {
                Ok(name) => name,
                Err(fault) => return self.refuse(fault),
            };
            if let Some((taken, _)) = checked.iter().find(|(taken, _)| same_label(taken, name.as_str())) {
                return self.refuse(if **taken == *name.as_str() {
                    format!("has a series on which the label `{name}` stands twice")
                } else {
                    same_label_fault(taken, name.as_str())
                });
            }
            if own_label.as_deref().is_some_and(|own| same_label(own, name.as_str())) {
                return self.refuse("has a label called as itself, in which its states stand; call it something else");
            }
            checked.push((name.as_str().into(), text.into()));
        }
        let Some(family) = self.family.as_deref_mut() else { return self };
        // What an info says may differ.
        if let Some(first) = family.series.first().filter(|_| family.kind != MetricKind::Info) {
            // In the order of the first series, so that the same labels are the same series however they are given.
            let position = |name: &str| first.labels.iter().position(|(known, _)| **known == *name);
            if first.labels.len() != checked.len() || checked.iter().any(|(name, _)| position(name).is_none()) {
                return self.refuse("has series with different label names; give every series the same ones");
            }
            sort_by(&mut checked, |(a, _), (b, _)| position(a).cmp(&position(b)));
        }
        family.series.push(SeriesSnapshot::new(checked, value));
        self.given = Some(true);
        self
    }

    /// Says when the series that was given last began to count: a counter, a histogram or a summary.
    ///
    /// ```
    /// # use tallymark::{Collected, Timestamp};
    /// # fn collect(out: &mut Collected, started: Timestamp) {
    /// out.counter("disk_reads_total", "Blocks read.").series([("disk", "sda")], 4096).created(started);
    /// # }
    /// ```
    pub fn created(&mut self, created: Timestamp) -> &mut Self {
        match self.kind() {
            Some(kind) if !kind.has_created() => {
                self.note(&format_args!("is of the type {kind}, whose series don't begin to count; drop `created`"))
            }
            _ => self.say("created", |series| series.created = Some(created)),
        }
    }

    /// Says of which instant the values of the series that was given last are. Leave it out unless they are older than the
    /// scrape: Prometheus doesn't notice when a series with timestamps has gone, and shows it for five more minutes.
    pub fn timestamp(&mut self, timestamp: Timestamp) -> &mut Self {
        self.say("timestamp", |series| series.timestamp = Some(timestamp))
    }

    /// Gives an exemplar of the series that was given last, a counter or a histogram: labels, the value that was counted,
    /// and when that was. Of two of a counter, or of one bucket, the later is kept.
    pub fn exemplar<N: AsRef<str>, T: AsRef<str>>(
        &mut self,
        labels: impl IntoIterator<Item = (N, T)>,
        value: impl Into<Number>,
        timestamp: Option<Timestamp>,
    ) -> &mut Self {
        match ExemplarLabels::of(labels) {
            Ok(labels) => self.keep_exemplar(labels.with(value.into(), timestamp)),
            Err(fault) => self.note(&fault),
        }
    }

    fn keep_exemplar(&mut self, exemplar: Exemplar) -> &mut Self {
        let counts = |kind| matches!(kind, MetricKind::Counter | MetricKind::Histogram | MetricKind::GaugeHistogram);
        if let Some(kind) = self.kind().filter(|kind| !counts(*kind)) {
            return self.note(&format_args!("is of the type {kind}, whose series have no exemplars; drop `exemplar`"));
        }
        let value = exemplar.value.as_f64();
        if value.is_nan() {
            return self.note(&"has an exemplar that is NaN, which nothing counts; give the value that was counted");
        }
        self.say("exemplar", |series| {
            let bounds = match &series.value {
                Value::Histogram(histogram) => &*histogram.bounds,
                _ => &[],
            };
            let bucket = |value: f64| bounds.iter().position(|bound| value <= *bound);
            series.exemplars.retain(|old| bucket(old.value.as_f64()) != bucket(value));
            let at = series.exemplars.iter().position(|old| value < old.value.as_f64());
            series.exemplars.insert(at.unwrap_or(series.exemplars.len()), exemplar);
        })
    }

    /// Of the series that was given last. Where that was refused, this has been said.
    fn say(&mut self, what: &str, say: impl FnOnce(&mut SeriesSnapshot)) -> &mut Self {
        let last = self.family.as_deref_mut().and_then(|family| family.series.last_mut());
        match (self.given, last) {
            (Some(true), Some(series)) => say(series),
            (None, _) => {
                return self.note(&format_args!("has no series yet of which `{what}` is said; give one first"));
            }
            _ => {}
        }
        self
    }

    fn refuse(&mut self, fault: impl fmt::Display) -> &mut Self {
        self.given = Some(false);
        self.note(&fault)
    }

    fn note(&mut self, fault: &dyn fmt::Display) -> &mut Self {
        if let Some(family) = &self.family {
            self.faults.push(Error::new(format!("the collected family `{}`: {fault}", family.name)));
        }
        self
    }
}

/// Labels of whatever types they were: what follows is compiled once for all of them.
type Owned = Vec<(String, String)>;

fn owned<N: AsRef<str>, T: AsRef<str>>(labels: impl IntoIterator<Item = (N, T)>) -> Owned {
    let mut owned = Vec::new();
    for (name, text) in labels {
        owned.push((name.as_ref().to_owned(), text.as_ref().to_owned()));
    }
    owned
}

fn takes_numbers(kind: MetricKind) -> bool {
    matches!(kind, MetricKind::Counter | MetricKind::Gauge | MetricKind::Unknown)
}

fn counts(value: Number) -> bool {
    match value {
        Number::Unsigned(_) => true,
        Number::Signed(value) => value >= 0,
        Number::Float(value) => value >= 0.0,
    }
}
