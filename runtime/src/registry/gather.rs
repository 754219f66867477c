//! Asking the collectors, and keeping what can stand on one page.

use std::any::Any;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::constant::{ConstLabels, TARGET_INFO};
use super::failures::Failures;
use super::member::Members;
use super::names::Names;
use super::serving::Asking;
use crate::collector::{Collected, Given};
use crate::descriptor::{Descriptor, DescriptorRef, MetricKind, Site};
use crate::error::Error;
use crate::snapshot::{MetricFamily, Number, SeriesSnapshot, Value};
use crate::sort::{order, sort_by};

/// A family that stands on the page.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) family: Given,
    /// The names of the samples that are to be shown; all where none are named.
    pub(super) only: Option<Vec<String>>,
}

/// The families of all members, and those in which the registry tells how it fares.
pub(super) fn gather(
    members: &Members,
    notes: (&Failures, &Asking),
    const_labels: &ConstLabels,
    global: bool,
) -> Vec<Shown> {
    let Gathered { mut families, left_out } = ask(members, notes, const_labels, None);
    for family in own_families(&families, notes.0.of(members), left_out, global) {
        let family = Given::Values(family);
        // Somebody else's family of the same name came first, or the label of one has the same name.
        if !families.iter().any(|there| there.name() == family.name()) && !clashes(&family, const_labels) {
            families.push(family);
        }
    }
    shown(families, None)
}

/// Of the members' families those that take one of these names.
pub(super) fn gather_named(
    members: &Members,
    notes: (&Failures, &Asking),
    const_labels: &ConstLabels,
    names: &[String],
) -> Vec<Shown> {
    shown(ask(members, notes, const_labels, Some(names)).families, Some(names))
}

/// All of the families, or what of them takes one of these names.
fn shown(families: Vec<Given>, names: Option<&[String]>) -> Vec<Shown> {
    let mut shown = Vec::with_capacity(families.len());
    for family in families {
        let base = family.kind().base(family.name());
        let whole = |names: &&[String]| names.iter().any(|name| name == family.name() || name == base);
        let only = names.filter(|names| !whole(names)).map(<[String]>::to_vec);
        shown.push(Shown { family, only });
    }
    sort_by(&mut shown, |a, b| place(&a.family).cmp(&place(&b.family)));
    shown
}

/// By names, but first what the page is about.
fn place(family: &Given) -> (bool, &str) {
    (family.name() != TARGET_INFO, family.name())
}

struct Gathered {
    families: Vec<Given>,
    /// Families and series that could not stand on the page.
    left_out: u64,
}

/// Whether a family is asked for, where only some are.
fn wanted(descriptor: DescriptorRef<'_>, names: Option<&[String]>) -> bool {
    names.is_none_or(|names| names.iter().any(|name| descriptor.answers_to(name)))
}

/// Notes in `failures` and `asking` how the collectors fare.
fn ask(
    members: &Members,
    (failures, asking): (&Failures, &Asking),
    const_labels: &ConstLabels,
    only: Option<&[String]>,
) -> Gathered {
    // Only what was not described must be checked now.
    let mut claims = None;
    let mut gathered = Gathered { families: Vec::new(), left_out: 0 };
    for member in members.iter() {
        let asked = |(descriptor, stays): (DescriptorRef<'_>, bool)| stays && wanted(descriptor, only);
        let undescribed = member.families().next().is_none() && only.is_none();
        if !undescribed && !member.families().any(asked) {
            gathered.left_out += member.families().filter(|(_, stays)| !stays).count() as u64;
            continue;
        }
        let mut out = Collected::default();
        // A metric of ours is read later, and gives only where that is.
        let answer = (!member.is_own()).then(|| asking.begin(member.site()));
        let given = catch_unwind(AssertUnwindSafe(|| member.collector.collect(&mut out)));
        drop(answer);
        if let Err(payload) = given {
            drop_harmlessly(payload);
            failures.add(member.id, 1);
            continue;
        }
        let (families, faults) = out.into_parts();
        failures.add(member.id, faults.len());
        let before = gathered.families.len();
        for mut family in families {
            let stays = if let Some((described, stays)) = member.families().find(|(it, _)| keeps(&family, *it)) {
                if !wanted(described, only) {
                    continue;
                }
                if let Given::Values(family) = &mut family {
                    // What was described was checked, so that is what the page says.
                    described.help().clone_into(&mut family.help);
                    family.unit = described.unit().map(ToOwned::to_owned);
                }
                stays && !gathered.families[before..].iter().any(|there| there.name() == family.name())
            } else if only.is_some() {
                // Nobody knows whether it may stand on the page without asking the others.
                continue;
            } else {
                let claims = claims.get_or_insert_with(|| Claims::of(members));
                !clashes(&family, const_labels)
                    && descriptor_of(&family, member.site()).is_ok_and(|descriptor| claims.admit(descriptor))
            };
            if !stays {
                gathered.left_out += 1;
                continue;
            }
            if let Given::Values(family) = &mut family {
                gathered.left_out += sort_series(family, const_labels);
            }
            gathered.families.push(family);
        }
    }
    gathered
}

/// Whether a family that nobody described has a label of its own that all series have. What an info says comes first.
fn clashes(family: &Given, const_labels: &ConstLabels) -> bool {
    !const_labels.is_empty()
        && family.kind() != MetricKind::Info
        && descriptor_of(family, Site::caller()).is_ok_and(|family| const_labels.clash((&family).into()).is_some())
}

/// The names on the page: those of what was described, and behind them those of what was given without.
struct Claims<'a> {
    names: Names,
    described: Vec<DescriptorRef<'a>>,
    given: Vec<Descriptor>,
}

