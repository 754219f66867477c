//! Pages of messages: protobuf.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;

use super::buffer::{Buffer, Place, Short, WINDOW};
use super::escaping::{family_name, label_name};
use super::format::Format;
use super::histograms::{count_of, is_histogram, put_histogram, put_irregular_histogram, sum_of, whole};
use super::pairs::{Names, put_exemplar, put_labels, put_pair};
use super::pieces::Encoder;
use super::wire::{self, Message, Second, length, put_double, put_integer, put_text, put_timestamp};
use crate::descriptor::MetricKind;
use crate::snapshot::{
    Exemplar, FamilyHead, IrregularSample, IrregularValue, Number, PageVisitor, SeriesValue, SeriesView, SeriesVisitor,
    Timestamp,
};

/// Writes what it is shown.
#[derive(Debug)]
pub(super) struct Messages {
    format: Format,
    out: Buffer,
    /// From how many bytes on it breaks off, where a message has ended.
    full: usize,
    /// From how many bytes on a message ends, so that the family goes on in another.
    longest: usize,
    kind: MetricKind,
    /// The field in which its numbers stand.
    number_field: u8,
    /// Whether its series say when they began to count.
    created: bool,
    /// Whether all names of labels of this family are written as they are rendered.
    plain: bool,
    /// What every message of this family begins with.
    head: Vec<u8>,
    /// Whether nothing of this family has been written.
    is_new: bool,
    /// The message that has begun.
    message: Option<Message>,
    /// The labels that all series have.
    constant: Short,
    /// Of a state set, the name of the label of each state.
    state: String,
    /// What the labels of its series are called.
    names: Names,
    /// The second in which the last counter began.
    second: Second,
    /// How much longer than the text of its labels the last `Metric` was, and how long what stands in it.
    beside: usize,
    value: usize,
}

/// From how many bytes on a family goes on in another message. Many programs that read messages keep the last one alone
/// of those of the same name, so few families should need two; but each is in memory until its length is known.
const LONGEST: usize = 448 * 1024;

/// What a `Metric` with a number has besides what its length counts: its tag and length.
const SPARE: usize = 3;

/// The room for the length of a message that is at most about as long as that.
const ROOM: usize = 3;

/// The fields of a `MetricFamily`.
const NAME: u8 = 1;
const HELP: u8 = 2;
const TYPE: u8 = 3;
const METRIC: u8 = 4;
const UNIT: u8 = 5;

/// The fields of a `Metric`.
const LABEL: u8 = 1;
const GAUGE: u8 = 2;
const COUNTER: u8 = 3;
const SUMMARY: u8 = 4;
const UNTYPED: u8 = 5;
const TIMESTAMP: u8 = 6;
const HISTOGRAM: u8 = 7;

/// The field `value` of a `Gauge`, a `Counter` and an `Untyped`, and the others of a `Counter`.
const VALUE: u8 = 1;
const COUNTER_EXEMPLAR: u8 = 2;
const COUNTER_CREATED: u8 = 3;

impl Messages {
    pub(super) fn new(format: Format, full: usize) -> Self {
        Self {
            format,
            out: Buffer::of_pieces(full),
            full,
            longest: if full == usize::MAX { usize::MAX } else { LONGEST },
            kind: MetricKind::Unknown,
            number_field: UNTYPED,
            created: false,
            plain: true,
            head: Vec::new(),
            is_new: false,
            message: None,
            constant: Short::empty(),
            state: String::new(),
            names: Names::default(),
            second: Second::new(COUNTER_CREATED, 0),
            beside: 0,
            value: 0,
        }
    }

    /// The message of the family, which begins if none has.
    #[inline]
    fn begin(&mut self) {
        if self.message.is_none() {
            self.begin_message();
        }
    }

    #[cold]
    fn begin_message(&mut self) {
        self.message = Some(wire::begin(&mut self.out, ROOM));
        self.out.reserve(self.head.len());
        self.out.put(&self.head);
        self.is_new = false;
    }

    fn end_message(&mut self) {
        if let Some(message) = self.message.take() {
            wire::close(&mut self.out, message);
        }
    }

    /// Ends a family. One without series is a message too: it says what is counted.
    fn end_family(&mut self) {
        if self.is_new {
            self.begin_message();
        }
        self.end_message();
    }

    /// Begins a `Metric` with these labels.
    fn begin_metric(&mut self, labels: &str, lengths: &[u8]) -> Message {
        self.begin();
        let metric = wire::open(&mut self.out, length(METRIC), labels.len() + self.beside);
        self.out.reserve(self.constant.len());
        self.out.put_short(&self.constant);
        if self.plain {
            self.names.put_and_learn(&mut self.out, length(LABEL), labels, lengths);
        } else {
            put_labels(&mut self.out, length(LABEL), labels, self.format.escaping());
        }
        metric
    }

