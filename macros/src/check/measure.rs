//! `measure`, which stands for three attributes.

use proc_macro2::Span;
use syn::{Expr, Ident};

use crate::args::{Arg, Args, Attribute, ConstLabel, Kind, LabelArg, Mark, Stated};
use crate::errors::Errors;
use crate::labels;
use crate::names;

/// The marks of a function: each `measure` is three of them.
pub(crate) fn marks(stated: Vec<Stated>, errors: &mut Errors) -> Vec<Mark> {
    let (mut marks, mut measures) = (Vec::new(), Vec::new());
    for Stated { attribute, span, args } in stated {
        match attribute {
            Attribute::Metric(kind) => marks.push(Mark { kind, span, args }),
            Attribute::Measure => measures.push((span, args)),
            // Whose function has no marks.
            Attribute::Collector => {}
        }
    }
    // What stands on a function of a measured `impl` replaces what stands on the `impl`, but for the name of the type.
    let of_type = measures.iter().find_map(|(_, args)| args.of_type.clone());
    if let Some(skip) = measures.iter().find_map(|(_, args)| args.skip.as_ref()) {
        if of_type.is_none() {
            errors.at(
                skip.word.span(),
                "`skip` leaves a function out where `#[measure]` stands on the whole `impl`; drop this attribute, or write `#[measure]` on the `impl`",
            );
        }
        return marks;
    }
    // First, so that where a name stands twice it is the other attribute that is asked for another.
    let others = std::mem::take(&mut marks);
    if measures.len() > 1 {
        measures.retain(|(_, args)| args.of_type.is_none());
    }
    let alone = measures.len() == 1;
    for (span, mut args) in measures {
        args.of_type.clone_from(&of_type);
        check(&mut args, errors);
        marks.extend(three(span, args, alone));
    }
    marks.extend(others);
    marks
}

/// Where no other `measure` stands beside it, its counter is the first of all marks, so the other two take their labels
/// from there, and no expression runs more than once.
fn three(span: Span, args: Args, alone: bool) -> [Mark; 3] {
    let word = |word: &str| Ident::new(word, span);
    let outcome = Some(Arg { word: word("outcome"), value: () });
    let calls = Args { outcome, exemplar: args.exemplar.clone(), ..args.common() };
    let running = Args { words: vec![word("track_inprogress")], shares_labels: alone, ..args.common() };
    let timed = Args { shares_labels: alone, ..args };
    [
        Mark { kind: Kind::Counter, span, args: calls },
        Mark { kind: Kind::Gauge, span, args: running },
        Mark { kind: Kind::Histogram, span, args: timed },
    ]
}

/// Refuses what one of the three would refuse with words that nobody has written.
fn check(args: &mut Args, errors: &mut Errors) {
    let outcome = |name: &Ident| names::text(name) == "outcome";
    let message = "`#[measure]` adds the label `outcome` itself; call this one something else";
    let from_result = |label: &LabelArg| matches!(label.value, Some(Expr::Closure(_)));
    if let Some(stated) = &mut args.labels {
        for label in stated.value.iter().filter(|label| from_result(label)) {
            errors.at(
                label.name.span(),
                format!(
                    "the label `{0}` is read from the result, which a call that is running or panics has none of; read it from the arguments, or give it a \
                     counter of its own: `#[counter(name = \"…\", labels({0}: …))]`",
                    label.name
                ),
            );
        }
        for label in stated.value.iter().filter(|label| outcome(&label.name)) {
            errors.at(label.name.span(), message);
        }
        if let Some(label) = stated.value.get(labels::MOST - 1) {
            let most = labels::MOST - 1;
            errors.at(
                label.name.span(),
                format!("a family may have up to {} labels, and `#[measure]` adds `outcome`; drop those behind the first {most}", labels::MOST),
            );
            stated.value.truncate(most);
        }
        stated.value.retain(|label| !from_result(label) && !outcome(&label.name));
    } else if !args.incomplete {
        for (word, message) in [
            (
                "max_series",
                "`max_series` limits how many series the labels may make, and here are no `labels(…)`; drop it",
            ),
            (
                "init",
                "`init` says whether the series of the labels show from the first scrape, and here are no `labels(…)`; drop it",
            ),
        ] {
            if let Some(word) = args.word(word) {
                errors.at(word.span(), message);
            }
        }
        (args.max_series, args.init) = (None, None);
    }
    if let Some(stated) = &mut args.const_labels {
        let of_outcome = |label: &ConstLabel| outcome(&label.name);
        for label in stated.value.iter().filter(|label| of_outcome(label)) {
            errors.at(label.name.span(), message);
        }
        stated.value.retain(|label| !of_outcome(label));
    }
}
