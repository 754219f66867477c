//! Series: the messages `Metric`.

use std::sync::Arc;

use super::super::label::{Labels, shown};
use super::histogram::Histogram;
use super::wire::{Bytes, Fault, Field, Result, once};
use crate::descriptor::MetricKind;
use crate::snapshot::{Exemplar, Number, SeriesSnapshot, SummaryValue, Timestamp, Value};

/// A series of a type that its message says.
#[derive(Debug)]
pub(super) struct Metric {
    labels: Labels,
    timestamp: Option<Timestamp>,
    told: Option<Told>,
    offset: u64,
}

/// The value that a `Metric` has, as it stands there.
#[derive(Debug)]
enum Told {
    Gauge(f64),
    Counter { value: f64, exemplar: Option<Exemplar>, created: Option<Timestamp> },
    Summary { value: SummaryValue, created: Option<Timestamp> },
    Untyped(f64),
    Histogram(Box<Histogram>),
}

/// What a value says.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) value: Value,
    pub(super) exemplars: Vec<Exemplar>,
    pub(super) created: Option<Timestamp>,
}

/// What a family's series have in common.
#[derive(Debug)]
pub(super) struct Common {
    /// The names of the labels, as far as the last series had them.
    names: Vec<Arc<str>>,
    bounds: Arc<[f64]>,
}

impl Default for Common {
    #[inline]
    fn default() -> Self {
        Self { names: Vec::new(), bounds: Arc::from([]) }
    }
}

impl Metric {
    #[inline]
    pub(super) fn read(mut message: Bytes<'_>, common: &mut Common) -> Result<Self> {
        let offset = message.offset;
        let mut read = Self { labels: Vec::with_capacity(common.names.len()), timestamp: None, told: None, offset };
        let mut known = true;
        while let Some(field) = message.field()? {
            let (name, kept) = match field.number {
                1 => ("label", read.label(&field, common, &mut known)),
                2 => ("gauge", read.tell(&field, |message| plain(message).map(Told::Gauge))),
                3 => ("counter", read.tell(&field, counter)),
                4 => ("summary", read.tell(&field, summary)),
                5 => ("untyped", read.tell(&field, |message| plain(message).map(Told::Untyped))),
                6 => {
                    let millis = field.integer().map(u64::cast_signed);
                    ("timestamp_ms", millis.map(|millis| read.timestamp = Some(Timestamp::from_millis(millis))))
                }
                7 => {
                    let histogram = |message| Histogram::read(message).map(Box::new).map(Told::Histogram);
                    ("histogram", read.tell(&field, histogram))
                }
                _ => continue,
            };
            kept.map_err(|fault| fault.within(name))?;
        }
        if !known {
            read.check_labels().map_err(|fault| fault.within("label"))?;
            common.names = read.labels.iter().map(|(name, _)| Arc::clone(name)).collect();
        }
        Ok(read)
    }

    /// The type of the value that it has. A family whose type isn't said is one of counters.
    #[inline]
    pub(super) fn kind(&self) -> MetricKind {
        match self.told {
            None | Some(Told::Counter { .. }) => MetricKind::Counter,
            Some(Told::Gauge(_)) => MetricKind::Gauge,
            Some(Told::Summary { .. }) => MetricKind::Summary,
            Some(Told::Untyped(_)) => MetricKind::Unknown,
            Some(Told::Histogram(_)) => MetricKind::Histogram,
        }
    }

    /// The series of a family of this type.
    #[inline]
    pub(super) fn series(self, kind: MetricKind, common: &mut Common) -> Result<SeriesSnapshot> {
        let is = self.kind();
        let Some(told) = self.told else {
            let message = format!("a series of the type {kind} has no value");
            return Err(Fault::new(self.offset, message));
        };
        let of_gauge = kind == MetricKind::GaugeHistogram && is == MetricKind::Histogram;
        if is != kind && !of_gauge {
            let message = format!("a series of the type {kind} has a value of the type {is}");
            return Err(Fault::new(self.offset, message));
        }
        let own = match kind {
            MetricKind::Summary => Some("quantile"),
            MetricKind::Histogram | MetricKind::GaugeHistogram => Some("le"),
            _ => None,
        };
        if let Some(own) = own.filter(|own| self.labels.iter().any(|(name, _)| **name == **own)) {
            let message =
                format!("no series of the type {kind} is to have the label `{own}`, by which its parts are told");
            return Err(Fault::new(self.offset, message).within("label"));
        }
        let alone =
            |number: f64| Said { value: Value::Number(Number::Float(number)), exemplars: Vec::new(), created: None };
        let Said { value, exemplars, created } = match told {
            Told::Gauge(number) | Told::Untyped(number) => alone(number),
            Told::Counter { value, exemplar, created } => {
                Said { exemplars: exemplar.into_iter().collect(), created, ..alone(value) }
            }
            Told::Summary { value, created } => Said { value: Value::Summary(value), exemplars: Vec::new(), created },
            Told::Histogram(histogram) => {
                let said = histogram.said(kind, &mut common.bounds, self.offset);
                said.map_err(|fault| fault.within("histogram"))?
            }
        };
        Ok(SeriesSnapshot { labels: self.labels, value, created, timestamp: self.timestamp, exemplars })
    }

    #[inline]
    fn tell<'a>(&mut self, field: &Field<'a>, told: impl FnOnce(Bytes<'a>) -> Result<Told>) -> Result<()> {
        if let Some(before) = &self.told {
            let of = match before {
                Told::Gauge(_) => "gauge",
                Told::Counter { .. } => "counter",
                Told::Summary { .. } => "summary",
                Told::Untyped(_) => "untyped",
                Told::Histogram(_) => "histogram",
            };
            return Err(Fault::new(field.offset, format!("the series has another value already, in `{of}`")));
        }
        self.told = Some(told(field.message()?)?);
        Ok(())
    }

