//! The rules of `OpenMetrics`.
//!
//! Each names the section of <https://prometheus.io/docs/specs/om/open_metrics_spec/> (version 1.0.0) that has it.

use super::descriptor::{Word, read_strictly};
use super::error::{Fault, fault, fault_above};
use super::family::{Family, Role};
use super::hash::{Key, Seen};
use super::label::{shown, unescaped};
use super::lines::Line;
use super::number;
use super::page::{Page, Read};
use super::point::Point;
use super::sample::Sample;
use crate::descriptor::MetricKind;
use crate::snapshot::{Exemplar, Number};

impl Page {
    #[inline]
    pub(super) fn openmetrics_line(&mut self, line: Line<'_>, number: usize) -> Result<(), Fault> {
        if self.ended {
            return fault(0, "the page goes on behind `# EOF`, which is to be its last line");
        }
        let line = match line.text {
            Ok(line) => line,
            Err(error) => return fault(error.valid_up_to(), "the page isn't UTF-8 here"),
        };
        if !line.starts_with('#') {
            return self.sample_line(line, number);
        }
        if line == "# EOF" {
            self.finish_family()?;
            self.ended = true;
            return Ok(());
        }
        self.descriptor(line, number)
    }

    /// "`MetricFamily` metadata".
    #[inline]
    fn descriptor(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        let said = read_strictly(line)?;
        let name = shown(&said.name);
        if self.family.as_ref().is_none_or(|family| family.base != *said.name) {
            self.finish_family()?;
            self.family = Some(Family::new(said.name.into_owned(), said.quoted, None, number));
        }
        let Some(family) = &mut self.family else { return Ok(()) };
        let word = said.word.as_str();
        if family.begun {
            return fault(0, format!("`# {word} {name}` is to stand in front of the samples of `{name}`"));
        }
        let again = match said.word {
            Word::Help => family.help.replace(unescaped(said.text, true)).is_some(),
            Word::Type => {
                let Some(kind) = kind(said.text) else {
                    let types = "counter, gauge, histogram, gaugehistogram, summary, info, stateset or unknown";
                    return fault(said.at, format!("a type is one of {types}, not `{}`", shown(said.text)));
                };
                family.kind.replace(kind).is_some()
            }
            Word::Unit => {
                check_unit(family, said.text, said.at)?;
                family.unit.replace(said.text.to_owned()).is_some()
            }
        };
        if again {
            return fault(0, format!("`# {word} {name}` stands there twice"));
        }
        Ok(())
    }

    /// Begins a family of which nothing was said, with a sample that isn't of the last one ("`MetricFamily`").
    #[inline]
    pub(super) fn begin_unknown(&mut self, name: &str, sample: &Sample, number: usize) -> Result<Role, Fault> {
        if let Some(family) = &self.family {
            let (kind, base) = (family.kind(), &family.base);
            if name.strip_prefix(base.as_str()).is_some_and(|suffix| kind.suffixes().contains(&suffix)) {
                let (name, base) = (shown(name), shown(base));
                let samples = sample_names(kind, &base);
                return fault(
                    sample.name.start,
                    format!("`{name}` is no sample of the {kind} `{base}`, whose samples are {samples}"),
                );
            }
        }
        self.finish_family()?;
        self.family = Some(Family::new(name.to_owned(), sample.quoted, None, number));
        Ok(Role::Value)
    }

    /// Makes sure that a series that has one sample may stand here ("Metric": not interleaved, each once).
    #[inline]
    pub(super) fn check_alone(&mut self, read: &Read<'_>) -> Result<(), Fault> {
        let Some(family) = &mut self.family else { return Ok(()) };
        let last = self.point.hash;
        let hash = match last {
            Some(last) if read.continued => last,
            _ => family.names.hash(read.labels, self.key),
        };
        self.point.hash = Some(hash);
        let before = std::mem::replace(&mut self.point.timestamp, read.timestamp);
        if last == Some(hash) {
            return match (before, read.timestamp) {
                (Some(before), Some(now)) if before <= now => Ok(()),
                (Some(_), Some(_)) => fault(read.at, BACK),
                (None, None) => fault(read.at, "this series stands there twice"),
                _ => fault(read.at, MIXED),
            };
        }
        let info = family.kind() == MetricKind::Info;
        // Of an info nobody can tell which of its labels are those of the series: another text may be a later point.
        if self.series.insert(hash, 0).is_some() && !(info && read.timestamp.is_some()) {
            return fault(read.at, APART);
        }
        Ok(())
    }

