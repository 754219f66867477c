//! Pages of lines: the text format and `OpenMetrics`, which differ in their words for types, in the names of counters and
//! infos, and in what they can say of a series beside its numbers.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>,
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>

mod buckets;
mod irregular;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::buffer::{Buffer, Place, Short, WINDOW, Window};
use super::escaping;
use super::format::Format;
use super::number::{LONGEST, float, fraction, number, seconds, signed, unsigned};
use super::pieces::Encoder;
use crate::descriptor::MetricKind;
use crate::escape::{escaped, push_label, push_quoted};
use crate::name::is_plain_metric;
use crate::snapshot::{
    Exemplar, FamilyHead, Number, PageVisitor, Rare, SeriesValue, SeriesView, SeriesVisitor, Timestamp,
};

/// Writes what it is shown.
#[derive(Debug)]
pub(super) struct Lines {
    out: Buffer,
    format: Format,
    /// From how many bytes on it breaks off.
    full: usize,
    kind: MetricKind,
    /// The name of each sample of this family, which for some types has a suffix, with the labels that all series have.
    names: [Short; SAMPLES],
    /// The same, with what stands before more labels.
    opened: [Short; SAMPLES],
    shown: [bool; SAMPLES],
    /// Whether no label of this family must be written in another way than it is rendered.
    plain: bool,
    /// The bounds of this family's buckets, and how each reads behind the labels.
    bounds: Option<Arc<[f64]>>,
    rendered: Vec<Short>,
    /// Whether a number is written as its series is shown, and nothing else of it.
    direct: bool,
    /// Of a state set, what stands before each state: its label has the family's name.
    state: Short,
    /// A second in which series were made, mostly many of them, and how it reads.
    second: (u64, Short),
    /// Which of the families this is that the format makes of one.
    part: Part,
}

/// A family whose samples are of several types in the text format is shown as often, each time as another family: the
/// sums and counts of a gauge histogram, which that format doesn't know, and when series began to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Sum,
    Count,
    Created,
}

/// The samples of a type, as [`MetricKind::sample_suffixes`] has them, and behind them the one of when it was created.
const VALUE: usize = 0;
const BUCKET: usize = 0;
const SUM: usize = 1;
const COUNT: usize = 2;
const CREATED: usize = 3;
const SAMPLES: usize = 4;

/// What stands behind the values of a series, if anything.
type Behind<'a> = Option<&'a Rare<'a>>;

impl Lines {
    pub(super) fn new(format: Format, full: usize) -> Self {
        Self {
            out: Buffer::of_pieces(full),
            format,
            full,
            kind: MetricKind::Unknown,
            names: [const { Short::empty() }; SAMPLES],
            opened: [const { Short::empty() }; SAMPLES],
            shown: [true; SAMPLES],
            plain: true,
            bounds: None,
            rendered: Vec::new(),
            direct: true,
            state: Short::empty(),
            second: (0, Short::new(b"0")),
            part: Part::Whole,
        }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.out.len() >= self.full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A sample without its value, and room for that.
    #[inline]
    fn sample(&mut self, name: usize, labels: &str) {
        if let Some(line) = self.short_sample(name, labels) {
            let written = line.len();
            self.out.add(written);
            return;
        }
        let (out, name, opened) = (&mut self.out, &self.names[name], &self.opened[name]);
        out.reserve(opened.len() + labels.len() + "} \n".len() + LONGEST);
        if labels.is_empty() {
            out.put_short(name);
            out.put_few(b" ");
        } else {
            out.put_short(opened);
            out.put(labels.as_bytes());
            out.put_few(b"} ");
        }
    }

    /// The same of a sample with labels that is short, as most are.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a window that is returned costs as much as what is written in it")]
    fn short_sample(&mut self, name: usize, labels: &str) -> Option<Window<'_>> {
        let opened = &self.opened[name];
        if labels.is_empty() || opened.len() + labels.len() + "} \n".len() + LONGEST >= WINDOW {
            return None;
        }
        let mut line = self.out.window()?;
        if !line.put_short(opened) {
            return None;
        }
        line.put_part(labels.as_bytes(), 0, labels.len());
        line.put_few(b"} ");
        Some(line)
    }

    /// A sample that counts, with labels, if it is short; says whether it is.
    #[inline]
    fn put_short_count(&mut self, name: usize, labels: &str, count: u64) -> bool {
        let Some(mut line) = self.short_sample(name, labels) else { return false };
        unsigned(&mut line, count);
        line.put_few(b"\n");
        let written = line.len();
        self.out.add(written);
        true
    }