impl<'a> Claims<'a> {
    fn of(members: &'a Members) -> Self {
        let mut described = Vec::new();
        for member in members.iter() {
            for (descriptor, stays) in member.families() {
                if stays {
                    described.push(descriptor);
                }
            }
        }
        let mut names = Names::with_capacity(described.len());
        for (place, descriptor) in (0..).zip(&described) {
            names.add(*descriptor, place, &|place| described.get(place as usize).copied());
        }
        Self { names, described, given: Vec::new() }
    }

    /// Takes the names of a family unless it collides with one that is there; says whether it does not.
    fn admit(&mut self, descriptor: Descriptor) -> bool {
        let Self { names, described, given } = self;
        let Ok(place) = u32::try_from(described.len() + given.len()) else { return false };
        let known = |place: u32| match (place as usize).checked_sub(described.len()) {
            None => described.get(place as usize).copied(),
            Some(index) => given.get(index).map(DescriptorRef::from),
        };
        let claimed = names.claim(&(&descriptor).into(), place, &known).is_ok();
        given.push(descriptor);
        claimed
    }
}

/// Drops what a panic carried, which may panic itself.
pub(super) fn drop_harmlessly(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}

/// Whether a family is what a descriptor said that it would be. Without a series nobody can tell its labels.
fn keeps(family: &Given, descriptor: DescriptorRef<'_>) -> bool {
    let same_labels = match family {
        Given::Values(family) => family.series.first().is_none_or(|series| {
            // What an info says stands there besides.
            (family.kind == MetricKind::Info || descriptor.label_names().count() == series.labels.len())
                && descriptor.label_names().all(|name| series.label(name).is_some())
        }),
        Given::Live(family) => family.descriptor().label_names().eq(descriptor.label_names()),
    };
    descriptor.name() == *family.name() && family.kind() == descriptor.kind() && same_labels
}

pub(super) fn descriptor_of(family: &Given, site: Site) -> Result<Descriptor, Error> {
    let family = match family {
        Given::Values(family) => family,
        Given::Live(family) => return Ok(family.descriptor().clone()),
    };
    let mut descriptor =
        Descriptor::at(family.kind, family.name.clone().into(), family.help.clone().into(), site, true)?;
    if let Some(unit) = &family.unit {
        descriptor = descriptor.with_unit(unit.clone())?;
    }
    let labels = family.series.first().map_or(&[][..], |series| &series.labels);
    descriptor.with_labels(labels.iter().map(|(name, _)| String::from(&**name)))
}

/// Sorts by label values, and drops the later of two series with the same labels; says how many.
fn sort_series(family: &mut MetricFamily, const_labels: &ConstLabels) -> u64 {
    if family.kind == MetricKind::Info {
        return sort_infos(family, const_labels);
    }
    if family.series.is_sorted_by(|a, b| by_label_values(a, b).is_lt()) {
        return 0;
    }
    let before = family.series.len();
    sort_by(&mut family.series, by_label_values);
    family.series.dedup_by(|later, earlier| later.labels == earlier.labels);
    (before - family.series.len()) as u64
}

