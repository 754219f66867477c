//! Pages of lines: the text format and `OpenMetrics`.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::buffer::{Buffer, Short};
use super::format::{Format, Syntax};
use super::number::{LONGEST, float, number, unsigned};
use super::pieces::Encoder;
use crate::descriptor::MetricKind;
use crate::escape::escaped;
use crate::snapshot::{FamilyHead, PageVisitor, SeriesValue, SeriesView, SeriesVisitor};

/// Writes what it is shown.
#[derive(Debug)]
pub(super) struct Lines {
    syntax: Syntax,
    created: bool,
    out: Buffer,
    /// From how many bytes on it breaks off.
    full: usize,
    kind: MetricKind,
    /// The name of each sample of this family, which for some types has a suffix, with the labels that all series have.
    names: [Short; 3],
    /// The same, with what stands before more labels.
    opened: [Short; 3],
    shown: [bool; 3],
    /// The bounds of this family's buckets, and how each reads behind the labels.
    bounds: Option<Arc<[f64]>>,
    rendered: Vec<Short>,
    /// Of a state set, what stands before each state: its label has the family's name.
    state: Short,
    /// Of a gauge histogram, which this format doesn't know: its sums and counts are families of their own, behind it.
    aside: [Buffer; 2],
}

/// The samples of a type, as [`MetricKind::sample_suffixes`] has them.
const VALUE: usize = 0;
const BUCKET: usize = 0;
const SUM: usize = 1;
const COUNT: usize = 2;

impl Lines {
    pub(super) fn new(format: Format, full: usize) -> Self {
        Self {
            syntax: format.syntax,
            created: format.created(),
            out: Buffer::default(),
            full,
            kind: MetricKind::Unknown,
            names: [const { Short::empty() }; 3],
            opened: [const { Short::empty() }; 3],
            shown: [true; 3],
            bounds: None,
            rendered: Vec::new(),
            state: Short::empty(),
            aside: Default::default(),
        }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.out.len() >= self.full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// A sample without its value, and room for that.
    #[inline]
    fn sample(&mut self, name: usize, labels: &str) {
        sample(&mut self.out, &self.names[name], &self.opened[name], labels);
    }

    /// A sample with a label of its own, which begins with this, up to the label's text.
    fn open_label(&mut self, labels: &str, name: &Short, text: usize) {
        let opened = &self.opened[VALUE];
        self.out.reserve(opened.len() + labels.len() + name.len() + text + ",\"} \n".len() + LONGEST);
        self.out.put_short(opened);
        if !labels.is_empty() {
            self.out.put(labels.as_bytes());
            self.out.put_few(b",");
        }
        self.out.put_short(name);
    }

    fn summary(&mut self, labels: &str, count: u64, sum: f64, quantiles: &[(f64, f64)]) {
        if self.shown[VALUE] {
            let name = Short::new(b"quantile=\"");
            for &(quantile, value) in quantiles {
                self.open_label(labels, &name, LONGEST);
                float(&mut self.out, quantile);
                self.out.put_few(b"\"} ");
                float(&mut self.out, value);
                self.out.put_few(b"\n");
            }
        }
        self.sum_and_count(labels, Some(sum), count);
    }

    fn sum_and_count(&mut self, labels: &str, sum: Option<f64>, count: u64) {
        let Some(sum) = sum else { return };
        if self.shown[SUM] {
            self.sample(SUM, labels);
            float(&mut self.out, sum);
            self.out.put_few(b"\n");
        }
        if self.shown[COUNT] {
            self.sample(COUNT, labels);
            unsigned(&mut self.out, count);
            self.out.put_few(b"\n");
        }
    }

    fn state_set(&mut self, labels: &str, states: &[Arc<str>], on: &[bool]) {
        if !self.shown[VALUE] {
            return;
        }
        let name = self.state.clone();
        for (state, on) in states.iter().zip(on) {
            // Each character is escaped to two at most.
            self.open_label(labels, &name, 2 * state.len());
            escaped(state, true).for_each(|text| self.out.put(text.as_bytes()));
            self.out.put_few(if *on { b"\"} 1\n" } else { b"\"} 0\n" });
        }
    }

    /// Writes what has to stand behind all series of a family.
    fn finish_family(&mut self) {
        for aside in &mut self.aside {
            let text = aside.take();
            self.out.reserve(text.len());
            self.out.put(&text);
        }
    }

    fn histogram(&mut self, labels: &str, bounds: &Arc<[f64]>, counts: &[u64], sum: Option<f64>) {
        if self.bounds.as_ref().is_none_or(|known| !Arc::ptr_eq(known, bounds)) {
            self.render(bounds);
        }
        // What all buckets have in common stands in the first one's line; the others copy it from there.
        let common = self.opened[BUCKET].len() + labels.len() + usize::from(!labels.is_empty());
        let mut longest = 0;
        for bound in &self.rendered {
            longest = longest.max(bound.len());
        }
        if self.shown[BUCKET] {
            self.out.reserve(counts.len() * (common + longest + LONGEST + "\n".len()));
        }
        let mut count = 0_u64;
        let mut first = None;
        for (own, bound) in counts.iter().zip(&self.rendered) {
            count = count.wrapping_add(*own);
            if self.shown[BUCKET] {
                if let Some(first) = first {
                    self.out.repeat(first, common);
                } else {
                    first = Some(self.out.len());
                    self.out.put_short(&self.opened[BUCKET]);
                    if !labels.is_empty() {
                        self.out.put(labels.as_bytes());
                        self.out.put_few(b",");
                    }
                }
                self.out.put_short(bound);
                unsigned(&mut self.out, count);
                self.out.put_few(b"\n");
            }
        }
        if self.kind == MetricKind::GaugeHistogram {
            self.put_aside(labels, sum, count);
        } else if bounds.first().is_none_or(|&first| first >= 0.0) {
            // With a negative bound the sum may fall, which a counter never does (OpenMetrics 1.0.0, "Histogram").
            self.sum_and_count(labels, sum, count);
        }
    }

    fn put_aside(&mut self, labels: &str, sum: Option<f64>, count: u64) {
        for (index, aside) in (SUM..).zip(&mut self.aside) {
            let Some(sum) = sum else { continue };
            if self.shown[index] {
                sample(aside, &self.names[index], &self.opened[index], labels);
                if index == SUM {
                    float(aside, sum);
                } else {
                    unsigned(aside, count);
                }
                aside.put_few(b"\n");
            }
        }
    }

    fn render(&mut self, bounds: &Arc<[f64]>) {
        let mut text = Buffer::default();
        let mut render = |bound: f64| {
            text.reserve("le=\"\"} ".len() + LONGEST);
            text.put_few(b"le=\"");
            float(&mut text, bound);
            text.put_few(b"\"} ");
            Short::new(&text.take())
        };
        self.rendered.clear();
        for bound in &**bounds {
            self.rendered.push(render(*bound));
        }
        self.rendered.push(render(f64::INFINITY));
        self.bounds = Some(Arc::clone(bounds));
    }
}

/// The word of this format for a type: `OpenMetrics` has more of them.
fn type_word(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Info | MetricKind::StateSet => "gauge",
        MetricKind::GaugeHistogram => "histogram",
        MetricKind::Unknown => "untyped",
        _ => kind.as_str(),
    }
}