    /// A sample with a label of its own, which begins with this, up to the label's text.
    fn open_label(&mut self, sample: usize, labels: &str, name: &Short, text: usize) {
        let opened = &self.opened[sample];
        self.out.reserve(opened.len() + labels.len() + name.len() + text + ",\"} \n".len() + LONGEST);
        self.out.put_short(opened);
        if !labels.is_empty() {
            self.out.put(labels.as_bytes());
            self.out.put_few(b",");
        }
        self.out.put_short(name);
    }

    /// What stands behind a value, for which there is room unless there is an exemplar or a timestamp.
    #[inline]
    fn end(&mut self, behind: Behind<'_>, exemplar: bool) {
        match behind {
            None => self.out.put_few(b"\n"),
            Some(rare) => {
                self.end_with(rare.timestamp, if exemplar { rare.exemplars.first() } else { None });
            }
        }
    }

    /// `OpenMetrics` 1.0.0, "Timestamps" and "Exemplars": in seconds; in the text format in milliseconds, and no exemplars.
    #[cold]
    #[inline(never)]
    fn end_with(&mut self, timestamp: Option<Timestamp>, exemplar: Option<&Exemplar>) {
        if let Some(timestamp) = timestamp {
            self.out.reserve(1 + LONGEST);
            self.out.put_few(b" ");
            if self.format.is_openmetrics() {
                seconds(&mut self.out, timestamp);
            } else {
                signed(&mut self.out, timestamp.as_millis());
            }
        }
        if let Some(exemplar) = exemplar.filter(|_| self.format.is_openmetrics()) {
            let mut labels = String::new();
            for (name, value) in exemplar.labels() {
                push_label(&mut labels, &escaping::label_name(name, self.format.escaping()), value);
            }
            self.out.reserve(" # {} \n".len() + labels.len() + 2 * LONGEST);
            self.out.put(b" # {");
            self.out.put(labels.as_bytes());
            self.out.put_few(b"} ");
            number(&mut self.out, exemplar.value());
            if let Some(timestamp) = exemplar.timestamp() {
                self.out.put_few(b" ");
                seconds(&mut self.out, timestamp);
            }
        }
        self.out.reserve(1);
        self.out.put_few(b"\n");
    }

    fn summary(&mut self, labels: &str, (count, sum): (u64, f64), quantiles: &[(f64, f64)], behind: Behind<'_>) {
        if self.shown[VALUE] {
            let name = Short::new(b"quantile=\"");
            // Of observations below zero `OpenMetrics` has no quantiles (1.0.0, "Summary").
            let openmetrics = self.format.is_openmetrics();
            for &(quantile, value) in quantiles.iter().filter(|(_, value)| !(openmetrics && *value < 0.0)) {
                self.open_label(VALUE, labels, &name, LONGEST);
                float(&mut self.out, quantile);
                self.out.put_few(b"\"} ");
                float(&mut self.out, value);
                self.end(behind, false);
            }
        }
        self.sum_and_count(labels, Some(sum).filter(|sum| self.takes_sum(*sum)), count, behind);
    }

    /// Whether the sum of a summary or a histogram may stand on the page: in `OpenMetrics` it is a counter, so neither
    /// negative nor NaN (1.0.0, "Summary" and "Histogram").
    fn takes_sum(&self, sum: f64) -> bool {
        !self.format.is_openmetrics() || sum >= 0.0
    }

    fn sum_and_count(&mut self, labels: &str, sum: Option<f64>, count: u64, behind: Behind<'_>) {
        if let Some(sum) = sum
            && self.shown[SUM]
        {
            self.sample(SUM, labels);
            float(&mut self.out, sum);
            self.end(behind, false);
        }
        if self.shown[COUNT] {
            self.sample(COUNT, labels);
            unsigned(&mut self.out, count);
            self.end(behind, false);
        }
    }

    fn state_set(&mut self, labels: &str, states: &[Arc<str>], on: &[bool], behind: Behind<'_>) {
        if !self.shown[VALUE] {
            return;
        }
        let name = self.state.clone();
        for (state, on) in states.iter().zip(on) {
            // Each character is escaped to two at most.
            self.open_label(VALUE, labels, &name, 2 * state.len());
            escaped(state, true).for_each(|text| self.out.put(text.as_bytes()));
            self.out.put_few(if *on { b"\"} 1" } else { b"\"} 0" });
            self.end(behind, false);
        }
    }

