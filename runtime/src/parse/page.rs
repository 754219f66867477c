//! A page while its lines are read: what both formats have in common.

use super::error::{Fault, fault};
use super::family::{Family, Last, Role, role};
use super::hash::{Key, Seen};
use super::label::{Reserved, SeriesLabels, check_unique, shown};
use super::lines::Line;
use super::number::{self, NoNumber};
use super::openmetrics;
use super::point::Point;
use super::sample::{Part, Sample};
use super::text::kind_of_note;
use super::told::Told;
use super::unfinished::Unfinished;
use crate::descriptor::MetricKind;
use crate::snapshot::{Exemplar, Number, SeriesSnapshot, Timestamp, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    OpenMetrics,
}

/// What is kept of a page between its lines.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) format: Format,
    pub(super) key: Key,
    pub(super) family: Option<Family>,
    /// The series whose samples are read. Of types whose series have a sample each, what the next one is compared with.
    pub(super) point: Point,
    pub(super) unfinished: Unfinished,
    /// Of `OpenMetrics`, the series of the family.
    pub(super) series: Seen,
    /// Of `OpenMetrics`, the names that families have taken; of the text format, the types of those that were told.
    pub(super) names: Seen,
    pub(super) told: Told,
    /// Whether `# EOF` was read.
    pub(super) ended: bool,
    /// How many bytes of lines are held of series that aren't complete.
    pub(super) limit: usize,
    /// Room for the parts of a sample; it lies elsewhere so that it can be taken out and put back.
    sample: Option<Box<Sample>>,
}

/// A sample whose parts have been read.
pub(super) struct Read<'a> {
    pub(super) role: Role,
    pub(super) number: usize,
    pub(super) line: &'a str,
    pub(super) at: usize,
    pub(super) value: Number,
    pub(super) timestamp: Option<Timestamp>,
    /// What its own label reads, where that stands, and the number in it.
    pub(super) own: Option<(std::borrow::Cow<'a, str>, usize, f64)>,
    pub(super) labels: SeriesLabels<'a>,
    /// Whether its series is known to be that of the sample before.
    pub(super) continued: bool,
    /// What it reads as an instant, if that is what it says.
    pub(super) created: Option<Timestamp>,
    pub(super) exemplar: Option<Exemplar>,
}

impl Page {
    #[inline]
    pub(super) fn new(format: Format, limit: usize, told: Told) -> Self {
        Self {
            format,
            key: Key::random(),
            family: None,
            point: Point::default(),
            unfinished: Unfinished::default(),
            series: Seen::default(),
            names: Seen::default(),
            told,
            ended: false,
            limit,
            sample: None,
        }
    }

    /// Reads a line.
    #[inline]
    pub(super) fn line(&mut self, line: Line<'_>, number: usize) -> Result<(), Fault> {
        match self.format {
            Format::Text => self.text_line(line, number),
            Format::OpenMetrics => self.openmetrics_line(line, number),
        }
    }