    /// Whether a sample is another one of the point that was read last; else makes room for the next.
    #[inline]
    pub(super) fn continues_openmetrics(&mut self, read: &Read<'_>) -> Result<bool, Fault> {
        let open = !self.point.is_empty();
        if !(open && (read.continued || read.labels.are(&self.point.labels))) {
            let Some(family) = &mut self.family else { return Ok(false) };
            let hash = family.names.hash(read.labels, self.key);
            // The labels may stand in another order.
            if !open || self.point.hash != Some(hash) {
                self.finish_point()?;
                if self.series.insert(hash, 0).is_some() {
                    return fault(read.at, APART);
                }
                self.point.hash = Some(hash);
                return Ok(false);
            }
        }
        let again = is_again(&self.point, read);
        let next = match (self.point.timestamp, read.timestamp) {
            (None, None) if again => return fault(read.at, said_again(&self.point, read)),
            (None, None) => false,
            (Some(before), Some(now)) if before == now => {
                // Instants that are nearer than a nanosecond are the same here.
                if again && read.role == Role::Bucket && !self.point.infinite {
                    return fault(read.at, said_again(&self.point, read));
                }
                again
            }
            (Some(before), Some(now)) if before < now => true,
            (Some(_), Some(_)) => return fault(read.at, BACK),
            _ => return fault(read.at, MIXED),
        };
        if next {
            self.finish_point()?;
            return Ok(false);
        }
        if let (Role::Bucket, Some((_, below))) = (read.role, self.point.last)
            && read.value.as_f64() < below.as_f64()
        {
            return fault(read.at, "buckets are cumulative: this one has less than the one below it");
        }
        Ok(true)
    }
}

const APART: &str =
    "samples of this series stand further up, with others between them; write all of them together, and each once";
const BACK: &str = "the timestamps of a series are not to go back";
const MIXED: &str = "either all samples of a series have timestamps or none has";

/// Whether the point has such a sample already.
#[inline]
fn is_again(point: &Point, read: &Read<'_>) -> bool {
    let own = read.own.as_ref();
    match read.role {
        Role::Value if own.is_none() => point.value.is_some(),
        Role::Value => point.begins_with(Role::Value, own.map(|(text, _, _)| &**text)),
        Role::Bucket => point.last.zip(own).is_some_and(|((last, _), (_, _, bound))| *bound <= last),
        Role::Sum => point.sum.is_some(),
        Role::Count => point.count.is_some(),
        Role::Created => point.created.is_some(),
    }
}

