//! Marked functions.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Ident, ReturnType, Signature};

use super::metric::{Described, own, refuse};
use super::plan::{FunctionPlan, Measure, Name, Target, What};
use crate::args::{Arg, Args, Clock, Exception, Kind, Mark};
use crate::errors::Errors;
use crate::future::{Shape, returns_never};
use crate::item::Function;
use crate::labels::{self};

pub(crate) fn function(marks: Vec<Mark>, function: &Function, errors: &mut Errors) -> FunctionPlan {
    let signature = &function.signature;
    if let Some(constness) = &signature.constness {
        let of_block = marks.iter().any(|mark| mark.args.of_type.is_some());
        let cure = if of_block { "leave it out: `#[measure(skip)]`" } else { "drop `const`, or measure its callers" };
        let message = "a `const fn` can't be measured, since it may run when the program is compiled";
        errors.on(constness, format!("{message}; {cure}"));
    }
    if function.body.is_none() {
        errors
            .on(&signature.ident, format!("`{}` has no body here; mark its implementations instead", signature.ident));
    }
    let mut measures = Vec::new();
    let mut names: Vec<Name> = Vec::new();
    for mark in marks {
        let span = mark.span;
        let Some(measure) = measure(mark, function, errors) else { continue };
        if let Target::Own(own) = &measure.target {
            if names.iter().any(|name| name.is(&own.name)) {
                errors.at(
                    span,
                    format!(
                        "two attributes of `{}` make a metric of the same name, `{}`; give this one its own: `name = \"…\"`",
                        signature.ident,
                        own.name.shown()
                    ),
                );
            }
            names.push(own.name.clone());
        }
        measures.push(measure);
    }
    measures.sort_by_key(|measure| match measure.what {
        What::Calls => 0,
        What::InProgress => 1,
        What::Exceptions { .. } => 2,
        What::Success => 3,
        What::Observation(_) => 4,
        What::Duration(_) => 5,
    });
    FunctionPlan { measures }
}

fn measure(mark: Mark, function: &Function, errors: &mut Errors) -> Option<Measure> {
    let Mark { kind, span, mut args } = mark;
    let signature = &function.signature;
    if !kind.marks_functions() {
        errors.at(
            span,
            format!(
                "`#[{0}]` marks a static: `#[{0}] static {1}: {2};`; on a function write `#[counter]`, `#[histogram]`, or another that measures it",
                kind.attribute(),
                signature.ident.to_string().to_ascii_uppercase(),
                if kind == Kind::Info { "Info" } else { "StateSet<MyStates>" },
            ),
        );
        return None;
    }
    let labels = labels::of_function(&args, signature, errors);
    let from_result = labels.iter().find(|label| label.is_from_result());
    let what = match kind {
        Kind::Counter => What::Calls,
        Kind::Gauge => shown(&mut args, function, span, errors)?,
        Kind::Histogram | Kind::Summary => observed(&mut args, function, errors),
        Kind::CountExceptions => exceptions(&mut args, signature, errors),
        Kind::Info | Kind::StateSet => return None,
    };
    if let (Some(label), What::InProgress) = (from_result, &what) {
        errors.at(
            label.span,
            format!("the label `{}` is read from the result, but a gauge of calls in progress goes up before there is one; read it from the arguments", label.name),
        );
    }
    if let (Some(label), Some(outcome)) = (from_result, &args.outcome) {
        errors.at(
            outcome.word.span(),
            format!("`outcome` counts panics and cancellations too, which have no result to read `{}` from; use two counters", label.name),
        );
    }
    if let (Some(label), What::Exceptions { panic: true, .. }) = (from_result, &what) {
        errors.at(
            label.span,
            format!("the label `{}` is read from the result, and a call that panics has none; count `panic` by an attribute of its own", label.name),
        );
    }
    if let (Some(_), Some(label)) = (&args.outcome, labels.iter().find(|label| label.name == "outcome")) {
        errors.at(
            label.span,
            "the label `outcome` is the one that the argument `outcome` adds; call this one something else",
        );
    }
    if returns_never(&signature.output) {
        let reads = match (&what, from_result) {
            (What::Observation(closure), _) if kind == Kind::Gauge => {
                Some((closure.span(), "write `time` for the seconds that the last call took"))
            }
            (What::Observation(closure), _) => Some((closure.span(), "drop `observe`, which then records seconds")),
            (What::Success, _) => {
                let word = args.word("set_to_current_time");
                Some((word.map_or(span, Ident::span), "drop `set_to_current_time`"))
            }
            (What::Exceptions { returned, .. }, _) if !returned.is_empty() => {
                Some((returned[0].span(), "count `panic` instead"))
            }
            (_, Some(label)) => Some((label.span, "drop this label")),
            _ => None,
        };
        if let Some((at, cure)) = reads {
            errors.at(at, format!("`{}` never returns, so there is no result to read; {cure}", signature.ident));
        }
    }
    if let (Some(outcome), labels::MOST) = (&args.outcome, labels.len()) {
        errors.at(
            outcome.word.span(),
            format!("a family may have up to {} labels, and `outcome` adds one; drop it, or a label", labels::MOST),
        );
    }
    let exemplar = args.exemplar.is_some();
    if let Some(into) = args.into.take() {
        refuse_beside_into(&args, errors);
        return Some(Measure { kind, what, exemplar, target: Target::Into(into.value) });
    }
    if args.labels.is_none() && args.outcome.is_none() && !args.incomplete {
        refuse(
            errors,
            args.max_series.as_ref(),
            "`max_series` limits how many series the labels may make, and here are no `labels(…)`; drop it",
        );
        refuse(
            errors,
            args.init.as_ref(),
            "`init` says whether the series of the labels show from the first scrape, and here are no `labels(…)`; drop it",
        );
    }
    let described = Described { ident: &signature.ident, attrs: &function.attrs };
    let own = own(kind, span, args, labels, &described, &what, errors);
    Some(Measure { kind, what, exemplar, target: Target::Own(Box::new(own)) })
}