    /// Takes the page for ended.
    #[inline]
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        match self.format {
            Format::Text => self.finish_family(),
            Format::OpenMetrics if self.ended => Ok(()),
            Format::OpenMetrics => fault(0, "the page ends without `# EOF`; it may have been cut off"),
        }
    }

    /// Reads the line of a sample.
    #[inline]
    pub(super) fn sample_line(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        let mut sample = self.sample.take().unwrap_or_default();
        let read = match self.format {
            Format::Text => sample.read_widely(line),
            Format::OpenMetrics => sample.read_strictly(line),
        };
        let taken = read.and_then(|()| self.take(line, number, &sample));
        self.sample = Some(sample);
        taken
    }

    #[inline]
    fn take(&mut self, line: &str, number: usize, sample: &Sample) -> Result<(), Fault> {
        // A sample that is called as the last one has its role, and if its labels are too, their names are as good.
        let alike = self.family.as_ref().and_then(|family| family.last).filter(|_| sample.same.name);
        let role = match alike {
            Some(last) => last.role,
            None => self.role(line, number, sample)?,
        };
        self.begin_family()?;
        let Some(family) = &mut self.family else { return Ok(()) };
        let kind = family.kind();
        let (own, labels) = match alike {
            Some(Last { own, .. }) if sample.same.label_names => {
                (own, SeriesLabels { line, labels: &sample.labels, without: own })
            }
            _ => {
                let own_label = family.own_label(role);
                let own = own_label.and_then(|own| sample.labels.iter().position(|label| label.name.is(line, own)));
                let labels = SeriesLabels { line, labels: &sample.labels, without: own };
                let reserved = match self.format {
                    Format::Text => Reserved { underscores: false, own: None },
                    // "Label", and of each type that its label set has no such label.
                    Format::OpenMetrics => Reserved { underscores: true, own: family.reserved_label() },
                };
                family.names.follow(labels, reserved)?;
                (own, labels)
            }
        };
        let leading = labels.leading();
        let continued = leading.is_some_and(|leading| {
            sample.same.labels >= leading && family.last.is_some_and(|last| last.leading == Some(leading))
        });
        family.last = Some(Last { role, own, leading });
        let own = match own {
            None => None,
            Some(index) => {
                let part = sample.labels[index].value;
                let text = part.of(line);
                let key = if kind == MetricKind::StateSet {
                    f64::NAN
                } else {
                    family.own_numbers.float(&text).or_else(|error| {
                        let what = if kind == MetricKind::Summary { "a quantile" } else { "a bucket's bound `le`" };
                        fault(part.start, error.message(what, &text))
                    })?
                };
                Some((text, part.start, key))
            }
        };
        let mut read = Read {
            role,
            number,
            line,
            at: sample.name.start,
            value: read_number(line, sample.value, "the value")?,
            timestamp: sample.timestamp.map(|part| read_timestamp(self.format, line, part)).transpose()?,
            own,
            labels,
            continued,
            created: (role == Role::Created).then(|| read_timestamp(self.format, line, sample.value)).transpose()?,
            exemplar: read_exemplar(line, sample)?,
        };
        if self.format == Format::OpenMetrics {
            openmetrics::check(family, &read, sample)?;
        }
        let alone = match kind {
            MetricKind::Gauge | MetricKind::Unknown | MetricKind::Info => true,
            MetricKind::Counter => self.format == Format::Text,
            _ => false,
        };
        match self.format {
            _ if !alone => self.take_part(&mut read),
            Format::Text => {
                self.tell_alone(&read);
                Ok(())
            }
            Format::OpenMetrics => {
                self.check_alone(&read)?;
                self.tell_alone(&read);
                Ok(())
            }
        }
    }

    /// What a sample says by its name, of the family whose samples are read or of the one that it begins.
    #[inline]
    fn role(&mut self, line: &str, number: usize, sample: &Sample) -> Result<Role, Fault> {
        let name = sample.name.of(line);
        if let Some(role) = self.family.as_ref().and_then(|family| family.role(self.format, &name)) {
            return Ok(role);
        }
        match self.format {
            Format::Text => self.find_family(&name, sample.quoted, number),
            Format::OpenMetrics => self.begin_unknown(&name, sample, number),
        }
    }

    /// Tells a series that has one sample.
    #[inline]
    fn tell_alone(&mut self, read: &Read<'_>) {
        let Some(family) = &mut self.family else { return };
        let series = SeriesSnapshot {
            labels: family.keep(read.labels),
            value: Value::Number(read.value),
            created: None,
            timestamp: read.timestamp,
            exemplars: Vec::new(),
        };
        self.told.series(read.number, series);
    }

    /// Takes in a sample of a series that has several.
    #[inline]
    fn take_part(&mut self, read: &mut Read<'_>) -> Result<(), Fault> {
        let continued = match self.format {
            Format::Text => self.continues_text(read)?,
            Format::OpenMetrics => self.continues_openmetrics(read)?,
        };
        let Some(family) = &mut self.family else { return Ok(()) };
        if !continued {
            let labels = family.keep(read.labels);
            let hash = match self.format {
                // That of the series that was told last, which may be another.
                Format::Text => None,
                Format::OpenMetrics => self.point.hash.take(),
            };
            self.point.restart(labels, hash, read.number, read.timestamp);
        }
        let point = &mut self.point;
        point.bytes = point.bytes.saturating_add(read.line.len());
        if point.bytes > self.limit {
            let most = self.limit;
            return fault(
                read.at,
                format!(
                    "the lines of this series have more than {most} bytes, the most that this reader holds; \
                     `Reader::limit` sets that"
                ),
            );
        }
        if read.role == Role::Created {
            point.created = read.created;
            return Ok(());
        }
        point.exemplars.extend(read.exemplar.take());
        if family.kind() == MetricKind::Counter {
            point.value = Some(read.value);
            return Ok(());
        }
        point.push(read.role, read.own.as_ref().map(|(text, _, key)| (&**text, *key)), read.value, read.timestamp);
        Ok(())
    }

    /// Tells the series whose samples have been read.
    #[inline]
    pub(super) fn finish_point(&mut self) -> Result<(), Fault> {
        let Some(family) = &mut self.family else { return Ok(()) };
        if self.point.is_empty() {
            return Ok(());
        }
        if self.format == Format::OpenMetrics {
            openmetrics::check_point(family, &self.point)?;
        }
        self.told.series(self.point.line, self.point.take_series(family));
        Ok(())
    }

    /// Tells the family, unless it was told.
    #[inline]
    pub(super) fn begin_family(&mut self) -> Result<(), Fault> {
        let Some(family) = &mut self.family else { return Ok(()) };
        if family.begun {
            return Ok(());
        }
        family.begun = true;
        if self.format == Format::OpenMetrics {
            openmetrics::check_family(family, &mut self.names, self.key)?;
        }
        self.told.family(family.line, family.head(self.format));
        Ok(())
    }

    /// Tells what is left of the family whose lines have been read.
    #[inline]
    pub(super) fn finish_family(&mut self) -> Result<(), Fault> {
        if !self.unfinished.is_empty() {
            self.finish_unfinished()?;
        }
        self.finish_point()?;
        // A help text alone makes no family in the text format.
        let empty =
            self.family.as_ref().is_some_and(|family| !family.begun && (family.kind.is_none() || family.recalled));
        if !empty || self.format == Format::OpenMetrics {
            self.begin_family()?;
        }
        self.family = None;
        self.point.restart(Vec::new(), None, 0, None);
        self.series.clear();
        Ok(())
    }

    /// The type and the role of a sample by what its name ends in, where a family of that type was told.
    #[inline]
    pub(super) fn told(&self, name: &str) -> Option<(usize, MetricKind, Role)> {
        const SUFFIXES: [&str; 6] = ["", "_bucket", "_sum", "_count", "_gsum", "_gcount"];
        SUFFIXES.into_iter().find_map(|suffix| {
            let base = name.strip_suffix(suffix)?;
            let kind = self.names.get(self.key.hash(base.as_bytes(), b"")).and_then(kind_of_note)?;
            Some((base.len(), kind, role(self.format, kind, suffix)?))
        })
    }
}