    fn end_metric(&mut self, metric: Message, series: &SeriesView<'_>) {
        if let Some(timestamp) = series.timestamp() {
            put_integer(&mut self.out, TIMESTAMP, timestamp.as_millis().cast_unsigned());
        }
        let long = wire::close(&mut self.out, metric);
        self.beside = long.saturating_sub(series.labels.len());
    }

    #[inline]
    fn number(&mut self, series: &SeriesView<'_>, number: Number) {
        self.begin();
        if !self.put_plain(series, number.as_f64()) {
            self.put_number(series, number.as_f64());
        }
    }

    /// Writes a `Metric` whose length is known beforehand, as most are; says whether it is such.
    #[inline]
    fn put_plain(&mut self, series: &SeriesView<'_>, number: f64) -> bool {
        let created = if self.created { series.created.parts() } else { None };
        let mut value = 9;
        if let Some((seconds, nanos)) = created {
            if !self.second.is(seconds) {
                self.second = Second::new(COUNTER_CREATED, seconds);
            }
            value += self.second.len(nanos);
        }
        let long = self.constant.len() + self.names.length(series.labels.len()) + 2 + value;
        if SPARE + long >= WINDOW || !self.plain || series.rare.is_some() {
            return false;
        }
        let field = self.number_field;
        let Some(mut room) = self.out.window() else { return false };
        let bytes = long.to_le_bytes();
        if long < 0x80 {
            room.put_few(&[length(METRIC), bytes[0]]);
        } else {
            room.put_few(&[length(METRIC), bytes[0] | 0x80, 1]);
        }
        if (self.constant.len() > 0 && !room.put_short(&self.constant))
            || !self.names.put(&mut room, series.labels, series.lengths)
        {
            return false;
        }
        room.put_few(&[length(field), value.to_le_bytes()[0], wire::double(VALUE)]);
        room.put_few(&number.to_le_bytes());
        if let Some((_, nanos)) = created {
            self.second.put(&mut room, nanos);
        }
        let written = room.len();
        self.out.add(written);
        true
    }

    #[inline(never)]
    fn put_number(&mut self, series: &SeriesView<'_>, number: f64) {
        let metric = self.begin_metric(series.labels, series.lengths);
        if self.number_field == COUNTER {
            self.counter(number, series.exemplars().first(), self.created_of(series));
        } else {
            self.put_value(self.number_field, number);
        }
        self.end_metric(metric, series);
    }

    /// A message with nothing but a value.
    fn put_value(&mut self, field: u8, number: f64) {
        self.out.reserve(16);
        self.out.put_few(&[length(field), 9, wire::double(VALUE)]);
        self.out.put_few(&number.to_le_bytes());
    }

    fn counter(&mut self, number: f64, exemplar: Option<&Exemplar>, created: Option<Timestamp>) {
        let counter = wire::open(&mut self.out, length(COUNTER), self.value);
        put_double(&mut self.out, VALUE, number);
        if let Some(exemplar) = exemplar {
            put_exemplar(&mut self.out, length(COUNTER_EXEMPLAR), exemplar, self.format.escaping());
        }
        if let Some(created) = created {
            put_timestamp(&mut self.out, COUNTER_CREATED, created);
        }
        self.value = wire::close(&mut self.out, counter);
    }

    fn created_of(&self, series: &SeriesView<'_>) -> Option<Timestamp> {
        if self.created { series.created_at() } else { None }
    }

    #[inline(never)]
    fn summary(&mut self, series: &SeriesView<'_>, count: u64, sum: f64, quantiles: &[(f64, f64)]) {
        let metric = self.begin_metric(series.labels, series.lengths);
        let summary = wire::open(&mut self.out, length(SUMMARY), self.value);
        put_integer(&mut self.out, 1, count);
        put_double(&mut self.out, 2, sum);
        for &(quantile, value) in quantiles {
            let message = wire::open(&mut self.out, length(3), 0);
            put_double(&mut self.out, 1, quantile);
            put_double(&mut self.out, 2, value);
            wire::close(&mut self.out, message);
        }
        if let Some(created) = self.created_of(series) {
            put_timestamp(&mut self.out, 4, created);
        }
        self.value = wire::close(&mut self.out, summary);
        self.end_metric(metric, series);
    }

    #[inline(never)]
    fn histogram(&mut self, series: &SeriesView<'_>) {
        let metric = self.begin_metric(series.labels, series.lengths);
        let histogram = wire::open(&mut self.out, length(HISTOGRAM), self.value);
        let created = self.created_of(series);
        put_histogram(&mut self.out, series, created, self.format.escaping());
        self.value = wire::close(&mut self.out, histogram);
        self.end_metric(metric, series);
    }

    #[inline(never)]
    fn state_set(&mut self, series: &SeriesView<'_>, states: &[Arc<str>], on: &[bool]) {
        let name = std::mem::take(&mut self.state);
        for (state, on) in states.iter().zip(on) {
            let metric = self.begin_metric(series.labels, series.lengths);
            put_pair(&mut self.out, length(LABEL), &name, state);
            self.put_value(GAUGE, if *on { 1.0 } else { 0.0 });
            self.end_metric(metric, series);
        }
        self.state = name;
    }

