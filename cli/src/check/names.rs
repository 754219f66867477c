//! Families that get into each other's way.

use std::collections::HashMap;

use tallymark::{MetricFamily, MetricKind};

use super::Place;
use super::finding::Findings;
use crate::format::Format;
use crate::print::quoted;

/// Finds families that stand there twice, or whose names are one when they are escaped.
pub(super) fn check(families: &[MetricFamily], places: &[Place], format: Format, findings: &mut Findings) {
    let mut known: HashMap<&str, (MetricKind, Option<usize>)> = HashMap::new();
    let mut escaped: HashMap<String, &str> = HashMap::new();
    for (family, place) in families.iter().zip(places) {
        findings.begin(family.name(), place.line);
        if let Some(&(kind, line)) = known.get(family.name()) {
            findings.tell("repeated", &repeated(kind == family.kind(), line));
        } else {
            known.insert(family.name(), (family.kind(), place.line));
        }
        if format == Format::Text {
            plain(family, place, findings);
        }
        let name = underscored(family.name());
        match escaped.get(&name) {
            None => {
                escaped.insert(name, family.name());
            }
            Some(other) if *other == family.name() => {}
            Some(other) => findings.tell(
                "escaped",
                &format!(
                    "is `{name}` for readers that know only letters, digits and `_`, and so is {}; call one of them \
                     something else",
                    quoted(other)
                ),
            ),
        }
    }
}

/// Text 0.0.4 has no names in quotes.
fn plain(family: &MetricFamily, place: &Place, findings: &mut Findings) {
    let is_plain = |name: &str| underscored(name) == name;
    if !is_plain(family.name()) {
        let better = underscored(family.name());
        findings.tell(
            "quoted",
            &format!("is a name in quotes, for which a Prometheus before 3.0 refuses the page; {OR} `{better}`"),
        );
    }
    for (at, series) in family.series().iter().enumerate() {
        if let Some((name, _)) = series.labels().find(|(name, _)| !is_plain(name)) {
            findings.tell_in(place.series.get(at).copied(), "quoted-label", || {
                let (name, better) = (quoted(name), underscored(name));
                format!("has the label {name} in quotes, for which a Prometheus before 3.0 refuses the page; {OR} `{better}`")
            });
        }
    }
}

const OR: &str = "write such names for readers alone that ask with `escaping=allow-utf-8`, or call it";

fn repeated(same_kind: bool, line: Option<usize>) -> String {
    let above = line.map_or_else(|| "further up".to_owned(), |line| format!("in line {line}"));
    if same_kind {
        format!("stands {above} too, with others between; write all its samples together")
    } else {
        format!("stands {above} too, as another type; call one of them something else")
    }
}

/// A name as readers get it that know only letters, digits and `_`.
/// (<https://prometheus.io/docs/instrumenting/escaping_schemes/>)
pub(super) fn underscored(name: &str) -> String {
    let plain = |(at, c): (usize, char)| {
        if c.is_ascii_alphabetic() || c == ':' || (at > 0 && c.is_ascii_digit()) { c } else { '_' }
    };
    name.char_indices().map(plain).collect()
}