    fn created(&mut self, labels: &str, series: &SeriesView<'_>, behind: Behind<'_>) {
        if !self.shown[CREATED] {
            return;
        }
        if let Some((seconds, nanos)) = series.created.parts() {
            self.sample(CREATED, labels);
            if self.second.0 != seconds {
                let mut text = Buffer::default();
                text.reserve(LONGEST);
                unsigned(&mut text, seconds);
                self.second = (seconds, Short::new(&text.take()));
            }
            self.out.put_short(&self.second.1);
            fraction(&mut self.out, nanos);
        } else if let Some(created) = series.created_at() {
            self.sample(CREATED, labels);
            seconds(&mut self.out, created);
        } else {
            return;
        }
        self.end(behind, false);
    }

    /// Whether samples are to be shown of the part that this is.
    fn shows_any(&self) -> bool {
        let samples = self.kind.sample_suffixes().len();
        let of_part = |at: usize| (at < samples || at == CREATED) && self.part_of(at) == self.part;
        (0..SAMPLES).any(|at| self.shown[at] && of_part(at))
    }

    /// In which of the families that the format makes of one a sample stands.
    fn part_of(&self, sample: usize) -> Part {
        let of_gauge = self.kind == MetricKind::GaugeHistogram && !self.format.is_openmetrics();
        match sample {
            SUM if of_gauge => Part::Sum,
            COUNT if of_gauge => Part::Count,
            CREATED if !self.format.is_openmetrics() => Part::Created,
            _ => Part::Whole,
        }
    }

    /// The lines that stand before a family's samples.
    fn head(&mut self, name: &str, family: &FamilyHead<'_>) {
        let word = if self.part == Part::Whole { self.type_word() } else { "gauge" };
        let mut quoted = String::new();
        let written = if is_plain_metric(name) {
            name
        } else {
            push_quoted(&mut quoted, name);
            &quoted
        };
        if !family.help.is_empty() {
            self.put(&["# HELP ", written, " "]);
            // Quotes are escaped in `OpenMetrics` alone ("ABNF", `escaped-string`).
            escaped(family.help, self.format.is_openmetrics()).for_each(|text| self.put(&[text]));
            self.put(&["\n"]);
        }
        self.put(&["# TYPE ", written, " ", word, "\n"]);
        if let Some(unit) = family.unit
            && self.format.is_openmetrics()
            && self.kind.has_unit()
            && name.strip_suffix(unit).is_some_and(|before| before.ends_with('_'))
        {
            self.put(&["# UNIT ", written, " ", unit, "\n"]);
        }
    }

    fn put(&mut self, texts: &[&str]) {
        for text in texts {
            self.out.reserve(text.len());
            self.out.put(text.as_bytes());
        }
    }

    /// The word for a type: the text format has fewer.
    fn type_word(&self) -> &'static str {
        match self.kind {
            _ if self.format.is_openmetrics() => self.kind.as_str(),
            MetricKind::Info | MetricKind::StateSet => "gauge",
            MetricKind::GaugeHistogram => "histogram",
            MetricKind::Unknown => "untyped",
            _ => self.kind.as_str(),
        }
    }

    fn name_samples(&mut self, name: &str, suffix: &str, at: usize, constant: &str) {
        let sample = [name, suffix].concat();
        let (mut named, mut opened) = (sample.clone(), [&sample, "{"].concat());
        if !is_plain_metric(&sample) {
            opened.clear();
            opened.push('{');
            push_quoted(&mut opened, &sample);
            named = [&opened, "}"].concat();
            opened.push(',');
        }
        if !constant.is_empty() {
            opened.push_str(constant);
            named = [&opened, "}"].concat();
            opened.push(',');
        }
        self.names[at] = Short::new(named.as_bytes());
        self.opened[at] = Short::new(opened.as_bytes());
    }

    fn series_of(&mut self, labels: &str, series: &SeriesView<'_>) {
        let behind = series.rare;
        match series.value {
            SeriesValue::Number(value) => {
                if self.shown[VALUE] {
                    self.sample(VALUE, labels);
                    number(&mut self.out, value);
                    self.end(behind, self.kind == MetricKind::Counter);
                }
            }
            SeriesValue::Histogram { bounds, counts, sum, native: Some(native) } if bounds.is_empty() => {
                self.native(labels, native, counts.first().copied().unwrap_or_default(), sum, behind);
            }
            SeriesValue::Histogram { bounds, counts, sum, .. } => self.histogram(labels, (bounds, counts), sum, behind),
            SeriesValue::Summary { count, sum, quantiles } => {
                self.summary(labels, (count, sum), quantiles, behind);
            }
            SeriesValue::StateSet { states, on } => self.state_set(labels, states, on, behind),
            SeriesValue::Irregular(value) => {
                if !self.irregular(labels, value) {
                    return;
                }
            }
        }
        if self.part == Part::Whole && self.format.is_openmetrics() {
            self.created(labels, series, behind);
        }
    }

    /// A series in a family that stands behind that of its values.
    fn series_behind(&mut self, labels: &str, series: &SeriesView<'_>) {
        let behind = series.rare;
        match (self.part, series.value) {
            (Part::Created, _) => self.created(labels, series, behind),
            (Part::Sum, SeriesValue::Histogram { sum: Some(sum), .. }) => {
                self.sample(SUM, labels);
                float(&mut self.out, sum);
                self.end(behind, false);
            }
            (Part::Count, SeriesValue::Histogram { counts, sum: Some(_), .. }) => {
                self.sample(COUNT, labels);
                unsigned(&mut self.out, counts.iter().fold(0, |sum, count| sum.wrapping_add(*count)));
                self.end(behind, false);
            }
            (_, SeriesValue::Irregular(value)) => {
                self.irregular(labels, value);
            }
            _ => {}
        }
    }
}

