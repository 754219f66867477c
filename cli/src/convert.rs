//! `tallymark convert`: a page in another format.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use tallymark::exposition::{Escaping, encode};
use tallymark::{MetricFamily, MetricKind, Number, SeriesSnapshot, Value};

use crate::args::Convert;
use crate::check::is_below_zero;
use crate::created::{Folded, fold};
use crate::error::Error;
use crate::format::Format;
use crate::print::{harmless, labels, name_of, output, warn};

pub(crate) fn run(convert: &Convert) -> Result<ExitCode, Error> {
    let page = convert.source.page(&convert.request)?;
    let from = page.format(convert.from);
    let families = from.read(&page.bytes).map_err(|error| {
        let (name, title) = (&page.name, from.title());
        let hint = if page.served { page.hint() } else { "; `--from` says another format".to_owned() };
        Error::failed(format!("`{name}` can't be read as {title}: {error}{hint}"))
    })?;
    let families = together(families)?;
    // Text has them as they are, so that on the way from text to text nothing is lost.
    let folds = from.is_text() && !convert.to.is_text();
    let Folded { families, helps } = if folds { fold(families) } else { Folded { families, helps: 0 } };
    let target = convert.to.written(convert.escaping);
    if convert.to == Format::Protobuf {
        refuse_rounded(&families)?;
    }
    let written = encode(target, &families);
    // A page that can't be read is worse than none.
    let read = convert.to.read(&written).map_err(|error| {
        let (name, title, text) = (&page.name, convert.to.title(), error.text);
        Error::failed(format!(
            "`{name}` isn't written, since no reader of {title} would take the page: {text}; `tallymark check` says what \
             to mend"
        ))
    })?;
    match &convert.output {
        None => {
            let mut out = output();
            out.write_all(&written)?;
            out.flush()?;
        }
        Some(path) => replace(path, &written).map_err(|error| {
            Error::failed(format!("`{}` can't be written: {error}", harmless(&path.to_string_lossy())))
        })?,
    }
    let mut losses = Losses { helps, ..Losses::default() };
    for family in &families {
        losses.of_family(family, convert.to, target.escaping());
    }
    if convert.to == Format::OpenMetrics {
        losses.of_observations(&families, &read);
    }
    losses.told(convert.to, target.escaping()).iter().for_each(|loss| warn(loss));
    Ok(ExitCode::SUCCESS)
}

/// The families, each in one place, as all formats but text want it.
fn together(families: Vec<MetricFamily>) -> Result<Vec<MetricFamily>, Error> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<MetricFamily> = Vec::new();
    for family in families {
        match places.get(family.name()).and_then(|at| all.get_mut(*at)) {
            None => {
                places.insert(family.name().to_owned(), all.len());
                all.push(family);
            }
            Some(there) => {
                let kind = there.kind();
                if let Some(other) = there.append(family) {
                    let (name, other) = (name_of(other.name()).into_owned(), other.kind());
                    return Err(Error::failed(format!(
                        "`{name}` is of the type {kind} in one place and {other} in another; call one of them something else"
                    )));
                }
            }
        }
    }
    Ok(all)
}

/// Protobuf has all numbers but those of observations as doubles.
fn refuse_rounded(families: &[MetricFamily]) -> Result<(), Error> {
    for family in families {
        for series in family.series() {
            if let Value::Number(number) = series.value()
                && matches!(number, Number::Unsigned(_) | Number::Signed(_))
                && Number::from(number.as_f64()) != *number
            {
                let (name, labels) = (name_of(family.name()), labels(series.labels()));
                let number = crate::number::exact(*number);
                return Err(Error::failed(format!(
                    "`{name}{labels}` is {number}, which protobuf, where it is a double, would round; convert to openmetrics"
                )));
            }
        }
    }
    Ok(())
}

/// Writes a file as a whole or not at all: who reads it meanwhile, as Prometheus' textfile collector does, never sees a
/// part of it.
fn replace(path: &Path, page: &[u8]) -> io::Result<()> {
    // A terminal or a pipe can't be replaced.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return File::options().write(true).open(path)?.write_all(page);
    }
    // What a link points to is what is meant.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(page)?;
        if let Ok(there) = fs::metadata(&path) {
            file.set_permissions(there.permissions())?;
        }
        drop(file);
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// What a format can't say, and how often that stood there.
#[derive(Debug, Default)]
struct Losses {
    exemplars: usize,
    created: usize,
    helps: usize,
    native: usize,
    irregular: usize,
    sums: usize,
    quantiles: usize,
    timestamps: usize,
    units: usize,
    types: Vec<(MetricKind, usize)>,
    renamed: usize,
    names: usize,
}