impl Family {
    #[inline]
    fn keep(&mut self, labels: SeriesLabels<'_>) -> super::label::Labels {
        labels.keep(self.names.last())
    }
}

#[inline]
pub(super) fn read_number(line: &str, part: Part, what: &str) -> Result<Number, Fault> {
    let text = part.raw(line);
    number::number(text).or_else(|error: NoNumber| fault(part.start, error.message(what, text)))
}

#[inline]
fn read_exemplar(line: &str, sample: &Sample) -> Result<Option<Exemplar>, Fault> {
    let Some(parts) = sample.exemplar else { return Ok(None) };
    check_unique(line, &sample.exemplar_labels)?;
    let labels: Vec<(Box<str>, Box<str>)> =
        sample.exemplar_labels.iter().map(|label| (label.name.of(line).into(), label.value.of(line).into())).collect();
    let timestamp = parts.timestamp.map(|part| read_timestamp(Format::OpenMetrics, line, part)).transpose()?;
    let value = read_number(line, parts.value, "an exemplar's value")?;
    Ok(Some(Exemplar { labels, value, timestamp }))
}

#[inline]
fn read_timestamp(format: Format, line: &str, part: Part) -> Result<Timestamp, Fault> {
    let text = part.raw(line);
    let (read, unit) = match format {
        Format::Text => (number::millis(text), "milliseconds, an integer"),
        Format::OpenMetrics => (number::seconds(text), "seconds, a number that is neither NaN nor infinite"),
    };
    match read {
        Some(timestamp) => Ok(timestamp),
        None => fault(part.start, format!("a timestamp is in {unit}, not `{}`", shown(text))),
    }
}