    /// Keeps a label, with the name that the last series' had, if that is the same.
    #[inline]
    fn label(&mut self, field: &Field<'_>, common: &Common, known: &mut bool) -> Result<()> {
        let (name, value) = pair(field)?;
        let name = match common.names.get(self.labels.len()) {
            Some(last) if **last == *name => Arc::clone(last),
            _ => {
                *known = false;
                Arc::from(name)
            }
        };
        self.labels.push((name, value.into()));
        Ok(())
    }

    #[cold]
    #[inline]
    fn check_labels(&self) -> Result<()> {
        let mut names: Vec<&str> = self.labels.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let fault = |message| Err(Fault::new(self.offset, message));
        if names.first().is_some_and(|first| first.is_empty()) {
            return fault("a label has no name".to_owned());
        }
        if names.binary_search(&"__name__").is_ok() {
            return fault("no label is to be called `__name__`: that is reserved for the family's name".to_owned());
        }
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => fault(format!("the label `{}` stands there twice", shown(twice[0]))),
            None => Ok(()),
        }
    }
}

/// The name and the value of a `LabelPair`.
#[inline]
fn pair<'a>(field: &Field<'a>) -> Result<(&'a str, &'a str)> {
    let (mut name, mut value) = ("", "");
    let mut message = field.message()?;
    while let Some(field) = message.field()? {
        match field.number {
            1 => name = field.text().map_err(|fault| fault.within("name"))?,
            2 => value = field.text().map_err(|fault| fault.within("value"))?,
            _ => {}
        }
    }
    Ok((name, value))
}

/// A `Gauge`, or an `Untyped`.
#[inline]
fn plain(mut message: Bytes<'_>) -> Result<f64> {
    let mut value = 0.0;
    while let Some(field) = message.field()? {
        if field.number == 1 {
            value = field.double().map_err(|fault| fault.within("value"))?;
        }
    }
    Ok(value)
}

#[inline]
fn counter(mut message: Bytes<'_>) -> Result<Told> {
    let (mut value, mut example, mut created) = (0.0, None, None);
    while let Some(field) = message.field()? {
        let (name, kept) = match field.number {
            1 => ("value", field.double().map(|number| value = number)),
            2 => ("exemplar", exemplar(&field).and_then(|it| once(&mut example, it, field.offset))),
            3 => ("created_timestamp", timestamp(&field).and_then(|at| once(&mut created, at, field.offset))),
            _ => continue,
        };
        kept.map_err(|fault| fault.within(name))?;
    }
    Ok(Told::Counter { value, exemplar: example, created })
}

#[inline]
fn summary(mut message: Bytes<'_>) -> Result<Told> {
    let mut value = SummaryValue { count: 0, sum: 0.0, quantiles: Vec::new() };
    let mut created = None;
    while let Some(field) = message.field()? {
        let (name, kept) = match field.number {
            1 => ("sample_count", field.integer().map(|count| value.count = count)),
            2 => ("sample_sum", field.double().map(|sum| value.sum = sum)),
            3 => ("quantile", quantile(&field).map(|quantile| value.quantiles.push(quantile))),
            4 => ("created_timestamp", timestamp(&field).and_then(|at| once(&mut created, at, field.offset))),
            _ => continue,
        };
        kept.map_err(|fault| fault.within(name))?;
    }
    Ok(Told::Summary { value, created })
}

#[inline]
fn quantile(field: &Field<'_>) -> Result<(f64, f64)> {
    let (mut quantile, mut value) = (0.0, 0.0);
    let mut message = field.message()?;
    while let Some(field) = message.field()? {
        match field.number {
            1 => quantile = field.double().map_err(|fault| fault.within("quantile"))?,
            2 => value = field.double().map_err(|fault| fault.within("value"))?,
            _ => {}
        }
    }
    Ok((quantile, value))
}

#[inline]
pub(super) fn exemplar(field: &Field<'_>) -> Result<Exemplar> {
    let mut read = Exemplar { labels: Vec::new(), value: Number::Float(0.0), timestamp: None };
    let mut message = field.message()?;
    while let Some(field) = message.field()? {
        let (name, kept) = match field.number {
            1 => ("label", pair(&field).map(|(name, value)| read.labels.push((name.into(), value.into())))),
            2 => ("value", field.double().map(|value| read.value = value.into())),
            3 => ("timestamp", timestamp(&field).and_then(|at| once(&mut read.timestamp, at, field.offset))),
            _ => continue,
        };
        kept.map_err(|fault| fault.within(name))?;
    }
    Ok(read)
}

/// A `google.protobuf.Timestamp`.
#[inline]
pub(super) fn timestamp(field: &Field<'_>) -> Result<Timestamp> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut message = field.message()?;
    let offset = message.offset;
    while let Some(field) = message.field()? {
        match field.number {
            1 => seconds = field.integer().map_err(|fault| fault.within("seconds"))?.cast_signed(),
            2 => nanos = field.integer().map_err(|fault| fault.within("nanos"))?,
            _ => {}
        }
    }
    let at = u32::try_from(nanos).ok().and_then(|nanos| Timestamp::new(seconds, nanos));
    at.ok_or_else(|| Fault::new(offset, "the nanoseconds are not from 0 to 999999999").within("nanos"))
}
