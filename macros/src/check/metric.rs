//! The metric that a mark makes: its name, unit, help and constant labels.

use proc_macro2::Span;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, parse_quote_spanned};

use super::buckets::check_buckets;
use super::native::check_native;
use super::plan::{Name, Own, What};
use crate::args::{Arg, Args, Clock, ConstLabel, Kind};
use crate::errors::Errors;
use crate::labels::Label;
use crate::names::{self, Utf8};

/// What the item is called, and says of itself.
pub(super) struct Described<'a> {
    pub(super) ident: &'a Ident,
    pub(super) attrs: &'a [Attribute],
}

pub(super) fn own(
    kind: Kind,
    span: Span,
    args: Args,
    labels: Vec<Label>,
    described: &Described<'_>,
    what: &What,
    errors: &mut Errors,
) -> Own {
    let unit = unit(kind, &args, what, errors);
    let utf8 = args.utf8();
    let name = name(kind, &args, described, what, unit.as_deref(), errors);
    let window = window(&args, errors);
    let const_labels = const_labels(args.const_labels, &utf8, &labels, args.outcome.is_some(), errors);
    if let (Some(package), Some(label)) = (&args.package, const_labels.iter().find(|label| is_of_package(label))) {
        errors.at(
            label.name.span(),
            format!(
                "the label `{}` is one of those that `{}` adds; call this one something else",
                label.name, package.word
            ),
        );
    }
    if let Some(max_series) = &args.max_series {
        match max_series.value.base10_parse::<usize>() {
            Ok(0) => errors.on(&max_series.value, "a family needs room for at least one series; raise `max_series`"),
            Ok(_) if max_series.value.suffix().is_empty() => {}
            _ => errors.on(&max_series.value, "`max_series` takes a whole number, as `100`"),
        }
    }
    if let Some(buckets) = &args.buckets {
        check_buckets(&buckets.value, errors);
    }
    if let Some(native) = &args.native {
        check_native(&native.value, errors);
    }
    Own {
        span,
        unit,
        help: help(args.help.as_ref(), described, kind, what),
        name,
        labels,
        shares_labels: args.shares_labels,
        outcome: args.outcome.is_some(),
        const_labels,
        buckets: args.buckets.map(|buckets| buckets.value),
        native: args.native,
        quantiles: args.quantiles.map(|quantiles| quantiles.value),
        window,
        package: args.package.is_some(),
        init: args.init.map(|init| init.value),
        max_series: args.max_series.map(|max_series| max_series.value),
    }
}

fn is_of_package(label: &ConstLabel) -> bool {
    label.name == "package" || label.name == "version"
}

/// Of how many seconds the quantiles are, and in how many steps observations go, if either is stated.
fn window(args: &Args, errors: &mut Errors) -> Option<(Expr, Expr)> {
    let stated = args.max_age.as_ref().or(args.age_buckets.as_ref())?;
    if args.quantiles.is_none() && !args.incomplete {
        errors.at(
            stated.word.span(),
            format!(
                "`{}` says of which observations the quantiles are, and none are asked for; write `quantiles = [(0.5, 0.05), (0.99, 0.001)]` too, or drop it",
                stated.word
            ),
        );
    }
    let or = |arg: &Option<Arg<Expr>>, default: Expr| arg.as_ref().map_or(default, |arg| arg.value.clone());
    let at = stated.word.span();
    Some((or(&args.max_age, parse_quote_spanned!(at=> 600)), or(&args.age_buckets, parse_quote_spanned!(at=> 5))))
}

fn unit(kind: Kind, args: &Args, what: &What, errors: &mut Errors) -> Option<String> {
    let timed = matches!(what, What::Duration(_) | What::Success);
    let stated = args.unit.as_ref().map(|unit| (unit.value.value(), unit.value.span()));
    if let Some((unit, span)) = &stated {
        if unit.is_empty() || !unit.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            errors.at(
                *span,
                format!(
                    "`{unit}` is no unit: only ASCII letters, digits and `_` may stand in it; write a word in the plural, for example `seconds` or `meters_per_second`"
                ),
            );
        }
        if timed && unit != "seconds" {
            let cure = match what {
                What::Success => "",
                _ if kind == Kind::Gauge => ", or show another number of the result: `set = |result| …`",
                _ => ", or observe another number of the result: `observe = |result| …`",
            };
            errors.at(*span, format!("a call is timed in seconds; drop `unit`{cure}"));
        }
    }
    if timed && args.name.as_ref().is_none_or(|name| name.value.value().ends_with("_seconds")) {
        return Some("seconds".to_owned());
    }
    stated.map(|(unit, _)| unit)
}