#[cold]
#[inline]
fn said_again(point: &Point, read: &Read<'_>) -> &'static str {
    match (read.role, point.last, &read.own) {
        (Role::Bucket, Some((last, _)), Some((_, _, bound))) if *bound < last => {
            "buckets are to be sorted by rising `le`"
        }
        _ => "this sample stands there twice",
    }
}

/// "ABNF", `metric-type`.
#[inline]
fn kind(word: &str) -> Option<MetricKind> {
    const KINDS: [MetricKind; 8] = [
        MetricKind::Counter,
        MetricKind::Gauge,
        MetricKind::Histogram,
        MetricKind::Summary,
        MetricKind::Info,
        MetricKind::StateSet,
        MetricKind::GaugeHistogram,
        MetricKind::Unknown,
    ];
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

/// "Unit": a suffix of the name behind an underscore, of the characters that names have. An empty one is none.
#[inline]
fn check_unit(family: &Family, unit: &str, at: usize) -> Result<(), Fault> {
    if unit.is_empty() {
        return Ok(());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    if !family.quoted && !unit.bytes().all(allowed) {
        return fault(at, format!("a unit has letters, digits, `_` and `:` alone, not `{}`", shown(unit)));
    }
    if family.base.strip_suffix(unit).is_none_or(|name| !name.ends_with('_')) {
        let (name, unit) = (shown(&family.base), shown(unit));
        return fault(at, format!("the name ends in its unit; call the family `{name}_{unit}`"));
    }
    Ok(())
}

/// "Suffixes" and "Unit": makes sure that the family may be there, and takes its names.
#[inline]
pub(super) fn check_family(family: &Family, names: &mut Seen, key: Key) -> Result<(), Fault> {
    let kind = family.kind();
    if !kind.has_unit() && family.unit.as_ref().is_some_and(|unit| !unit.is_empty()) {
        let name = shown(&family.base);
        return fault_above(family.line, format!("`{name}` is of the type {kind}, which has no unit"));
    }
    for suffix in kind.suffixes() {
        let name = [&family.base, *suffix].concat();
        if names.insert(key.hash(name.as_bytes(), b""), 0).is_some() {
            let (base, name) = (shown(&family.base), shown(&name));
            return fault_above(
                family.line,
                format!(
                    "the {kind} `{base}` would have the name `{name}`, which a family further up has; each family stands in \
                     one place, and none has a name of another's samples"
                ),
            );
        }
    }
    Ok(())
}

/// Makes sure that a sample is one of its type ("Metric types").
#[inline]
pub(super) fn check(family: &Family, read: &Read<'_>, sample: &Sample) -> Result<(), Fault> {
    let kind = family.kind();
    match (kind, read.role) {
        (_, Role::Created) | (MetricKind::Gauge | MetricKind::Unknown, _) => {}
        (_, Role::Bucket) => check_bucket(read, sample)?,
        (_, Role::Count) => check_count(read, sample)?,
        (MetricKind::Summary, Role::Value) => check_quantile(read, sample)?,
        (MetricKind::StateSet, _) => check_state(family, read, sample)?,
        (MetricKind::Info, _) if read.value != Number::Unsigned(1) => {
            return fault(sample.value.start, "an info's value is 1");
        }
        (MetricKind::GaugeHistogram, _) if read.value.as_f64().is_nan() => {
            return fault(sample.value.start, "a sum is not to be NaN");
        }
        (MetricKind::Info | MetricKind::GaugeHistogram, _) => {}
        // Counters, and the sums of histograms and summaries.
        _ if read.value.as_f64() >= 0.0 => {}
        (_, Role::Sum) => {
            return fault(sample.value.start, "a sum only goes up, so it is neither negative nor NaN");
        }
        _ => return fault(sample.value.start, "a counter only goes up, so it is neither negative nor NaN"),
    }
    match (&read.exemplar, sample.exemplar) {
        (Some(exemplar), Some(parts)) => check_exemplar(kind, read, exemplar, parts.start),
        _ => Ok(()),
    }
}

/// "Histogram" and "Canonical Numbers".
#[inline]
fn check_bucket(read: &Read<'_>, sample: &Sample) -> Result<(), Fault> {
    match &read.own {
        None => fault(read.at, "a bucket has its upper bound in the label `le`, as in `le=\"0.5\"`"),
        Some((_, at, bound)) if bound.is_nan() => fault(*at, "a bucket's bound is not to be NaN"),
        Some((text, at, f64::INFINITY)) if *text != "+Inf" => {
            fault(*at, "the bound of the last bucket is to be written `+Inf`")
        }
        Some(_) => check_count(read, sample),
    }
}

#[inline]
fn check_count(read: &Read<'_>, sample: &Sample) -> Result<(), Fault> {
    match number::count(read.value) {
        Some(_) => Ok(()),
        None => fault(sample.value.start, "what is counted is an integer that is not negative"),
    }
}

/// "Summary".
#[inline]
fn check_quantile(read: &Read<'_>, sample: &Sample) -> Result<(), Fault> {
    match &read.own {
        None => fault(
            read.at,
            "a summary's sample is a quantile, as in `quantile=\"0.5\"`, or its name ends in `_sum` or `_count`",
        ),
        Some((_, at, quantile)) if !(0.0..=1.0).contains(quantile) => fault(*at, "a quantile is between 0 and 1"),
        Some(_) if read.value.as_f64() < 0.0 => {
            fault(sample.value.start, "the value of a quantile is not to be negative")
        }
        Some(_) => Ok(()),
    }
}

/// "`StateSet`".
#[inline]
fn check_state(family: &Family, read: &Read<'_>, sample: &Sample) -> Result<(), Fault> {
    if read.own.is_none() {
        let name = shown(&family.base);
        return fault(read.at, format!("a sample of a state set has its state in the label `{name}`"));
    }
    if read.value != Number::Unsigned(0) && read.value != Number::Unsigned(1) {
        return fault(sample.value.start, "a state holds, which is 1, or doesn't, which is 0");
    }
    Ok(())
}

/// "Exemplars".
#[inline]
fn check_exemplar(kind: MetricKind, read: &Read<'_>, exemplar: &Exemplar, at: usize) -> Result<(), Fault> {
    let counter = kind == MetricKind::Counter && read.role == Role::Value;
    if !counter && read.role != Role::Bucket {
        return fault(at, "only counters and buckets have exemplars");
    }
    let length: usize = exemplar.labels().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if length > Exemplar::MAX_LENGTH {
        let most = Exemplar::MAX_LENGTH;
        return fault(at, format!("an exemplar's labels have {most} characters at most together; these have {length}"));
    }
    match &read.own {
        Some((_, _, bound)) if exemplar.value().as_f64() > *bound || exemplar.value().as_f64().is_nan() => {
            fault(at, "the value of an exemplar lies in its bucket, so it is not above `le`")
        }
        _ => Ok(()),
    }
}

/// Makes sure that nothing of a point is missing ("Metric types").
#[inline]
pub(super) fn check_point(family: &Family, point: &Point) -> Result<(), Fault> {
    let (kind, name) = (family.kind(), &family.base);
    let (sum, count) = match kind {
        MetricKind::GaugeHistogram => ("_gsum", "_gcount"),
        _ => ("_sum", "_count"),
    };
    let wrong = match kind {
        MetricKind::Histogram | MetricKind::GaugeHistogram => match (point.sum, point.count, point.last) {
            _ if !point.infinite => "has no bucket with `le=\"+Inf\"`".to_owned(),
            (Some(_), _, _) if point.negative && kind == MetricKind::Histogram => {
                format!("has buckets below zero, so its sum could fall; leave out `{sum}` and `{count}`")
            }
            (Some(_), None, _) => format!("has `{sum}` but no `{count}`; write both or none"),
            (None, Some(_), _) => format!("has `{count}` but no `{sum}`; write both or none"),
            (_, Some(count_of_all), Some((_, all))) if count_of_all != all => {
                format!("has a `{count}` that differs from its bucket with `le=\"+Inf\"`")
            }
            (Some(below), _, _) if below.as_f64() < 0.0 && !point.negative => {
                format!("has a negative `{sum}`, but no bucket below zero")
            }
            _ => return Ok(()),
        },
        MetricKind::Counter if point.value.is_none() => "has no sample `_total`".to_owned(),
        MetricKind::Summary | MetricKind::StateSet => match point.twice(kind == MetricKind::Summary) {
            Some(own) => format!("has two samples for `{}`", shown(own)),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    fault_above(point.line, format!("this series of the {kind} `{}` {wrong}", shown(name)))
}

#[cold]
#[inline]
fn sample_names(kind: MetricKind, base: &str) -> String {
    let names: Vec<String> = match kind {
        MetricKind::Counter => vec!["_total", "_created"],
        MetricKind::Histogram => vec!["_bucket", "_sum", "_count", "_created"],
        MetricKind::GaugeHistogram => vec!["_bucket", "_gsum", "_gcount"],
        MetricKind::Info => vec!["_info"],
        _ => kind.suffixes().to_vec(),
    }
    .into_iter()
    .map(|suffix| format!("`{base}{suffix}`"))
    .collect();
    names.join(", ")
}
