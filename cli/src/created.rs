//! Gauges that say since when the series of another family count. The text format has nothing else for that: Python's
//! client writes them there by default, and our exporter where it is asked to.

use std::collections::HashMap;

use tallymark::{MetricFamily, MetricKind, Number, SeriesSnapshot, Timestamp, Value};

use crate::number::exact;
use crate::print::{labels, name_of};

/// A gauge `x_created` beside the one counter `x_total` or `x`, histogram or summary `x` that a page has.
#[derive(Debug)]
pub(crate) struct Created<'a> {
    pub(crate) name: &'a str,
    /// The other, where it stands first.
    pub(crate) of: &'a MetricFamily,
    /// Its places among the families.
    pub(crate) places: Vec<usize>,
    /// Since when each series counts: all that the gauge says, or why it says something else.
    pub(crate) times: Result<Vec<(Place, Timestamp)>, String>,
}

/// A family and a series in it.
type Place = (usize, usize);

/// The gauges of that name among families read from text.
pub(crate) fn gauges(families: &[MetricFamily]) -> Vec<Created<'_>> {
    let mut counting: HashMap<String, Option<Placed<'_>>> = HashMap::new();
    for (at, family) in families.iter().enumerate() {
        let base = match family.kind() {
            MetricKind::Counter => family.name().strip_suffix("_total").unwrap_or(family.name()),
            MetricKind::Histogram | MetricKind::Summary => family.name(),
            _ => continue,
        };
        let of = counting.entry(format!("{base}_created")).or_insert_with(|| Some(Placed::new(family)));
        match of {
            Some(placed) if placed.is(family) => placed.places.push(at),
            // Of which of them it tells, nobody knows.
            _ => *of = None,
        }
    }
    let mut gauges: Vec<Placed<'_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (at, family) in families.iter().enumerate() {
        if family.kind() == MetricKind::Gauge && matches!(counting.get(family.name()), Some(Some(_))) {
            let gauge = *known.entry(family.name()).or_insert(gauges.len());
            if gauge == gauges.len() {
                gauges.push(Placed::new(family));
            }
            gauges[gauge].places.push(at);
        }
    }
    let created = gauges.into_iter().filter_map(|gauge| {
        let of = counting.get(gauge.first.name())?.as_ref()?;
        let times = times(&gauge, of, families);
        Some(Created { name: gauge.first.name(), of: of.first, places: gauge.places, times })
    });
    created.collect()
}

/// Families in which each series says itself since when it counts.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) families: Vec<MetricFamily>,
    /// How many of the gauges had a help text that no family has now.
    pub(crate) helps: usize,
}

/// Gives series the times that gauges say of them, and leaves these gauges out. Each family stands in one place.
pub(crate) fn fold(families: Vec<MetricFamily>) -> Folded {
    let mut times: HashMap<Place, Timestamp> = HashMap::new();
    let mut told = vec![false; families.len()];
    let mut helps = 0;
    for gauge in gauges(&families) {
        let Ok(said) = gauge.times else { continue };
        for at in gauge.places {
            told[at] = true;
            let help = families[at].help();
            helps += usize::from(!help.is_empty() && help != gauge.of.help());
        }
        times.extend(said);
    }
    let mut kept = Vec::with_capacity(families.len());
    for (at, mut family) in families.into_iter().enumerate().filter(|(at, _)| !told[*at]) {
        let mut places = (0..).map(|series| (at, series));
        family.set_created(|_| times.get(&places.next()?).copied());
        kept.push(family);
    }
    Folded { families: kept, helps }
}

/// A family, and its places on the page, where it may stand in several.
#[derive(Debug)]
struct Placed<'a> {
    first: &'a MetricFamily,
    places: Vec<usize>,
}

impl<'a> Placed<'a> {
    fn new(first: &'a MetricFamily) -> Self {
        Self { first, places: Vec::new() }
    }

    fn is(&self, family: &MetricFamily) -> bool {
        (self.first.name(), self.first.kind()) == (family.name(), family.kind())
    }

    fn series<'f>(&self, families: &'f [MetricFamily]) -> impl Iterator<Item = (Place, &'f SeriesSnapshot)> {
        self.places.iter().flat_map(|&at| {
            let series = families[at].series().iter().enumerate();
            series.map(move |(number, series)| ((at, number), series))
        })
    }
}

