//! Protobuf: messages `MetricFamily`, each behind its length.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

mod histogram;
mod input;
mod metric;
#[cfg(test)]
mod tests;
mod wire;

use std::io::Read;

use self::input::Input;
use self::metric::{Common, Metric};
use self::wire::{Bytes, FIXED64, Fault, LENGTH, LONGEST_VARINT, VARINT};
use super::error::Error;
use super::label::shown;
use super::reader::Event;
use crate::descriptor::MetricKind;
use crate::snapshot::MetricFamily;

/// A page of messages, of which one `Metric` is read at a time.
#[derive(Debug)]
pub(super) struct Messages<'a> {
    input: Input<'a>,
    /// The most bytes that a text or a `Metric` may have.
    pub(super) limit: usize,
    /// How many bytes there are left of the message that is being read.
    left: Option<u64>,
    head: Head,
    /// The family whose series are being read, if that has been told.
    told: Option<Told>,
    /// Whether the message that is being read is of that family.
    is_told: bool,
    common: Common,
    /// What comes behind the event that was given last.
    next: Option<Event>,
}

/// What a message says of its family.
#[derive(Debug, Default)]
struct Head {
    name: Option<String>,
    help: String,
    unit: Option<String>,
    kind: Option<MetricKind>,
}

#[derive(Debug)]
struct Told {
    name: String,
    kind: MetricKind,
    /// How many messages it has been told of.
    messages: usize,
}

/// The fields of a `MetricFamily`.
const NAME: u64 = 1;
const HELP: u64 = 2;
const TYPE: u64 = 3;
const METRIC: u64 = 4;
const UNIT: u64 = 5;

impl<'a> Messages<'a> {
    #[inline]
    pub(super) fn of_page(page: &'a [u8]) -> Self {
        Self::new(Input::of_page(page), usize::MAX)
    }

    #[inline]
    pub(super) fn of_stream(page: Box<dyn Read + 'a>, limit: usize) -> Self {
        Self::new(Input::of_stream(page), limit)
    }

    #[inline]
    fn new(input: Input<'a>, limit: usize) -> Self {
        Self {
            input,
            limit,
            left: None,
            head: Head::default(),
            told: None,
            is_told: false,
            common: Common::default(),
            next: None,
        }
    }