/// What a histogram or a summary observes.
fn observed(args: &mut Args, function: &Function, errors: &mut Errors) -> What {
    let Some(observe) = args.observe.take() else { return What::Duration(clock(args, function, errors)) };
    refuse(
        errors,
        args.outcome.as_ref(),
        "`observe` reads the returned value, so the `outcome` is always a return; drop one of them",
    );
    refuse(
        errors,
        args.time.as_ref(),
        "`observe` records a number of the result instead of a time; drop one of them, or write a second attribute",
    );
    What::Observation(observe.value)
}

/// What a gauge shows: one of the words that say so.
fn shown(args: &mut Args, function: &Function, span: Span, errors: &mut Errors) -> Option<What> {
    let mut stated = args.words_of(&Kind::SHOWN);
    let Some(first) = stated.next() else {
        if !args.incomplete {
            errors.at(
                span,
                "say what the gauge of a function shows: `#[gauge(track_inprogress)]` for the calls that are running, `#[gauge(time)]` for the seconds that \
                 the last call took, `#[gauge(set = |result: &T| …)]` for a number of the last result, `#[gauge(set_to_current_time)]` for when a call last \
                 succeeded, `#[gauge(callback)]` for what the function returns at each scrape",
            );
        }
        return None;
    };
    for other in stated {
        errors.at(
            other.span(),
            format!(
                "a gauge shows one number, and this one shows that of `{first}`; give `{other}` an attribute of its own"
            ),
        );
    }
    Some(match first.to_string().as_str() {
        "time" => What::Duration(clock(args, function, errors)),
        "set" => What::Observation(args.set.take()?.value),
        "set_to_current_time" => What::Success,
        _ => What::InProgress,
    })
}

/// Which time is recorded. That of polls is that of a function which is polled.
fn clock(args: &Args, function: &Function, errors: &mut Errors) -> Clock {
    let Some(Arg { word, value: clock }) = &args.time else { return Clock::Wall };
    let shape = function.body.as_ref().map(|body| Shape::of(&function.signature, body));
    if *clock != Clock::Wall && matches!(shape, Some(Shape::Sync)) {
        errors.at(
            word.span(),
            format!(
                "`time = {}` parts the time in which a future is polled from the rest, and `{}` is neither an `async fn` nor is its whole body an `async` block; drop it, or make it one",
                clock.word(),
                function.signature.ident
            ),
        );
    }
    *clock
}

fn exceptions(args: &mut Args, signature: &Signature, errors: &mut Errors) -> What {
    let mut returned = std::mem::take(&mut args.exceptions);
    if returned.is_empty() && args.panic.is_none() && !args.incomplete {
        returned.push(Exception::Err(Ident::new("Err", Span::call_site())));
    }
    if matches!(signature.output, ReturnType::Default) {
        for exception in &returned {
            let (at, what, wanted) = match exception {
                Exception::Err(word) => (word.span(), "`count_exceptions(Err)`", "a `Result`"),
                Exception::None(word) => (word.span(), "`count_exceptions(None)`", "an `Option`"),
                Exception::Pattern { pattern, .. } => (pattern.span(), "a pattern", "what it matches"),
            };
            errors.at(
                at,
                format!(
                    "{what} needs a function that returns {wanted}, and `{}` returns nothing; return it, or count `panic`",
                    signature.ident
                ),
            );
        }
    }
    What::Exceptions { returned, panic: args.panic.is_some() }
}

fn refuse_beside_into(args: &Args, errors: &mut Errors) {
    const OF_ITS_OWN: [&str; 15] = [
        "name",
        "allow_utf8",
        "namespace",
        "unit",
        "help",
        "labels",
        "const_labels",
        "outcome",
        "init",
        "max_series",
        "buckets",
        "native",
        "quantiles",
        "max_age",
        "age_buckets",
    ];
    for word in args.words_of(&OF_ITS_OWN) {
        errors.at(
            word.span(),
            format!("`into` feeds a metric that exists already, so `{word}` can't be stated here; state it where the metric is defined"),
        );
    }
}
