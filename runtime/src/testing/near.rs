//! What was meant by a name that is not there.

use crate::descriptor::{Descriptor, MetricKind};
use crate::registry::Registry;
use crate::snapshot::{MetricFamily, Value};

/// Why a registry has no sample of this name with these labels; none where it may get one yet.
#[inline]
pub(super) fn fault(registry: &Registry, name: &str, labels: &[(&str, &str)]) -> Option<String> {
    let families = registry.gather();
    let found = families.iter().find_map(|family| {
        let suffix = name.strip_prefix(family.name())?;
        family.kind().sample_suffixes().contains(&suffix).then_some((family, suffix))
    });
    let Some((family, suffix)) = found else { return Some(unknown(&families, name)) };
    let own_label = family.own_label(suffix);
    // What an info says stands in its labels too.
    if family.kind() != MetricKind::Info
        && let Some(known) = labels_of(registry, family)
    {
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.extend(own_label);
        if let Some((label, _)) = labels.iter().find(|(label, _)| !known.contains(label)) {
            let meant = nearest(label, &known).map_or_else(String::new, |near| format!("; `{near}` is near"));
            return Some(format!("`{name}` has no label `{label}`{meant}; its labels: {}", listed(&known)));
        }
        if let Some(missing) = known.iter().find(|known| labels.iter().all(|(label, _)| label != *known)) {
            return Some(format!("`{name}` has a label `{missing}` too; give all of them: {}", listed(&known)));
        }
    }
    let (_, asked) = labels.iter().find(|(label, _)| Some(*label) == own_label)?;
    let value = family.series().first()?.value();
    let texts = texts_of(value);
    let is_there = texts.iter().any(|text| text == asked || text.parse::<f64>().is_ok_and(|a| asked.parse() == Ok(a)));
    let known: Vec<&str> = texts.iter().map(String::as_str).collect();
    (!is_there).then(|| format!("`{name}` has no sample for `{asked}`; there are {}", listed(&known)))
}

/// Says that there is no metric or sample of this name, and what is near.
#[inline]
pub(super) fn unknown(families: &[MetricFamily], name: &str) -> String {
    if let Some(family) = families.iter().find(|family| family.name() == name) {
        let samples = samples_of(family);
        let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
        return format!("`{name}` is of the type {}, whose samples are {}", family.kind(), listed(&samples));
    }
    let all: Vec<String> = families.iter().flat_map(samples_of).collect();
    let mut near: Vec<&str> = all.iter().map(String::as_str).filter(|other| is_longer(other, name)).collect();
    if near.is_empty() {
        near.extend(nearest(name, &all.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    near.truncate(FEW);
    match near.as_slice() {
        [] => format!("there is no metric `{name}` in the registry; register it, or correct the name"),
        near => format!("there is no metric `{name}` in the registry; near is {}", listed(near)),
    }
}

const FEW: usize = 4;

/// Whether one name is the other with something before or behind it.
#[inline]
fn is_longer(longer: &str, name: &str) -> bool {
    let rest = longer.strip_prefix(name).map(|rest| rest.starts_with('_'));
    rest.or_else(|| longer.strip_suffix(name).map(|rest| rest.ends_with('_'))).unwrap_or(false)
}

/// The series of a family that are nearest to one that is not there.
#[inline]
pub(super) fn series<'a>(rendered: &str, others: &'a [String]) -> Vec<&'a str> {
    let mut others: Vec<(usize, &str)> = others.iter().map(|other| (distance(rendered, other), &**other)).collect();
    crate::sort::sort_by(&mut others, |(a, _), (b, _)| a.cmp(b));
    others.into_iter().take(FEW).map(|(_, other)| other).collect()
}

#[inline]
fn samples_of(family: &MetricFamily) -> Vec<String> {
    let suffixes = family.kind().sample_suffixes().iter();
    suffixes.map(|suffix| format!("{}{suffix}", family.name())).collect()
}

/// None where nobody has said them.
#[inline]
fn labels_of(registry: &Registry, family: &MetricFamily) -> Option<Vec<String>> {
    if let Some(series) = family.series().first() {
        return Some(series.labels().map(|(label, _)| label.to_owned()).collect());
    }
    let descriptors = registry.descriptors();
    let descriptor = descriptors.iter().find(|descriptor| descriptor.name() == family.name());
    descriptor.map(Descriptor::label_names).map(|labels| labels.map(ToOwned::to_owned).collect())
}

/// What stands in the label that a type's samples have of their own.
#[inline]
fn texts_of(value: &Value) -> Vec<String> {
    let number = |number: f64| if number == f64::INFINITY { "+Inf".to_owned() } else { number.to_string() };
    match value {
        Value::Number(_) => Vec::new(),
        Value::Histogram(histogram) => histogram.buckets().map(|(bound, _)| number(bound)).collect(),
        Value::Summary(summary) => summary.quantiles().iter().map(|(quantile, _)| number(*quantile)).collect(),
        Value::StateSet(states) => states.states().map(|(state, _)| state.to_owned()).collect(),
        Value::Irregular(value) => {
            value.samples().iter().filter_map(|sample| sample.own_label().map(ToOwned::to_owned)).collect()
        }
    }
}

/// Words as a list: `a`, `b`.
#[inline]
pub(super) fn listed(words: &[&str]) -> String {
    if words.is_empty() { "none".to_owned() } else { format!("`{}`", words.join("`, `")) }
}

/// The candidate that is most likely meant by a misspelt word.
#[inline]
fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let near = candidates.iter().map(|candidate| (distance(word, candidate), *candidate)).min()?;
    (near.0 <= 1 + word.len() / 4).then_some(near.1)
}

/// How many bytes to add, drop or change (Levenshtein).
#[inline]
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_the_number_of_changes() {
        for (a, b, changes) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abd", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), changes, "{a} {b}");
        }
        assert_eq!(nearest("mehtod", &["path", "method"]), Some("method"));
        assert_eq!(nearest("colour", &["path", "method"]), None);
    }
}
