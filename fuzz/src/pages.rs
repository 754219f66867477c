//! What holds of any bytes that are read as a page.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read};

use tallymark::exposition::{self, Escaping, Format};
use tallymark::parse::{self, Error, Event, Reader};
use tallymark::{MetricFamily, MetricKind, SeriesSnapshot, Value};

use crate::random::Random;
use crate::same;

/// A format whose pages are read.
#[derive(Debug)]
pub struct Syntax {
    format: Format,
    whole: fn(&[u8]) -> Result<Vec<MetricFamily>, Error>,
    reader: for<'a> fn(Pieces<'a>) -> Reader<'a>,
    /// What of a family the format's own encoder writes.
    written: fn(&[MetricFamily]) -> bool,
}

/// Prometheus' text format.
pub const TEXT: Syntax = Syntax {
    format: Format::TEXT_1_0_0.with_escaping(Escaping::AllowUtf8),
    whole: |page| parse::text(page),
    reader: |pieces| Reader::text(pieces),
    written: all_in_text,
};

/// `OpenMetrics`.
pub const OPENMETRICS: Syntax = Syntax {
    format: Format::OPENMETRICS_1_0_0.with_escaping(Escaping::AllowUtf8),
    whole: |page| parse::openmetrics(page),
    reader: |pieces| Reader::openmetrics(pieces),
    written: all_in_openmetrics,
};

/// Protobuf: messages `MetricFamily`, each behind its length.
pub const PROTOBUF: Syntax = Syntax {
    format: Format::PROTOBUF.with_escaping(Escaping::AllowUtf8),
    whole: |page| parse::protobuf(page),
    reader: |pieces| Reader::protobuf(pieces),
    written: all_in_protobuf,
};

/// Reads the page in every way that there is, and writes what it says again.
///
/// # Panics
/// Where the ways differ, an error has no place on the page, or what was read isn't what is read again.
pub fn check(syntax: &Syntax, page: &[u8]) {
    let whole = (syntax.whole)(page);
    let mut random = Random::of(page);
    let streamed = stream(syntax, page, &mut random, usize::MAX);
    match (&whole, &streamed.ended) {
        (Ok(families), None) => streamed.assert_is(families),
        (Err(one), Some(other)) => {
            assert_eq!(one.to_string(), other.to_string());
            assert_is_on(page, one);
        }
        (whole, streamed) => panic!("as a whole it gives {whole:?}, piece by piece it ends with {streamed:?}"),
    }
    // What is too long for it is refused or, where the format allows, given as it stands.
    let limit = usize::from(random.byte());
    if let Some(error) = stream(syntax, page, &mut random, limit).ended {
        assert_is_on(page, &error);
    }
    if let Ok(families) = whole {
        assert_reads_back(syntax, &families);
    }
}

/// What was read is written, and reads the same. A page may say what the encoder says in another way: that is stable then.
fn assert_reads_back(syntax: &Syntax, families: &[MetricFamily]) {
    let page = exposition::encode(syntax.format, families);
    let lines = syntax.format.content_type().starts_with("text/plain");
    if lines && families.windows(2).any(|pair| pair[0].name() == pair[1].name()) {
        // A sample of a name that its family's type doesn't have, as `x` of the histogram `x`, which readers of the text
        // format let pass: it is a family of the same name, and no page can say both types.
        return;
    }
    let read = |page: &[u8]| match (syntax.whole)(page) {
        Ok(families) => families,
        Err(error) => panic!("what was written of {families:?} is refused: {error}\n{}", page.escape_ascii()),
    };
    let again = read(&page);
    if lines && families.iter().any(repeats) {
        // Of a series that stands there twice nobody can tell which sample is of which.
        return;
    }
    if (syntax.written)(families) {
        same::assert_families(&again, families, &|| format!("it was written as {}", page.escape_ascii()));
    } else {
        let page = exposition::encode(syntax.format, &again);
        same::assert_families(&read(&page), &again, &|| format!("it was written as {}", page.escape_ascii()));
    }
}

/// The text format has no gauge histograms: what another library wrote of one comes back as three families.
fn all_in_text(families: &[MetricFamily]) -> bool {
    families.iter().all(|family| family.kind() != MetricKind::GaugeHistogram && !family.series().iter().any(falls))
}

fn all_in_openmetrics(families: &[MetricFamily]) -> bool {
    // An exemplar may stand on any bucket above its value, and is written on the lowest.
    let exemplars = |series: &SeriesSnapshot| !series.exemplars().is_empty();
    // Of two points that are nearer than a nanosecond nobody can tell which has the sample that one of them lacks.
    let irregular = |series: &SeriesSnapshot| matches!(series.value(), Value::Irregular(_));
    let torn = |pair: &[SeriesSnapshot]| {
        let labels = |at: usize| pair[at].labels().collect::<BTreeSet<_>>();
        pair.iter().any(irregular) && pair[0].timestamp() == pair[1].timestamp() && labels(0) == labels(1)
    };
    families.iter().all(|family| {
        let series = family.series();
        !series.iter().any(exemplars) && !series.windows(2).any(torn)
    })
}