impl Losses {
    fn of_family(&mut self, family: &MetricFamily, to: Format, escaping: Escaping) {
        let kind = family.kind();
        let text = to.is_text();
        if says_type_as_another(kind, to) {
            match self.types.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => self.types.push((kind, 1)),
            }
        }
        // Formats that have units have those that the name ends in.
        self.units += usize::from(family.unit().is_some_and(|unit| text || !ends_in(family, unit)));
        self.renamed +=
            usize::from(to == Format::OpenMetrics && kind == MetricKind::Counter && !family.name().ends_with("_total"));
        if escaping != Escaping::AllowUtf8 {
            self.names += usize::from(!is_plain(family.name(), true));
        }
        for series in family.series() {
            if escaping != Escaping::AllowUtf8 {
                self.names += series.labels().filter(|(name, _)| !is_plain(name, false)).count();
            }
            self.exemplars += if text { series.exemplars().len() } else { 0 };
            self.created += usize::from(text && series.created().is_some());
            let millis = to != Format::OpenMetrics;
            self.timestamps += usize::from(millis && series.timestamp().is_some_and(|at| at.nanos() % 1_000_000 != 0));
            match series.value() {
                Value::Histogram(histogram) => {
                    self.native += usize::from(to != Format::Protobuf && histogram.native().is_some());
                }
                Value::Irregular(_) => self.irregular += usize::from(to == Format::Protobuf),
                _ => {}
            }
        }
    }

    /// What `OpenMetrics` has no place for, of histograms and summaries and of what makes none: of that it takes some,
    /// which is seen in the page that was written.
    fn of_observations(&mut self, families: &[MetricFamily], read: &[MetricFamily]) {
        let (mut series, mut irregular) = (0_usize, 0_usize);
        for family in families {
            for value in family.series().iter().map(SeriesSnapshot::value).filter(|value| counts_observations(value)) {
                series += 1;
                irregular += usize::from(matches!(value, Value::Irregular(_)));
                self.sums += usize::from(has_other_sum(family.kind(), value));
                if let Value::Summary(summary) = value {
                    self.quantiles += summary.quantiles().iter().filter(|(_, value)| *value < 0.0).count();
                }
            }
        }
        let read = read.iter().flat_map(MetricFamily::series).filter(|series| counts_observations(series.value()));
        self.irregular = irregular.min(series.saturating_sub(read.count()));
    }

    fn told(&self, to: Format, escaping: Escaping) -> Vec<String> {
        let title = to.title();
        let mut told = Vec::new();
        let mut tell = |count: usize, one: &str, many: &str, what: &str| {
            if count > 0 {
                told.push(format!("{} {what}", crate::print::count(count, one, many)));
            }
        };
        let none = format!("left out, of which {title} has none");
        tell(self.exemplars, "exemplar", "exemplars", &none);
        tell(self.created, "created time", "created times", &none);
        let helps = "left out, of gauges whose times stand with the series that they are of";
        tell(self.helps, "help text", "help texts", helps);
        let units =
            if to.title() == Format::Text.title() { none } else { "left out that the name doesn't end in".to_owned() };
        tell(self.units, "unit", "units", &units);
        tell(
            self.native,
            "native histogram",
            "native histograms",
            "written by classic buckets alone; protobuf has native ones",
        );
        let irregular = match to {
            Format::Protobuf => "written in part whose samples don't make one",
            _ => "left out whose samples don't make one, which OpenMetrics refuses",
        };
        tell(self.irregular, "histogram or summary", "histograms or summaries", irregular);
        let negative = "left out for being below zero, or of buckets below zero, which OpenMetrics refuses";
        tell(self.sums, "sum", "sums", negative);
        tell(self.quantiles, "quantile", "quantiles", "left out for being below zero, which OpenMetrics refuses");
        tell(self.timestamps, "timestamp", "timestamps", "rounded down to milliseconds");
        for (kind, count) in &self.types {
            let word = if *kind == MetricKind::GaugeHistogram { "histogram" } else { "gauge" };
            let what = format!("of the type {kind}, which that format calls {word}");
            tell(*count, "family", "families", &what);
        }
        tell(self.renamed, "counter", "counters", "whose name now ends in `_total`");
        let escaped = format!("escaped by `{}`", escaping.as_str());
        tell(self.names, "name", "names", &escaped);
        told
    }
}

fn counts_observations(value: &Value) -> bool {
    matches!(value, Value::Histogram(_) | Value::Summary(_) | Value::Irregular(_))
}

/// Whether `OpenMetrics` refuses the sum: below zero it is none of a counter, and where buckets are below zero it may fall.
fn has_other_sum(kind: MetricKind, value: &Value) -> bool {
    match value {
        Value::Summary(summary) => summary.sum() < 0.0,
        Value::Histogram(histogram) => {
            let below_zero = is_below_zero(histogram);
            match kind {
                MetricKind::GaugeHistogram => histogram.sum() < 0.0 && !below_zero,
                _ => histogram.sum() < 0.0 || (below_zero && !histogram.sum().is_nan()),
            }
        }
        _ => false,
    }
}

fn ends_in(family: &MetricFamily, unit: &str) -> bool {
    let name = family.name();
    let name = if family.kind() == MetricKind::Counter { name.strip_suffix("_total").unwrap_or(name) } else { name };
    name.strip_suffix(unit).is_some_and(|before| before.ends_with('_'))
}

/// Types that a format has no word for.
fn says_type_as_another(kind: MetricKind, to: Format) -> bool {
    match kind {
        MetricKind::Info | MetricKind::StateSet => to != Format::OpenMetrics,
        MetricKind::GaugeHistogram => to.is_text(),
        _ => false,
    }
}

fn is_plain(name: &str, metric: bool) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (metric && c == ':');
    !name.is_empty() && name.chars().all(allowed) && !name.starts_with(|c: char| c.is_ascii_digit())
}