impl PageVisitor for Lines {
    fn family(&mut self, family: FamilyHead<'_>) -> ControlFlow<()> {
        self.kind = family.kind;
        self.bounds = None;
        let (escaping, openmetrics) = (self.format.escaping(), self.format.is_openmetrics());
        let name = escaping::family_name(family.name, family.kind, escaping);
        let base = if openmetrics { self.kind.base(&name) } else { &name };
        self.plain = family.plain || escaping == super::Escaping::AllowUtf8;
        let constant = if self.plain {
            Cow::Borrowed(family.constant)
        } else {
            Cow::Owned(escaping::labels(family.constant, escaping))
        };
        for (at, suffix) in self.kind.sample_suffixes().iter().enumerate() {
            match self.kind {
                // In `OpenMetrics` alone these are suffixes.
                MetricKind::Counter if openmetrics => self.name_samples(base, "_total", at, &constant),
                _ => self.name_samples(&name, suffix, at, &constant),
            }
            self.shown[at] = family.shows(suffix);
        }
        let created_of = self.kind.base(&name);
        self.name_samples(created_of, "_created", CREATED, &constant);
        self.shown[CREATED] = self.format.created() && self.kind.has_created() && family.shows_created();
        let whole = self.part == Part::Whole;
        self.direct = self.plain && whole && self.shown[VALUE] && !(openmetrics && self.shown[CREATED]);
        match self.part {
            // Of samples that are not in this format, none may be asked for.
            Part::Whole if !self.shows_any() => {}
            Part::Whole => self.head(base, &family),
            Part::Sum => self.head(&[&*name, "_gsum"].concat(), &family),
            Part::Count => self.head(&[&*name, "_gcount"].concat(), &family),
            Part::Created => self.head(&[created_of, "_created"].concat(), &family),
        }
        if self.kind == MetricKind::StateSet {
            let mut state = String::new();
            let label = escaping::label_name(family.name, escaping);
            push_label(&mut state, &label, "");
            // Up to the text.
            state.pop();
            self.state = Short::new(state.as_bytes());
        }
        self.flow()
    }

    fn again(&mut self) -> bool {
        const PARTS: [(Part, usize); 3] = [(Part::Sum, SUM), (Part::Count, COUNT), (Part::Created, CREATED)];
        let done = PARTS.iter().position(|(part, _)| *part == self.part).map_or(0, |at| at + 1);
        let next = PARTS.iter().skip(done).find(|&&(part, sample)| self.part_of(sample) == part && self.shown[sample]);
        self.part = next.map_or(Part::Whole, |(part, _)| *part);
        next.is_some()
    }
}

impl SeriesVisitor for Lines {
    fn wants_created(&self) -> bool {
        self.shown[CREATED]
    }

    fn series(&mut self, series: &SeriesView<'_>) -> ControlFlow<()> {
        if self.direct
            && let SeriesValue::Number(value) = series.value
            && series.rare.is_none()
        {
            // As most series are.
            let done = match value {
                Number::Unsigned(count) => self.put_short_count(VALUE, series.labels, count),
                _ => false,
            };
            if !done {
                self.sample(VALUE, series.labels);
                number(&mut self.out, value);
                self.out.put_few(b"\n");
            }
            return self.flow();
        }
        let rewritten;
        let labels = if self.plain {
            series.labels
        } else {
            rewritten = escaping::labels(series.labels, self.format.escaping());
            &rewritten
        };
        if self.part == Part::Whole {
            self.series_of(labels, series);
        } else {
            self.series_behind(labels, series);
        }
        self.flow()
    }
}

impl Encoder for Lines {
    fn out(&mut self) -> &mut Buffer {
        &mut self.out
    }

    fn finish(&mut self) {
        if self.format.is_openmetrics() {
            self.put(&["# EOF\n"]);
        }
    }
}