/// The lines that stand before a family's samples.
fn head(out: &mut Buffer, name: &[&str], help: &str, kind: &str) {
    let mut put = |texts: &[&str]| {
        for text in texts {
            out.reserve(text.len());
            out.put(text.as_bytes());
        }
    };
    if !help.is_empty() {
        put(&["# HELP "]);
        put(name);
        put(&[" "]);
        escaped(help, false).for_each(|text| put(&[text]));
        put(&["\n"]);
    }
    put(&["# TYPE "]);
    put(name);
    put(&[" ", kind, "\n"]);
}

/// A sample without its value, and room for that.
#[inline]
fn sample(out: &mut Buffer, name: &Short, opened: &Short, labels: &str) {
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

impl PageVisitor for Lines {
    fn family(&mut self, family: FamilyHead<'_>) -> ControlFlow<()> {
        self.finish_family();
        let FamilyHead { name, help, kind, constant, .. } = family;
        head(&mut self.out, &[name], help, type_word(kind));
        for (index, suffix) in kind.sample_suffixes().iter().enumerate() {
            let (labels, comma) =
                if constant.is_empty() { (String::new(), "") } else { (format!("{{{constant}}}"), ",") };
            self.names[index] = Short::new([name, suffix, &labels].concat().as_bytes());
            self.opened[index] = Short::new([name, suffix, "{", constant, comma].concat().as_bytes());
            self.shown[index] = family.shows(suffix);
        }
        match kind {
            MetricKind::StateSet => self.state = Short::new([name, "=\""].concat().as_bytes()),
            MetricKind::GaugeHistogram => {
                for (index, aside) in (SUM..).zip(&mut self.aside) {
                    if self.shown[index] {
                        head(aside, &[name, if index == SUM { "_gsum" } else { "_gcount" }], help, "gauge");
                    }
                }
            }
            _ => {}
        }
        self.kind = kind;
        self.bounds = None;
        self.flow()
    }
}

impl SeriesVisitor for Lines {
    fn series(&mut self, series: &SeriesView<'_>) -> ControlFlow<()> {
        let labels = series.labels;
        match series.value {
            SeriesValue::Number(value) => {
                if self.shown[VALUE] {
                    self.sample(VALUE, labels);
                    number(&mut self.out, value);
                    self.out.put_few(b"\n");
                }
            }
            SeriesValue::Histogram { bounds, counts, sum, .. } => self.histogram(labels, bounds, counts, sum),
            SeriesValue::Summary { count, sum, quantiles } => self.summary(labels, count, sum, quantiles),
            SeriesValue::StateSet { states, on } => self.state_set(labels, states, on),
            SeriesValue::Irregular(_) => {}
        }
        self.flow()
    }
}

impl Encoder for Lines {
    fn out(&mut self) -> &mut Buffer {
        &mut self.out
    }

    fn finish(&mut self) {
        self.finish_family();
    }
}
