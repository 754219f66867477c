//! Series: the messages `Metric`.

use std::sync::Arc;

use super::super::label::{Labels, shown};
use super::histogram::Histogram;
use super::wire::{Fault, Message, Result, Tag, once};
use crate::descriptor::MetricKind;
use crate::snapshot::{Exemplar, Number, SeriesSnapshot, SummaryValue, Timestamp, Value};

/// What a family's series have in common.
#[derive(Debug)]
pub(super) struct Common {
    /// The names of the labels, as far as the last series had them.
    names: Vec<Arc<str>>,
    bounds: Arc<[f64]>,
}

impl Common {
    /// Another family may begin, whose series may have other labels.
    #[inline]
    pub(super) fn forget_names(&mut self) {
        self.names.clear();
    }
}

impl Default for Common {
    #[inline]
    fn default() -> Self {
        Self { names: Vec::new(), bounds: Arc::from([]) }
    }
}

/// A series while its message is read.
struct Metric<'a> {
    series: SeriesSnapshot,
    /// The type of its family, if that is known.
    kind: Option<MetricKind>,
    /// The type of the value that it has, if it has one.
    told: Option<MetricKind>,
    common: &'a mut Common,
    /// Whether its labels are called as those of the last series.
    known: bool,
}

/// Reads a series, of this type if that is known, and else of the type that its value has, which is given too.
#[inline]
pub(super) fn read(
    mut message: Message<'_>,
    kind: Option<MetricKind>,
    common: &mut Common,
) -> Result<(SeriesSnapshot, MetricKind)> {
    let offset = message.offset();
    let labels = Vec::with_capacity(common.names.len());
    let series = SeriesSnapshot::new(labels, Value::Number(Number::Unsigned(0)));
    let mut metric = Metric { series, kind, told: None, common, known: true };
    loop {
        let tag = message.tag()?;
        if tag == Tag::END {
            break;
        }
        let (name, kept) = metric.keep(&mut message, tag);
        kept.map_err(|fault| fault.within(name))?;
    }
    if !metric.known {
        check_labels(&metric.series.labels, kind.or(metric.told), offset).map_err(|fault| fault.within("label"))?;
        metric.common.names = metric.series.labels.iter().map(|(name, _)| Arc::clone(name)).collect();
    }
    let kind = kind.or(metric.told).unwrap_or(MetricKind::Counter);
    match metric.told {
        None => Err(Fault::new(offset, format!("a series of the type {kind} has no value"))),
        Some(told) if told == kind || (told, kind) == (MetricKind::Histogram, MetricKind::GaugeHistogram) => {
            Ok((metric.series, kind))
        }
        Some(told) => Err(Fault::new(offset, format!("a series of the type {kind} has a value of the type {told}"))),
    }
}

impl Metric<'_> {
    /// Keeps a field; says what it is called.
    #[inline]
    fn keep(&mut self, of: &mut Message<'_>, tag: Tag) -> (&'static str, Result<()>) {
        match tag.number() {
            1 => ("label", self.label(of, tag)),
            2 => ("gauge", self.tell(of, tag, MetricKind::Gauge)),
            3 => ("counter", self.tell(of, tag, MetricKind::Counter)),
            4 => ("summary", self.tell(of, tag, MetricKind::Summary)),
            5 => ("untyped", self.tell(of, tag, MetricKind::Unknown)),
            6 => {
                let millis = of.integer(tag).map(u64::cast_signed);
                ("timestamp_ms", millis.map(|millis| self.series.timestamp = Some(Timestamp::from_millis(millis))))
            }
            7 => ("histogram", self.tell(of, tag, MetricKind::Histogram)),
            _ => ("", of.skip(tag)),
        }
    }

    /// Keeps a label, with the name that the last series' had, if that is the same.
    #[inline]
    fn label(&mut self, of: &mut Message<'_>, tag: Tag) -> Result<()> {
        let (name, value) = pair(of, tag)?;
        let labels = &mut self.series.labels;
        let name = match self.common.names.get(labels.len()) {
            Some(last) if **last == *name => Arc::clone(last),
            _ => {
                self.known = false;
                Arc::from(name)
            }
        };
        labels.push((name, value.into()));
        Ok(())
    }

    /// Keeps the value.
    #[inline]
    fn tell(&mut self, of: &mut Message<'_>, tag: Tag, kind: MetricKind) -> Result<()> {
        let offset = of.field_offset();
        if let Some(before) = self.told.replace(kind) {
            return Err(Fault::new(offset, format!("the series has another value already, of the type {before}")));
        }
        let mut message = of.message(tag)?;
        match kind {
            MetricKind::Summary => self.summary(message),
            MetricKind::Histogram => {
                let offset = message.offset();
                let histogram = Histogram::read(message)?;
                self.series.created = histogram.created();
                let gauge = self.kind == Some(MetricKind::GaugeHistogram);
                let (value, exemplars) = histogram.said(gauge, &mut self.common.bounds, offset)?;
                self.series.value = value;
                self.series.exemplars = exemplars;
                Ok(())
            }
            _ => self.number(&mut message, kind == MetricKind::Counter),
        }
    }

    /// Keeps a `Gauge`, an `Untyped`, or a `Counter`, which has more fields.
    #[inline]
    fn number(&mut self, message: &mut Message<'_>, counter: bool) -> Result<()> {
        let mut value = 0.0;
        loop {
            let tag = message.tag()?;
            let (name, kept) = match tag.number() {
                0 => break,
                1 => ("value", message.double(tag).map(|number| value = number)),
                2 if counter => ("exemplar", self.exemplar(message, tag)),
                3 if counter => ("created_timestamp", timestamp(message, tag, &mut self.series.created)),
                _ => ("", message.skip(tag)),
            };
            kept.map_err(|fault| fault.within(name))?;
        }
        self.series.value = Value::Number(Number::Float(value));
        Ok(())
    }

    #[inline]
    fn exemplar(&mut self, of: &mut Message<'_>, tag: Tag) -> Result<()> {
        let exemplar = exemplar(of, tag)?;
        if !self.series.exemplars.is_empty() {
            return Err(Fault::new(of.field_offset(), "it stands there twice"));
        }
        self.series.exemplars.push(exemplar);
        Ok(())
    }

    #[inline]
    fn summary(&mut self, mut message: Message<'_>) -> Result<()> {
        let mut value = SummaryValue { count: 0, sum: 0.0, quantiles: Vec::new() };
        loop {
            let tag = message.tag()?;
            let (name, kept) = match tag.number() {
                0 => break,
                1 => ("sample_count", message.integer(tag).map(|count| value.count = count)),
                2 => ("sample_sum", message.double(tag).map(|sum| value.sum = sum)),
                3 => ("quantile", quantile(&mut message, tag).map(|quantile| value.quantiles.push(quantile))),
                4 => ("created_timestamp", timestamp(&mut message, tag, &mut self.series.created)),
                _ => ("", message.skip(tag)),
            };
            kept.map_err(|fault| fault.within(name))?;
        }
        self.series.value = Value::Summary(value);
        Ok(())
    }
}

