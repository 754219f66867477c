//! The rules of the text format, as widely as its readers take it.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use super::descriptor::{Word, read_widely};
use super::error::{Fault, fault};
use super::family::{Family, Role};
use super::label::{shown, unescaped};
use super::lines::Line;
use super::page::{Page, Read};
use super::sample::blanks;
use crate::descriptor::MetricKind;

/// The types that a family can be told to have; their indices are what is kept of them.
const KINDS: [(&str, MetricKind); 7] = [
    ("counter", MetricKind::Counter),
    ("gauge", MetricKind::Gauge),
    ("histogram", MetricKind::Histogram),
    ("summary", MetricKind::Summary),
    ("untyped", MetricKind::Unknown),
    ("gaugehistogram", MetricKind::GaugeHistogram),
    // As Prometheus' Go library spells it.
    ("gauge_histogram", MetricKind::GaugeHistogram),
];

/// The word that `OpenMetrics` has for `untyped`.
const UNKNOWN: &str = "unknown";

#[inline]
pub(super) fn kind_of_note(note: u8) -> Option<MetricKind> {
    KINDS.get(usize::from(note)).map(|(_, kind)| *kind)
}

#[inline]
fn note_of_word(word: &str) -> Option<u8> {
    let word = if word.eq_ignore_ascii_case(UNKNOWN) { "untyped" } else { word };
    (0..).zip(KINDS).find(|(_, (known, _))| known.eq_ignore_ascii_case(word)).map(|(note, _)| note)
}

impl Page {
    #[inline]
    pub(super) fn text_line(&mut self, line: Line<'_>, number: usize) -> Result<(), Fault> {
        let line = match line.text {
            Ok(line) => line,
            Err(error) => {
                let line = String::from_utf8_lossy(line.bytes);
                let comment = line.as_bytes().get(blanks(&line, 0)) == Some(&b'#');
                // What a comment says is nobody's business.
                if comment && matches!(read_widely(&line), Ok(None)) {
                    return Ok(());
                }
                return fault(error.valid_up_to(), "the page isn't UTF-8 here");
            }
        };
        match line.as_bytes().get(blanks(line, 0)) {
            None | Some(b'\r') if line.trim_ascii().is_empty() => Ok(()),
            Some(b'#') => self.text_descriptor(line, number),
            _ => self.sample_line(line, number),
        }
    }

    #[inline]
    fn text_descriptor(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        let Some(said) = read_widely(line)? else { return Ok(()) };
        let name = shown(&said.name);
        let hash = self.key.hash(said.name.as_bytes(), b"");
        if self.family.as_ref().is_none_or(|family| family.base != *said.name) {
            self.finish_family()?;
            let told = self.names.get(hash).and_then(kind_of_note);
            let family = Family::new(said.name.into_owned(), said.quoted, told, number);
            self.family = Some(Family { recalled: told.is_some(), ..family });
        }
        let Some(family) = &mut self.family else { return Ok(()) };
        match said.word {
            // Go's library takes it for nothing.
            _ if said.text.is_empty() => {}
            Word::Help => {
                if family.help.is_some() {
                    return fault(0, format!("`# HELP {name}` stands there twice"));
                }
                let help = unescaped(said.text, false);
                if family.begun {
                    self.told.help(number, &help);
                }
                family.help = Some(help);
            }
            Word::Type | Word::Unit => {
                let Some(note) = note_of_word(said.text) else {
                    let types = "counter, gauge, histogram, summary or untyped";
                    return fault(
                        said.at,
                        format!(
                            "a type is one of {types}, not `{}`; `OpenMetrics`, which has more, is read by \
                             `parse::openmetrics`",
                            shown(said.text)
                        ),
                    );
                };
                if family.begun {
                    return fault(0, format!("`# TYPE {name}` is to stand in front of the samples of `{name}`"));
                }
                if family.kind.is_some() && !family.recalled {
                    return fault(0, format!("`# TYPE {name}` stands there twice"));
                }
                family.kind = kind_of_note(note);
                family.recalled = false;
                self.names.set(hash, note);
            }
        }
        Ok(())
    }

    /// Begins the family of a sample that isn't one of the last: one that was told further up, or an untyped one.
    #[inline]
    pub(super) fn find_family(&mut self, name: &str, quoted: bool, number: usize) -> Result<Role, Fault> {
        self.finish_family()?;
        let (base, kind, role) = match self.told(name) {
            Some((length, kind, role)) => (&name[..length], Some(kind), role),
            None => (name, None, Role::Value),
        };
        let family = Family::new(base.to_owned(), quoted, kind, number);
        self.family = Some(Family { recalled: kind.is_some(), ..family });
        Ok(role)
    }

    /// Whether a sample is another one of a series that was begun; else makes room for the next.
    #[inline]
    pub(super) fn continues_text(&mut self, read: &Read<'_>) -> Result<bool, Fault> {
        let Some(family) = &self.family else { return Ok(false) };
        let complete = self.point.is_complete(family.kind());
        if !self.point.is_empty() {
            if read.continued || read.labels.are(&self.point.labels) {
                let own = read.own.as_ref().map(|(text, _, _)| &**text);
                let again = match read.role {
                    Role::Sum => self.point.sum.is_some(),
                    Role::Count => self.point.count.is_some(),
                    role => self.point.begins_with(role, own),
                };
                if !complete || !(again || read.timestamp != self.point.timestamp) {
                    return Ok(true);
                }
                self.finish_point()?;
                return Ok(false);
            }
            if complete {
                self.finish_point()?;
            } else {
                self.unfinished.put(std::mem::take(&mut self.point), self.key);
                if self.unfinished.bytes() > self.limit {
                    self.finish_unfinished()?;
                }
            }
        }
        if !self.unfinished.is_empty()
            && let Some(family) = &mut self.family
            && let Some(point) = self.unfinished.take(family.names.hash(read.labels, self.key))
        {
            self.point = point;
            return Ok(true);
        }
        Ok(false)
    }

    /// Tells the series that still lack something, in the order in which they began.
    #[inline]
    pub(super) fn finish_unfinished(&mut self) -> Result<(), Fault> {
        if !self.point.is_empty() {
            self.unfinished.put(std::mem::take(&mut self.point), self.key);
        }
        for point in self.unfinished.take_all() {
            self.point = point;
            self.finish_point()?;
        }
        Ok(())
    }
}