/// The same of infos, whose labels may have any names in any order: the same ones need not come side by side, and one
/// may say itself what the registry says of another.
fn sort_infos(family: &mut MetricFamily, const_labels: &ConstLabels) -> u64 {
    let before = family.series.len();
    let mut said = Vec::with_capacity(before);
    for series in &family.series {
        let mut labels = series.labels.clone();
        const_labels.put_before(&mut labels);
        sort_by(&mut labels, Ord::cmp);
        said.push(labels);
    }
    let mut twice = vec![false; before];
    for pair in order(before, &|a, b| said[a].cmp(&said[b])).windows(2) {
        twice[pair[1]] = said[pair[0]] == said[pair[1]];
    }
    let mut twice = twice.into_iter();
    family.series.retain(|_| twice.next() == Some(false));
    sort_by(&mut family.series, by_label_values);
    (before - family.series.len()) as u64
}

pub(super) fn by_label_values(a: &SeriesSnapshot, b: &SeriesSnapshot) -> Ordering {
    a.labels.iter().map(|(_, value)| value).cmp(b.labels.iter().map(|(_, value)| value))
}

fn own_families(given: &[Given], failures: Vec<(String, u64)>, left_out: u64, global: bool) -> Vec<MetricFamily> {
    let (mut overflowed, mut refused, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for family in given {
        let Given::Live(live) = family else { continue };
        let note = live.note();
        if note.refused > 0 {
            refused.push((note.metric.clone(), note.refused));
        }
        if note.exemplars_dropped > 0 {
            dropped.push((note.metric.clone(), note.exemplars_dropped));
        }
        // The global registry shows these from the first scrape; what stands in one's own is up to whoever made it.
        if let Some(times) = note.overflowed
            && (global || times > 0)
        {
            overflowed.push((note.metric, times));
        }
    }
    let mut families = Vec::new();
    push_labelled(
        &mut families,
        "tallymark_series_overflow_total",
        "Times that a label set found its family full and was given an overflow series.",
        "metric",
        overflowed,
    );
    push_labelled(
        &mut families,
        "tallymark_refused_total",
        "Values that a metric refused: negative or NaN for a counter, NaN for a histogram or a summary.",
        "metric",
        refused,
    );
    push_labelled(
        &mut families,
        "tallymark_exemplars_dropped_total",
        "Exemplars that were dropped since their labels are too long, repeat, or are called as no label may be.",
        "metric",
        dropped,
    );
    push_labelled(
        &mut families,
        "tallymark_collector_failures_total",
        "Panics of a collector and rules that it broke, by the place where it is registered.",
        "collector",
        failures,
    );
    if global || left_out > 0 {
        families.push(number_family(
            MetricKind::Gauge,
            "tallymark_collisions",
            "Metric families and series that are left out because they collide with others.",
            vec![SeriesSnapshot::new(Vec::new(), Value::Number(Number::Unsigned(left_out)))],
        ));
    }
    families
}

/// Adds a family with a series for each text, unless there is none.
fn push_labelled(
    families: &mut Vec<MetricFamily>,
    name: &str,
    help: &str,
    label: &str,
    mut values: Vec<(String, u64)>,
) {
    let label: Arc<str> = label.into();
    sort_by(&mut values, |a, b| a.0.cmp(&b.0));
    let mut series: Vec<SeriesSnapshot> = Vec::new();
    let mut sum = 0;
    for (at, (text, value)) in values.iter().enumerate() {
        sum += value;
        if values.get(at + 1).is_none_or(|(next, _)| next != text) {
            let labels = vec![(Arc::clone(&label), text.as_str().into())];
            series.push(SeriesSnapshot::new(labels, Value::Number(Number::Unsigned(sum))));
            sum = 0;
        }
    }
    if !series.is_empty() {
        families.push(number_family(MetricKind::Counter, name, help, series));
    }
}

fn number_family(kind: MetricKind, name: &str, help: &str, series: Vec<SeriesSnapshot>) -> MetricFamily {
    MetricFamily { name: name.to_owned(), help: help.to_owned(), kind, unit: None, series, only: None }
}