#[cold]
#[inline]
fn check_labels(labels: &Labels, kind: Option<MetricKind>, offset: u64) -> Result<()> {
    let mut names: Vec<&str> = labels.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let fault = |message| Err(Fault::new(offset, message));
    if names.first().is_some_and(|first| first.is_empty()) {
        return fault("a label has no name".to_owned());
    }
    if names.binary_search(&"__name__").is_ok() {
        return fault("no label is to be called `__name__`: that is reserved for the family's name".to_owned());
    }
    let own = match kind {
        Some(MetricKind::Summary) => "quantile",
        Some(MetricKind::Histogram | MetricKind::GaugeHistogram) => "le",
        _ => "",
    };
    if let Some(kind) = kind.filter(|_| names.binary_search(&own).is_ok()) {
        return fault(format!(
            "no series of the type {kind} is to have the label `{own}`, by which its parts are told"
        ));
    }
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => fault(format!("the label `{}` stands there twice", shown(twice[0]))),
        None => Ok(()),
    }
}

/// The name and the value of a `LabelPair`.
#[inline]
fn pair<'a>(of: &mut Message<'a>, tag: Tag) -> Result<(&'a str, &'a str)> {
    let (mut name, mut value) = ("", "");
    let mut message = of.message(tag)?;
    loop {
        let tag = message.tag()?;
        match tag.number() {
            0 => return Ok((name, value)),
            1 => name = message.text(tag).map_err(|fault| fault.within("name"))?,
            2 => value = message.text(tag).map_err(|fault| fault.within("value"))?,
            _ => message.skip(tag)?,
        }
    }
}

#[inline]
fn quantile(of: &mut Message<'_>, tag: Tag) -> Result<(f64, f64)> {
    let (mut quantile, mut value) = (0.0, 0.0);
    let mut message = of.message(tag)?;
    loop {
        let tag = message.tag()?;
        match tag.number() {
            0 => return Ok((quantile, value)),
            1 => quantile = message.double(tag).map_err(|fault| fault.within("quantile"))?,
            2 => value = message.double(tag).map_err(|fault| fault.within("value"))?,
            _ => message.skip(tag)?,
        }
    }
}

#[inline]
pub(super) fn exemplar(of: &mut Message<'_>, tag: Tag) -> Result<Exemplar> {
    let mut read = Exemplar { labels: Vec::new(), value: Number::Float(0.0), timestamp: None };
    let mut message = of.message(tag)?;
    loop {
        let tag = message.tag()?;
        let (name, kept) = match tag.number() {
            0 => return Ok(read),
            1 => {
                let pair = pair(&mut message, tag);
                ("label", pair.map(|(name, value)| read.labels.push((name.into(), value.into()))))
            }
            2 => ("value", message.double(tag).map(|value| read.value = value.into())),
            3 => ("timestamp", timestamp(&mut message, tag, &mut read.timestamp)),
            _ => ("", message.skip(tag)),
        };
        kept.map_err(|fault| fault.within(name))?;
    }
}

/// Keeps a `google.protobuf.Timestamp`.
#[inline]
pub(super) fn timestamp(of: &mut Message<'_>, tag: Tag, kept: &mut Option<Timestamp>) -> Result<()> {
    let (mut seconds, mut nanos) = (0, 0);
    let at = of.field_offset();
    let mut message = of.message(tag)?;
    let offset = message.offset();
    loop {
        let tag = message.tag()?;
        match tag.number() {
            0 => break,
            1 => seconds = message.integer(tag).map_err(|fault| fault.within("seconds"))?.cast_signed(),
            2 => nanos = message.integer(tag).map_err(|fault| fault.within("nanos"))?,
            _ => message.skip(tag)?,
        }
    }
    match u32::try_from(nanos).ok().and_then(|nanos| Timestamp::new(seconds, nanos)) {
        Some(timestamp) => once(kept, timestamp, at),
        None => Err(Fault::new(offset, "the nanoseconds are not from 0 to 999999999").within("nanos")),
    }
}