fn times(gauge: &Placed<'_>, of: &Placed<'_>, families: &[MetricFamily]) -> Result<Vec<(Place, Timestamp)>, String> {
    let mut free: HashMap<Identity<'_>, Counted> = HashMap::new();
    for (place, series) in of.series(families) {
        free.entry(identity(series)).and_modify(|known| *known = Counted::Twice).or_insert(Counted::Once(place));
    }
    let stamped = free.keys().any(|(_, timestamp)| timestamp.is_some());
    let mut times = Vec::new();
    for (_, series) in gauge.series(families) {
        let fault = |what: String| Err(format!("`{}{}` {what}", name_of(gauge.first.name()), labels(series.labels())));
        let name = name_of(of.first.name());
        let when = match series.timestamp() {
            Some(_) => " with that timestamp",
            None if stamped => " without a timestamp",
            None => "",
        };
        let Some(time) = time(series) else {
            let told = number(series).map_or_else(String::new, exact);
            return fault(format!(
                "is {told}, no time in seconds since 1970 that is known to the nanosecond and before the year 10000"
            ));
        };
        let Some(counted) = free.get_mut(&identity(series)) else {
            return fault(format!("is of a series that `{name}` doesn't have{when}"));
        };
        match std::mem::replace(counted, Counted::Told) {
            Counted::Once(place) => times.push((place, time)),
            Counted::Twice => return fault(format!("is of a series that `{name}` has twice{when}")),
            Counted::Told => return fault(format!("stands there twice{when}")),
        }
    }
    Ok(times)
}

/// Series that count, by what tells them from others.
#[derive(Debug)]
enum Counted {
    Once(Place),
    Twice,
    /// It is known since when it counts.
    Told,
}

/// What tells a sample from others: a label without text is none.
pub(crate) type Identity<'a> = (Vec<(&'a str, &'a str)>, Option<Timestamp>);

pub(crate) fn identity(series: &SeriesSnapshot) -> Identity<'_> {
    let mut labels: Vec<_> = series.labels().filter(|(_, value)| !value.is_empty()).collect();
    labels.sort_unstable();
    (labels, series.timestamp())
}

fn number(series: &SeriesSnapshot) -> Option<Number> {
    match series.value() {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// The last second of the year 9999, behind which protobuf has no times.
/// (<https://protobuf.dev/reference/protobuf/google.protobuf/#timestamp>)
const LAST: i64 = 253_402_300_799;

/// The instant that a number of seconds is, by the shortest decimal number that reads back as the same one.
fn time(series: &SeriesSnapshot) -> Option<Timestamp> {
    let (seconds, nanos) = match number(series)? {
        Number::Unsigned(seconds) => (i64::try_from(seconds).ok()?, 0),
        Number::Signed(seconds) => (seconds, 0),
        other => {
            let text = Some(other.as_f64()).filter(|seconds| *seconds >= 0.0)?.abs().to_string();
            let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
            if fraction.len() > 9 {
                return None;
            }
            (seconds.parse().ok()?, format!("{fraction:0<9}").parse().ok()?)
        }
    };
    Timestamp::new(seconds, nanos).filter(|_| (0..=LAST).contains(&seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(number: &str) -> Option<(i64, u32)> {
        let families = tallymark::parse::text(format!("# TYPE a gauge\na {number}\n")).unwrap();
        time(&families[0].series()[0]).map(|time| (time.seconds(), time.nanos()))
    }

    #[test]
    fn times_are_as_exact_as_their_numbers() {
        for (number, exact) in [
            ("0", (0, 0)),
            ("-0.0", (0, 0)),
            ("1.7951987870254679e+09", (1_795_198_787, 25_467_900)),
            ("1520430000.123", (1_520_430_000, 123_000_000)),
            ("1520430000", (1_520_430_000, 0)),
            ("1.52043e9", (1_520_430_000, 0)),
            ("0.000000001", (0, 1)),
            ("12345.678901234", (12_345, 678_901_234)),
            ("253402300799.9", (LAST, 900_000_000)),
        ] {
            assert_eq!(time_of(number), Some(exact), "{number}");
        }
        for number in [
            "NaN",
            "+Inf",
            "-Inf",
            "-1",
            "-0.5",
            "1e300",
            "18446744073709551615",
            "253402300800",
            "1e12",
            "1e-10",
            "0.1234567891",
        ] {
            assert_eq!(time_of(number), None, "{number}");
        }
    }
}
