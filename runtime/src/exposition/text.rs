//! The text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::buffer::{Buffer, Short};
use super::number::{LONGEST, float, number, unsigned};
use crate::descriptor::MetricKind;
use crate::escape::escaped;
use crate::snapshot::{FamilyHead, MetricFamily, Page, PageVisitor, SeriesValue, SeriesVisitor};

/// The format's `Content-Type`.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes families as a page. When a series was made (`_created`) isn't on it; Python's client makes gauges of that.
///
/// The bounds of buckets read as `OpenMetrics` has them, `le="1.0"` and `le="1e+06"`, which Prometheus 3 makes of every
/// other spelling too. An older Prometheus keeps the text as it is: where it sums buckets over services of which others
/// write `le="1"`, let it relabel those.
///
/// ```
/// let registry = tallymark::Registry::new();
/// let jobs = tallymark::Counter::new("jobs_total", "Jobs done.")?;
/// registry.register(&jobs)?;
/// jobs.inc();
/// assert_eq!(
///     tallymark::exposition::text::encode(&registry.gather()),
///     "# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total 1\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn encode(families: &[MetricFamily]) -> String {
    let mut encoder = Encoder::new(usize::MAX);
    let mut labels = String::new();
    for family in families {
        let _ = encoder.family(family.head());
        for series in &family.series {
            let _ = series.show(&mut labels, &mut encoder);
        }
    }
    encoder.finish_family();
    // Nothing but `str`s were put together.
    String::from_utf8(encoder.out.take()).unwrap_or_default()
}

/// Writes a page, reading the values when it comes to them, about 64 KiB at a time: so the memory that it takes does not
/// grow with the page. It writes what [`encode`] gives.
///
/// ```
/// let mut connection = Vec::new();
/// tallymark::exposition::text::write(tallymark::Registry::global().page(), &mut connection)?;
/// # assert!(connection.starts_with(b"# HELP"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of `out`. What has been written then is a part of the page.
pub fn write(page: Page, out: &mut impl io::Write) -> io::Result<()> {
    let mut pieces = pieces(page);
    while let Some(piece) = pieces.next() {
        out.write_all(&piece)?;
        pieces.give_back(piece);
    }
    Ok(())
}

/// Writes a page piece by piece, each of about 64 KiB, reading the values when it comes to them. So the memory that it
/// takes does not grow with the page. The pieces together are what [`encode`] gives.
///
/// ```
/// use std::io::Write;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut connection = Vec::new();
/// for piece in tallymark::exposition::text::pieces(tallymark::Registry::global().page()) {
///     connection.write_all(&piece)?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pieces(page: Page) -> Pieces {
    Pieces { page: Some(page), encoder: Encoder::new(PIECE) }
}

/// The pieces of a page, from [`pieces`].
#[derive(Debug)]
pub struct Pieces {
    /// None when it has been written.
    page: Option<Page>,
    encoder: Encoder,
}

const PIECE: usize = 64 * 1024;

/// A line that makes a piece longer than it was meant to be seldom makes it this much longer.
const SPARE: usize = 4 * 1024;

impl Pieces {
    /// Whether there is nothing more to come.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.page.is_none()
    }

    /// Takes back a piece that has been sent, to write the next one there.
    pub(crate) fn give_back(&mut self, piece: Vec<u8>) {
        self.encoder.out.reuse(piece);
    }
}

impl Iterator for Pieces {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let page = self.page.as_mut()?;
        self.encoder.out.reserve(PIECE + SPARE);
        if page.walk(&mut self.encoder).is_continue() {
            self.encoder.finish_family();
            self.page = None;
        }
        Some(self.encoder.out.take()).filter(|piece| !piece.is_empty())
    }
}

/// Writes what it is shown.
#[derive(Debug)]
struct Encoder {
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

impl Encoder {
    fn new(full: usize) -> Self {
        Self {
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
        self.sum_and_count(labels, sum, count);
    }

    fn sum_and_count(&mut self, labels: &str, sum: f64, count: u64) {
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

    fn histogram(&mut self, labels: &str, bounds: &Arc<[f64]>, counts: &[u64], sum: f64) {
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

    fn put_aside(&mut self, labels: &str, sum: f64, count: u64) {
        for (index, aside) in (SUM..).zip(&mut self.aside) {
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

impl PageVisitor for Encoder {
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

impl SeriesVisitor for Encoder {
    fn series(&mut self, labels: &str, value: SeriesValue<'_>) -> ControlFlow<()> {
        match value {
            SeriesValue::Number(value) => {
                if self.shown[VALUE] {
                    self.sample(VALUE, labels);
                    number(&mut self.out, value);
                    self.out.put_few(b"\n");
                }
            }
            SeriesValue::Histogram { bounds, counts, sum } => self.histogram(labels, bounds, counts, sum),
            SeriesValue::Summary { count, sum, quantiles } => self.summary(labels, count, sum, quantiles),
            SeriesValue::StateSet { states, on } => self.state_set(labels, states, on),
        }
        self.flow()
    }
}
