//! Families of which no page can have both, since one has a name of the other.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use tallymark::{MetricFamily, MetricKind};

use super::Place;
use super::finding::Findings;
use super::names::underscored;
use crate::created;
use crate::format::Format;
use crate::print::name_of;

/// Finds families that are called as another one's samples are, or that `OpenMetrics` calls as another one: its names
/// of families are to be unique, also beside those of all samples (1.0.0, "`MetricFamily`: Name" and "Suffixes").
/// Gauges that say since when other series count are families in text alone.
pub(super) fn check(families: &[MetricFamily], places: &[Place], format: Format, findings: &mut Findings) {
    let created = if format.is_text() { created::gauges(families) } else { Vec::new() };
    let mut remains = vec![true; families.len()];
    let mut faults: HashMap<(&str, &str), &str> = HashMap::new();
    for gauge in &created {
        match &gauge.times {
            Ok(_) => gauge.places.iter().for_each(|at| remains[*at] = false),
            Err(fault) => {
                faults.insert((gauge.name, gauge.of.name()), fault);
            }
        }
    }
    let mut told = HashSet::new();
    for reader in [Reader::All, Reader::Plain] {
        let named = Named::new(families, &remains, reader);
        for (at, family) in families.iter().enumerate().filter(|(at, _)| remains[*at]) {
            for &suffix in suffixes(family.kind()) {
                for other in named.others(family, suffix) {
                    // A family may stand in several places.
                    let (one, two) = (family.name(), families[other].name());
                    if !told.insert((one.min(two), one.max(two))) {
                        continue;
                    }
                    // Of two that are one family the later has the wrong name.
                    let (of, called) = if suffix.is_empty() { (at.min(other), at.max(other)) } else { (at, other) };
                    let fault = faults.get(&(families[called].name(), families[of].name())).copied();
                    let clash = Clash { of: &families[of], called: &families[called], suffix, reader, fault };
                    findings.begin(clash.called.name(), places[called].line.or(places[of].line));
                    let (rule, text) = clash.told(places[of].line);
                    findings.tell(rule, &text);
                }
            }
        }
    }
}

/// What the samples of a type add to the name that its family has in `OpenMetrics`, and nothing, which is that name
/// itself (1.0.0, "Suffixes").
fn suffixes(kind: MetricKind) -> &'static [&'static str] {
    match kind {
        MetricKind::Counter => &["", "_total", "_created"],
        MetricKind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
        MetricKind::Summary => &["", "_sum", "_count", "_created"],
        MetricKind::GaugeHistogram => &["", "_bucket", "_gsum", "_gcount"],
        MetricKind::Info => &["", "_info"],
        _ => &[""],
    }
}

/// Whom a name is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// By who takes any characters.
    All,
    /// By who knows only letters, digits and `_`.
    Plain,
}

impl Reader {
    fn name(self, family: &MetricFamily) -> Cow<'_, str> {
        match self {
            Self::All => Cow::Borrowed(family.name()),
            Self::Plain => Cow::Owned(underscored(family.name())),
        }
    }

    /// The name of the family in `OpenMetrics`, to which each suffix is added.
    fn base(self, family: &MetricFamily) -> String {
        let name = self.name(family);
        let ending = match family.kind() {
            MetricKind::Counter => "_total",
            MetricKind::Info => "_info",
            _ => "",
        };
        name.strip_suffix(ending).unwrap_or(&name).to_owned()
    }
}

/// Families by their names in `OpenMetrics`. Of those called alike, which is told elsewhere, only the first.
struct Named<'a> {
    reader: Reader,
    families: &'a [MetricFamily],
    places: HashMap<String, Vec<usize>>,
}

impl<'a> Named<'a> {
    fn new(families: &'a [MetricFamily], remains: &[bool], reader: Reader) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, family) in families.iter().enumerate().filter(|(at, _)| remains[*at]) {
            let there = places.entry(reader.base(family)).or_default();
            let name = reader.name(family);
            if there.iter().all(|&other| reader.name(&families[other]) != name) {
                there.push(at);
            }
        }
        Self { reader, families, places }
    }

    /// Those that are called as a family is with a suffix, but for what is called as the family itself.
    fn others(&self, family: &MetricFamily, suffix: &str) -> impl Iterator<Item = usize> {
        let places = self.places.get(&(self.reader.base(family) + suffix));
        let name = self.reader.name(family);
        places.into_iter().flatten().copied().filter(move |&at| self.reader.name(&self.families[at]) != name)
    }
}

/// Two families, of which one is called as the other is with a suffix.
struct Clash<'a> {
    of: &'a MetricFamily,
    called: &'a MetricFamily,
    suffix: &'static str,
    reader: Reader,
    /// Why the one that is called so isn't taken for the times since when the other one's series count.
    fault: Option<&'a str>,
}

impl Clash<'_> {
    /// The rule, and what is said of the family that is called as the other one, which begins in a line.
    fn told(&self, line: Option<usize>) -> (&'static str, String) {
        let line = line.map(|line| format!(" in line {line}")).unwrap_or_default();
        let of = format!("the {} `{}`{line}", self.of.kind(), name_of(self.of.name()));
        let readers = match self.reader {
            Reader::All => "",
            Reader::Plain => " for readers that know only letters, digits and `_`",
        };
        let any_format = self.is_of_any_format();
        let place = if any_format { "" } else { " in OpenMetrics" };
        let base = self.reader.base(self.called);
        let shown = name_of(&base);
        let mut text = if self.suffix.is_empty() {
            format!("is the family `{shown}`{place}{readers}, and so is {of}")
        } else if base == self.called.name() {
            format!("is called as a sample of {of} is{place}{readers}")
        } else {
            format!("is `{shown}`{place}{readers}, and so is a sample of {of}")
        };
        if !any_format {
            text += ", so that no such page can have both";
        }
        if let Some(fault) = self.fault {
            text.extend([", nor does it just say since when that counts, as ", fault]);
        }
        text += "; call one of them something else";
        if self.fault.is_some() {
            text += ", or leave this one out (in Python by `disable_created_metrics()`), since OpenMetrics itself says when \
                     a series was made";
        }
        (if any_format { "clash" } else { "openmetrics-clash" }, text)
    }

    /// Whether all formats have that sample.
    fn is_of_any_format(&self) -> bool {
        let [of, called] = [self.of, self.called].map(|family| self.reader.name(family));
        matches!(self.suffix, "_bucket" | "_sum" | "_count" | "_gsum" | "_gcount")
            && called.strip_prefix(&*of) == Some(self.suffix)
    }
}