fn all_in_protobuf(families: &[MetricFamily]) -> bool {
    let written = |family: &MetricFamily| {
        let unit = family.unit().is_none_or(|unit| {
            let name = family.name();
            let base = if family.kind() == MetricKind::Counter { name.strip_suffix("_total") } else { None };
            base.unwrap_or(name).strip_suffix(unit).is_some_and(|rest| rest.ends_with('_'))
        });
        unit && family.series().iter().all(|series| {
            let regular = !matches!(series.value(), Value::Irregular(_));
            // No other library says of a gauge histogram when it began.
            let created = family.kind() != MetricKind::GaugeHistogram || series.created().is_none();
            // Of several in a bucket one is written.
            regular && created && (family.kind() == MetricKind::Counter || series.exemplars().is_empty())
        })
    };
    families.iter().all(written)
}

/// Whether there are several series with the same labels that have several samples each.
fn repeats(family: &MetricFamily) -> bool {
    if !matches!(family.kind(), MetricKind::Histogram | MetricKind::Summary | MetricKind::GaugeHistogram) {
        return false;
    }
    let mut seen = HashSet::new();
    family.series().iter().any(|series| !seen.insert(series.labels().collect::<BTreeSet<_>>()))
}

/// A histogram with bounds below zero, of which no sum is written.
fn falls(series: &SeriesSnapshot) -> bool {
    match series.value() {
        Value::Histogram(histogram) => histogram.buckets().next().is_some_and(|(bound, _)| bound < 0.0),
        _ => false,
    }
}

/// An error's place is a character of the page, or the end of a line, or where the next line would begin.
fn assert_is_on(page: &[u8], error: &Error) {
    if let Some(offset) = error.offset() {
        assert!(usize::try_from(offset).is_ok_and(|offset| offset <= page.len()), "{error}: no such byte");
        return;
    }
    let (Some(line), Some(column)) = (error.line(), error.column()) else { panic!("{error} has no place") };
    let mut lines = page.split(|byte| *byte == b'\n').chain([&b""[..]]);
    let text = lines.nth(line - 1).unwrap_or_else(|| panic!("{error}: no such line"));
    let most = String::from_utf8_lossy(text).chars().count() + 1;
    assert!((1..=most).contains(&column), "{error}: that line has {most} columns");
}

/// What a reader told.
struct Streamed {
    families: Vec<(MetricFamily, Vec<(usize, SeriesSnapshot)>)>,
    helps: Vec<(usize, String)>,
    units: Vec<(usize, String)>,
    ended: Option<Error>,
}

fn stream(syntax: &Syntax, page: &[u8], random: &mut Random, limit: usize) -> Streamed {
    let longest = 1 << (random.byte() % 12);
    let mut reader = (syntax.reader)(Pieces { rest: page, longest, random: random.fork() }).limit(limit);
    let mut streamed = Streamed { families: Vec::new(), helps: Vec::new(), units: Vec::new(), ended: None };
    while let Some(event) = reader.next() {
        let at = streamed.families.len().wrapping_sub(1);
        match event {
            Ok(Event::Family(family)) => streamed.families.push((family, Vec::new())),
            Ok(Event::Series(series)) => streamed.families[at].1.push((reader.line(), series)),
            Ok(Event::Help(help)) => streamed.helps.push((at, help)),
            Ok(Event::Unit(unit)) => streamed.units.push((at, unit)),
            Ok(other) => panic!("{other:?} is new"),
            Err(error) => streamed.ended = Some(error),
        }
    }
    assert!(reader.next().is_none(), "it goes on behind its end");
    streamed
}

impl Streamed {
    fn assert_is(mut self, families: &[MetricFamily]) {
        let what = || "piece by piece it differs".to_owned();
        assert_eq!(self.families.len(), families.len(), "{}", what());
        for (at, ((head, series), family)) in self.families.iter_mut().zip(families).enumerate() {
            // A help text that stands behind samples is told behind them.
            let help = self.helps.iter().rfind(|(of, _)| *of == at).map_or(head.help(), |(_, help)| help);
            assert_eq!((head.name(), head.kind()), (family.name(), family.kind()), "{}", what());
            let unit = self.units.iter().rfind(|(of, _)| *of == at).map(|(_, unit)| &**unit).or(head.unit());
            let unit = unit.filter(|unit| !unit.is_empty());
            assert_eq!((help, unit), (family.help(), family.unit()), "{}", what());
            // They are told when they are complete.
            series.sort_by_key(|(line, _)| *line);
            let series: Vec<_> = series.drain(..).map(|(_, series)| series).collect();
            same::assert_series(&series, family.series(), &what);
        }
    }
}

/// Gives a page in pieces of any length, and is interrupted now and then.
#[derive(Debug)]
pub struct Pieces<'a> {
    rest: &'a [u8],
    longest: usize,
    random: Random,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let byte = self.random.byte();
        if byte.is_multiple_of(16) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = (1 + usize::from(byte) % self.longest).min(self.rest.len()).min(buffer.len());
        let (piece, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.rest = rest;
        Ok(length)
    }
}