    /// What another program's page said; left out where a message would have to say something else.
    #[inline(never)]
    fn irregular(&mut self, series: &SeriesView<'_>, value: &IrregularValue) {
        let created = self.created_of(series);
        if self.kind != MetricKind::Summary && is_histogram(value) {
            let metric = self.begin_metric(series.labels, series.lengths);
            let histogram = wire::open(&mut self.out, length(HISTOGRAM), self.value);
            put_irregular_histogram(&mut self.out, value, created, self.format.escaping());
            self.value = wire::close(&mut self.out, histogram);
            self.end_metric(metric, series);
        } else if self.kind == MetricKind::Summary
            && let Some(count) = count_of(value.samples()).and_then(whole)
        {
            let quantiles = quantiles_of(value.samples());
            self.summary(series, count, sum_of(value.samples()).unwrap_or(f64::NAN), &quantiles);
        }
    }

    /// Breaks off where a message has ended that is long enough.
    #[inline]
    fn flow(&mut self) -> ControlFlow<()> {
        if self.message.is_some_and(|message| message.len(&self.out) >= self.longest) {
            self.end_message();
        }
        if self.message.is_none() && self.out.len() >= self.full {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn quantiles_of(samples: &[IrregularSample]) -> Vec<(f64, f64)> {
    let mut quantiles = Vec::new();
    for sample in samples {
        if let Some(quantile) = sample.own_label().and_then(|quantile| quantile.parse().ok())
            && sample.suffix().is_empty()
        {
            quantiles.push((quantile, sample.value().as_f64()));
        }
    }
    quantiles
}

/// The number of a type in `MetricType`, which has fewer of them: an info and a state set are gauges.
const fn type_number(kind: MetricKind) -> u64 {
    match kind {
        MetricKind::Counter => 0,
        MetricKind::Gauge | MetricKind::Info | MetricKind::StateSet => 1,
        MetricKind::Summary => 2,
        MetricKind::Unknown => 3,
        MetricKind::Histogram => 4,
        MetricKind::GaugeHistogram => 5,
    }
}

/// The field of a `Metric` in which a number stands.
const fn field_of_number(kind: MetricKind) -> u8 {
    match kind {
        MetricKind::Counter => COUNTER,
        MetricKind::Gauge | MetricKind::Info | MetricKind::StateSet => GAUGE,
        MetricKind::Unknown | MetricKind::Summary | MetricKind::Histogram | MetricKind::GaugeHistogram => UNTYPED,
    }
}

/// The unit of a family, where its name ends in that: Prometheus 3 refuses a page with another.
fn said_unit<'a>(name: &str, kind: MetricKind, unit: Option<&'a str>) -> Option<&'a str> {
    unit.filter(|unit| kind.base(name).strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')))
}

impl PageVisitor for Messages {
    fn family(&mut self, family: FamilyHead<'_>) -> ControlFlow<()> {
        self.end_family();
        let escaping = self.format.escaping();
        let name = family_name(family.name, family.kind, escaping);
        let mut head = Buffer::default();
        put_text(&mut head, NAME, &name);
        if !family.help.is_empty() {
            put_text(&mut head, HELP, family.help);
        }
        put_integer(&mut head, TYPE, type_number(family.kind));
        if let Some(unit) = said_unit(&name, family.kind, family.unit) {
            put_text(&mut head, UNIT, unit);
        }
        self.head = head.take();
        let mut constant = Buffer::default();
        put_labels(&mut constant, length(LABEL), family.constant, escaping);
        self.constant = Short::new(&constant.take());
        if family.kind == MetricKind::StateSet {
            self.state = label_name(family.name, escaping).into_owned();
        }
        self.kind = family.kind;
        self.number_field = field_of_number(family.kind);
        self.created = self.format.created() && family.kind.has_created();
        self.plain = family.plain;
        self.names = Names::default();
        self.is_new = true;
        self.beside = 0;
        self.value = 0;
        self.flow()
    }
}

impl SeriesVisitor for Messages {
    fn wants_created(&self) -> bool {
        self.created
    }

    fn begin(&mut self) {
        self.names = Names::default();
    }

    fn series(&mut self, series: &SeriesView<'_>) -> ControlFlow<()> {
        match series.value {
            SeriesValue::Number(number) => self.number(series, number),
            SeriesValue::Histogram { .. } => self.histogram(series),
            SeriesValue::Summary { count, sum, quantiles } => self.summary(series, count, sum, quantiles),
            SeriesValue::StateSet { states, on } => self.state_set(series, states, on),
            SeriesValue::Irregular(value) => self.irregular(series, value),
        }
        self.flow()
    }
}

impl Encoder for Messages {
    fn out(&mut self) -> &mut Buffer {
        &mut self.out
    }

    fn finish(&mut self) {
        self.end_family();
    }
}