    /// What comes next on the page.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.next.take() {
                return Ok(Some(event));
            }
            let event = match self.left {
                None if self.input.next(1)?.is_empty() => return Ok(None),
                None => {
                    let length = self.varint()?;
                    self.left = Some(length);
                    self.head = Head::default();
                    self.is_told = false;
                    None
                }
                Some(0) => {
                    self.left = None;
                    self.end()?
                }
                Some(left) => self.field(left)?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    #[inline]
    fn fault(&self, message: impl Into<String>) -> Error {
        at(Fault::new(self.input.offset(), message))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Error> {
        let offset = self.input.offset();
        match wire::varint(self.input.next(LONGEST_VARINT)?, offset).map_err(at)? {
            Some((number, length)) => {
                self.input.take(length);
                Ok(number)
            }
            None => Err(self.fault("the page ends within a number")),
        }
    }

    /// An integer of the message, of which so much is left.
    #[inline]
    fn varint_within(&mut self, left: &mut u64) -> Result<u64, Error> {
        let before = self.input.offset();
        let number = self.varint()?;
        match left.checked_sub(self.input.offset() - before) {
            Some(rest) => *left = rest,
            None => return Err(self.fault("a field goes on behind the end of its message")),
        }
        Ok(number)
    }

    /// Reads a field of a message.
    #[inline]
    fn field(&mut self, mut left: u64) -> Result<Option<Event>, Error> {
        let offset = self.input.offset();
        let tag = self.varint_within(&mut left)?;
        let (number, wire) = wire::tag(tag, offset).map_err(at)?;
        let name = match number {
            NAME => "name",
            HELP => "help",
            TYPE => "type",
            METRIC => "metric",
            UNIT => "unit",
            _ => {
                let length = match wire {
                    VARINT => {
                        self.varint_within(&mut left)?;
                        0
                    }
                    LENGTH => self.varint_within(&mut left)?,
                    FIXED64 => 8,
                    _ => 4,
                };
                self.left = Some(self.behind(left, length)?);
                self.skip(length)?;
                return Ok(None);
            }
        };
        if wire != if number == TYPE { VARINT } else { LENGTH } {
            return Err(at(Fault::new(offset, format!("it has the wire type {wire}")).within(name)));
        }
        let value = self.varint_within(&mut left)?;
        if number == TYPE {
            self.left = Some(left);
            self.kind_is(value)?;
            return Ok(None);
        }
        self.left = Some(self.behind(left, value)?);
        let length = usize::try_from(value).ok().filter(|length| *length <= self.limit);
        let Some(length) = length else {
            let message = format!("it has {value} bytes, more than the {} that are allowed", self.limit);
            return Err(at(Fault::new(offset, message).within(name)));
        };
        let offset = self.input.offset();
        let Some(bytes) = self.input.next(length)?.get(..length) else {
            return Err(self.fault(format!("the page ends within `{name}`, which has {length} bytes")));
        };
        let bytes = Bytes { bytes, offset };
        let event = if number == METRIC {
            let metric = Metric::read(bytes, &mut self.common).map_err(|fault| at(fault.within(name)))?;
            self.input.take(length);
            self.metric(metric)?
        } else {
            let text = bytes.text().map_err(|fault| at(fault.within(name)))?.to_owned();
            self.input.take(length);
            self.text(number, text)?
        };
        Ok(event)
    }

    /// What is left of a message behind so many bytes.
    #[inline]
    fn behind(&self, left: u64, length: u64) -> Result<u64, Error> {
        left.checked_sub(length).ok_or_else(|| self.fault("a field goes on behind the end of its message"))
    }

    #[inline]
    fn skip(&mut self, mut length: u64) -> Result<(), Error> {
        while length > 0 {
            let there = self.input.next(1)?.len();
            if there == 0 {
                return Err(self.fault("the page ends within a field"));
            }
            let taken = usize::try_from(length).map_or(there, |length| length.min(there));
            self.input.take(taken);
            length -= taken as u64;
        }
        Ok(())
    }

    #[inline]
    fn kind_is(&mut self, number: u64) -> Result<(), Error> {
        let kind = match number {
            0 => MetricKind::Counter,
            1 => MetricKind::Gauge,
            2 => MetricKind::Summary,
            3 => MetricKind::Unknown,
            4 => MetricKind::Histogram,
            5 => MetricKind::GaugeHistogram,
            _ => return Err(self.fault(format!("`type`: there is no type {number}: they are numbered from 0 to 5"))),
        };
        self.head.kind = Some(kind);
        match &self.told {
            Some(told) if self.is_told && told.kind != kind => Err(self.fault(format!(
                "`type`: the family `{}` is said to be of the type {kind} behind series of the type {}",
                shown(&told.name),
                told.kind
            ))),
            _ => Ok(()),
        }
    }

    /// Keeps a text of the family; what stands behind series is an event of its own.
    #[inline]
    fn text(&mut self, number: u64, text: String) -> Result<Option<Event>, Error> {
        let first = self.told.as_ref().is_some_and(|told| told.messages == 1);
        match number {
            NAME => {
                if self.is_told && self.told.as_ref().is_some_and(|told| told.name != text) {
                    let message = format!("`name`: a family is called `{}` behind its series", shown(&text));
                    return Err(self.fault(message));
                }
                self.head.name = Some(text);
            }
            HELP if self.is_told => return Ok(Some(Event::Help(text)).filter(|_| first)),
            HELP => self.head.help = text,
            _ if self.is_told => return Ok(Some(Event::Unit(text)).filter(|_| first)),
            _ => self.head.unit = Some(text).filter(|unit| !unit.is_empty()),
        }
        Ok(None)
    }

    #[inline]
    fn metric(&mut self, metric: Metric) -> Result<Option<Event>, Error> {
        let family = if self.is_told { None } else { self.tell(metric.kind())? };
        // It has just been told.
        let kind = self.told.as_ref().map_or(MetricKind::Unknown, |told| told.kind);
        let series = metric.series(kind, &mut self.common).map_err(|fault| at(fault.within("metric")))?;
        let series = Some(Event::Series(series));
        if family.is_none() {
            return Ok(series);
        }
        self.next = series;
        Ok(family)
    }

    /// Tells the family of a message, unless it is that of the message before. Where its type hasn't been said, it is that
    /// of the first series: if it is said behind that, it must be the same, and if it isn't said, that of counters.
    #[inline]
    fn tell(&mut self, of_series: MetricKind) -> Result<Option<Event>, Error> {
        let Head { name, help, unit, kind } = std::mem::take(&mut self.head);
        self.head.kind = kind;
        let kind = kind.unwrap_or(of_series);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Err(self.fault("a family has no name before its series"));
        };
        self.is_told = true;
        if let Some(told) = self.told.as_mut().filter(|told| told.name == name && told.kind == kind) {
            told.messages += 1;
            return Ok(None);
        }
        self.told = Some(Told { name: name.clone(), kind, messages: 1 });
        self.common = Common::default();
        Ok(Some(Event::Family(MetricFamily { name, help, kind, unit, series: Vec::new(), only: None })))
    }

    /// Ends a message.
    #[inline]
    fn end(&mut self) -> Result<Option<Event>, Error> {
        if !self.is_told {
            return self.tell(MetricKind::Counter);
        }
        match &self.told {
            // What isn't said is the first of the types.
            Some(told) if self.head.kind.is_none() && told.kind != MetricKind::Counter => Err(self.fault(format!(
                "`type`: the family `{}` has series of the type {}, and doesn't say that it is of that type",
                shown(&told.name),
                told.kind
            ))),
            _ => Ok(None),
        }
    }
}

/// All families of a page in memory. Who has that needs no limit of what is held of it.
#[inline]
pub(super) fn families(page: &[u8]) -> Result<Vec<MetricFamily>, Error> {
    let mut messages = Messages::of_page(page);
    let mut families: Vec<MetricFamily> = Vec::new();
    while let Some(event) = messages.next()? {
        match (event, families.last_mut()) {
            (Event::Family(family), _) => families.push(family),
            (Event::Series(series), Some(family)) => family.series.push(series),
            (Event::Help(help), Some(family)) => family.help = help,
            (Event::Unit(unit), Some(family)) => family.unit = Some(unit).filter(|unit| !unit.is_empty()),
            // A family comes before all that is said of it.
            (Event::Series(_) | Event::Help(_) | Event::Unit(_), None) => {}
        }
    }
    Ok(families)
}

#[cold]
#[inline]
fn at(fault: Fault) -> Error {
    let (offset, message) = fault.into_parts();
    Error::at_byte(offset, message)
}
