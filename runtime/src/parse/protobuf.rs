//! Protobuf: messages `MetricFamily`, each behind its length.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

mod histogram;
mod input;
mod metric;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::VecDeque;
use std::io::Read;

use self::input::Input;
use self::metric::Common;
use self::wire::{FIXED64, Fault, LENGTH, LONGEST_VARINT, Message, Tag, VARINT};
use super::error::Error;
use super::label::shown;
use super::told::{Families, Told};
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
    family: Option<Family>,
    /// Whether the message that is being read is of that family.
    is_told: bool,
    common: Common,
    pub(super) told: Told,
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
struct Family {
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

/// A page has no lines.
const LINE: usize = 1;

impl<'a> Messages<'a> {
    #[inline]
    pub(super) fn of_stream(page: Box<dyn Read + 'a>, limit: usize) -> Self {
        Self::new(Input::of_stream(page), limit, Told::Events(VecDeque::new()))
    }

    #[inline]
    fn new(input: Input<'a>, limit: usize, told: Told) -> Self {
        let (left, family, is_told) = (None, None, false);
        Self { input, limit, left, head: Head::default(), family, is_told, common: Common::default(), told }
    }

    /// Reads the next field, or where a message begins or ends; says whether the page has ended.
    #[inline]
    pub(super) fn read(&mut self) -> Result<bool, Error> {
        match self.left {
            None if self.input.next(1)?.is_empty() => return Ok(true),
            None => {
                let length = self.varint()?;
                self.left = Some(length);
                self.head = Head::default();
                self.is_told = false;
                self.common.forget_names();
            }
            Some(0) => {
                self.left = None;
                self.end()?;
            }
            Some(left) => self.field(left)?,
        }
        Ok(false)
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
    fn field(&mut self, mut left: u64) -> Result<(), Error> {
        let offset = self.input.offset();
        let tag = Tag::of(self.varint_within(&mut left)?, offset).map_err(at)?;
        let name = match tag.number() {
            NAME => "name",
            HELP => "help",
            TYPE => "type",
            METRIC => "metric",
            UNIT => "unit",
            _ => return self.unknown(tag, left),
        };
        if tag.wire() != if tag.number() == TYPE { VARINT } else { LENGTH } {
            return Err(at(Fault::new(offset, format!("it has the wire type {}", tag.wire())).within(name)));
        }
        let value = self.varint_within(&mut left)?;
        if tag.number() == TYPE {
            self.left = Some(left);
            return self.kind_is(value);
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
        if tag.number() == METRIC {
            let known = match &self.family {
                Some(family) if self.is_told => Some(family.kind),
                _ => self.head.kind,
            };
            let read = metric::read(Message::new(bytes, offset), known, &mut self.common);
            let (series, kind) = read.map_err(|fault| at(fault.within(name)))?;
            self.input.take(length);
            if !self.is_told {
                self.tell(kind)?;
            }
            self.told.series(LINE, series);
            Ok(())
        } else {
            let text = wire::text(bytes, offset).map_err(|fault| at(fault.within(name)))?.to_owned();
            self.input.take(length);
            self.text(tag.number(), text)
        }
    }

    /// Passes over a field that there isn't in metrics.proto.
    #[inline]
    fn unknown(&mut self, tag: Tag, mut left: u64) -> Result<(), Error> {
        let length = match tag.wire() {
            VARINT => {
                self.varint_within(&mut left)?;
                0
            }
            LENGTH => self.varint_within(&mut left)?,
            FIXED64 => 8,
            _ => 4,
        };
        self.left = Some(self.behind(left, length)?);
        self.skip(length)
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
        match &self.family {
            Some(told) if self.is_told && told.kind != kind => Err(self.fault(format!(
                "`type`: the family `{}` is said to be of the type {kind} behind series of the type {}",
                shown(&told.name),
                told.kind
            ))),
            _ => Ok(()),
        }
    }

    /// Keeps a text of the family.
    #[inline]
    fn text(&mut self, number: u64, text: String) -> Result<(), Error> {
        match number {
            NAME => {
                if self.is_told && self.family.as_ref().is_some_and(|family| family.name != text) {
                    let message = format!("`name`: a family is called `{}` behind its series", shown(&text));
                    return Err(self.fault(message));
                }
                self.head.name = Some(text);
            }
            // What a family is is what its first message says.
            _ if self.is_told && self.family.as_ref().is_none_or(|family| family.messages > 1) => {}
            HELP if self.is_told => self.told.help(LINE, &text),
            HELP => self.head.help = text,
            _ if self.is_told => self.told.unit(LINE, text),
            _ => self.head.unit = Some(text).filter(|unit| !unit.is_empty()),
        }
        Ok(())
    }

    /// Tells the family of a message, unless it is that of the message before. Where its type hasn't been said, it is that
    /// of the first series: if it is said behind that, it must be the same, and if it isn't said, that of counters.
    #[inline]
    fn tell(&mut self, of_series: MetricKind) -> Result<(), Error> {
        let Head { name, help, unit, kind } = std::mem::take(&mut self.head);
        self.head.kind = kind;
        let kind = kind.unwrap_or(of_series);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Err(self.fault("a family has no name before its series"));
        };
        self.is_told = true;
        if let Some(family) = self.family.as_mut().filter(|family| family.name == name && family.kind == kind) {
            family.messages += 1;
            return Ok(());
        }
        self.family = Some(Family { name: name.clone(), kind, messages: 1 });
        self.told.family(LINE, MetricFamily { name, help, kind, unit, series: Vec::new(), only: None });
        Ok(())
    }

    /// Ends a message.
    #[inline]
    fn end(&mut self) -> Result<(), Error> {
        if !self.is_told {
            return self.tell(MetricKind::Counter);
        }
        match &self.family {
            // What isn't said is the first of the types.
            Some(family) if self.head.kind.is_none() && family.kind != MetricKind::Counter => Err(self.fault(format!(
                "`type`: the family `{}` has series of the type {}, and doesn't say that it is of that type",
                shown(&family.name),
                family.kind
            ))),
            _ => Ok(()),
        }
    }
}

/// All families of a page in memory. Who has that needs no limit of what is held of it.
#[inline]
pub(super) fn families(page: &[u8]) -> Result<Vec<MetricFamily>, Error> {
    let told = Told::Families(Families::default());
    let mut messages = Messages::new(Input::of_page(page), usize::MAX, told);
    while !messages.read()? {}
    Ok(messages.told.into_families())
}

#[cold]
#[inline]
fn at(fault: Fault) -> Error {
    let (offset, message) = fault.into_parts();
    Error::at_byte(offset, message)
}