fn name(
    kind: Kind,
    args: &Args,
    described: &Described<'_>,
    what: &What,
    unit: Option<&str>,
    errors: &mut Errors,
) -> Name {
    let counter = matches!(kind, Kind::Counter | Kind::CountExceptions);
    if let Some(name) = &args.name {
        refuse(
            errors,
            args.namespace.as_ref(),
            "`name` is the whole name, so `namespace` can't be stated too; drop one of them",
        );
        check_metric_name(kind, &name.value, &args.utf8(), errors);
        let name = ending(kind, names::with_unit(&name.value.value(), unit, counter));
        return if args.allow_utf8.is_some() { Name::Utf8(name) } else { Name::Whole(name) };
    }
    refuse(
        errors,
        args.allow_utf8.as_ref(),
        "`allow_utf8` allows any characters in a stated name, and a derived one is always plain; write `name = \"…\"` too, or drop it",
    );
    let item = names::text(described.ident);
    if !item.is_ascii() {
        errors.at(
            described.ident.span(),
            format!("the name of a metric has ASCII letters only, so it can't be derived from `{item}`; state one: `name = \"…\"`"),
        );
    }
    let item = match &args.of_type {
        Some(of_type) => format!("{}_{item}", of_type.value()),
        None => item,
    };
    let item = item.to_ascii_lowercase();
    let derived = match what {
        What::Calls => format!("{item}_calls_total"),
        What::InProgress => format!("{item}_inprogress"),
        What::Duration(clock) => {
            let last = if kind == Kind::Gauge { "last_" } else { "" };
            let time = if *clock == Clock::Wall { "duration" } else { clock.word() };
            format!("{item}_{last}{time}")
        }
        What::Success => format!("{item}_last_success_timestamp"),
        What::Exceptions { .. } => format!("{item}_exceptions_total"),
        What::Observation(_) if kind == Kind::Counter && !item.ends_with("_total") => format!("{item}_total"),
        What::Observation(_) => item,
    };
    let derived = ending(kind, names::with_unit(&derived, unit, counter));
    match args.namespace.as_ref().map(|namespace| (namespace, namespace.value.value())) {
        None => Name::Derived(derived),
        Some((_, namespace)) if namespace.is_empty() => {
            if let Some(fault) = names::metric_fault(&derived, &Utf8::Never) {
                errors.at(described.ident.span(), format!("{fault}, or drop `namespace = \"\"`"));
            }
            Name::Whole(derived)
        }
        Some((arg, namespace)) => {
            let name = format!("{}_{derived}", namespace.trim_end_matches('_'));
            if let Some(fault) =
                names::metric_fault(&namespace, &Utf8::Never).or_else(|| names::metric_fault(&name, &Utf8::Never))
            {
                errors.at(arg.value.span(), fault);
            }
            Name::Whole(name)
        }
    }
}

/// A name as those of its type must end, in whichever format they stand.
fn ending(kind: Kind, name: String) -> String {
    if kind == Kind::Info && !name.ends_with("_info") { name + "_info" } else { name }
}

fn check_metric_name(kind: Kind, name: &LitStr, utf8: &Utf8, errors: &mut Errors) {
    let text = name.value();
    // The states of a state set stand in a label of its name; of a plain one the compiler knows.
    let of_states = || (kind == Kind::StateSet && *utf8 == Utf8::Allowed).then(|| names::label_fault(&text, utf8));
    if let Some(fault) = names::metric_fault(&text, utf8).or_else(|| of_states().flatten()) {
        errors.at(name.span(), fault);
    }
}

fn const_labels(
    args: Option<Arg<Vec<ConstLabel>>>,
    utf8: &Utf8,
    labels: &[Label],
    outcome: bool,
    errors: &mut Errors,
) -> Vec<ConstLabel> {
    let mut checked: Vec<ConstLabel> = Vec::new();
    for label in args.map(|args| args.value).unwrap_or_default() {
        let name = names::text(&label.name);
        let same = |taken: &ConstLabel| names::same_label_fault(&names::text(&taken.name), &name);
        let fault = names::label_fault(&name, utf8).or_else(|| checked.iter().find_map(same));
        if let Some(fault) = fault {
            errors.at(label.name.span(), fault);
        } else if labels.iter().any(|taken| taken.name == name) {
            errors.at(label.name.span(), format!("the label `{name}` stands in `labels(…)` too; drop one of them"));
        } else if let Some(fault) = labels.iter().find_map(|taken| names::same_label_fault(&taken.name, &name)) {
            errors.at(label.name.span(), fault);
        } else if outcome && name == "outcome" {
            errors.at(
                label.name.span(),
                "the label `outcome` is the one that the argument `outcome` adds; call this one something else",
            );
        } else {
            checked.push(label);
        }
    }
    checked
}

/// What `help` says, or the first paragraph of the doc comment, or what the mark does.
fn help(stated: Option<&Arg<LitStr>>, described: &Described<'_>, kind: Kind, what: &What) -> String {
    if let Some(help) = stated {
        return help.value.value();
    }
    let lines = described.attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let paragraph = text.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let paragraph = paragraph.collect::<Vec<_>>().join(" ");
    if !paragraph.is_empty() {
        return paragraph;
    }
    let item = names::text(described.ident);
    match (what, kind) {
        (What::Calls, _) => format!("Calls of `{item}`."),
        (What::InProgress, _) => format!("Calls of `{item}` that are running."),
        (What::Duration(clock), _) => {
            let (calls, futures, were) = match kind {
                Kind::Gauge => ("the last call", "the future", "was"),
                _ => ("calls", "futures", "were"),
            };
            match clock {
                Clock::Wall => format!("Seconds that {calls} of `{item}` took."),
                Clock::Busy => format!("Seconds in which {futures} of {calls} of `{item}` {were} polled."),
                Clock::Idle => format!("Seconds in which {futures} of {calls} of `{item}` waited."),
            }
        }
        (What::Success, _) => format!("When a call of `{item}` last succeeded, in seconds since 1970-01-01 UTC."),
        (What::Exceptions { .. }, _) => format!("Calls of `{item}` that failed."),
        (What::Observation(_), Kind::Histogram | Kind::Summary) => format!("Observations of `{item}`."),
        (What::Observation(_), Kind::Info) => format!("What `{item}` says."),
        (What::Observation(_), Kind::StateSet) => format!("The state of `{item}`."),
        (What::Observation(_), _) => format!("The value of `{item}`."),
    }
}

/// Refuses an argument, if it is there.
pub(super) fn refuse<T>(errors: &mut Errors, arg: Option<&Arg<T>>, message: &str) {
    if let Some(arg) = arg {
        errors.at(arg.word.span(), message);
    }
}
