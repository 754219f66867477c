//! What goes together, and what doesn't: from arguments to a plan.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, Ident, Lit, LitBool, LitInt, LitStr, Meta, Path, PathArguments,
    ReturnType, Signature, Type, UnOp,
};

use crate::args::{Arg, Args, Buckets, ConstLabel, Exception, Kind, Mark};
use crate::errors::Errors;
use crate::item::{Function, Static};
use crate::labels::{self, Label};
use crate::names;
use crate::paths::Runtime;

/// What a marked function measures, in the order in which it is entered: whatever the order of the attributes.
pub(crate) struct FunctionPlan {
    pub(crate) measures: Vec<Measure>,
}

pub(crate) struct Measure {
    pub(crate) kind: Kind,
    pub(crate) what: What,
    pub(crate) target: Target,
}

pub(crate) enum What {
    Calls,
    InProgress,
    Duration,
    Observation(Expr),
    Exceptions { returned: Vec<Exception>, panic: bool },
}

/// Where it is counted.
pub(crate) enum Target {
    Into(Expr),
    Own(Box<Own>),
}

/// A metric that the mark makes.
pub(crate) struct Own {
    /// Of the attribute, for the site.
    pub(crate) span: Span,
    pub(crate) name: Name,
    pub(crate) unit: Option<String>,
    pub(crate) help: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) outcome: bool,
    pub(crate) const_labels: Vec<ConstLabel>,
    pub(crate) buckets: Option<Buckets>,
    pub(crate) init: Option<LitBool>,
    pub(crate) max_series: Option<LitInt>,
}

impl Own {
    /// Whether its series is known on entry.
    pub(crate) fn known_on_entry(&self) -> bool {
        !self.outcome && !self.labels.iter().any(Label::is_from_result)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Whole(String),
    /// The crate's name and an underscore stand before it.
    Derived(String),
}

impl Name {
    /// For a message, where the crate's name isn't known.
    fn shown(&self) -> String {
        match self {
            Self::Whole(name) => name.clone(),
            Self::Derived(name) => format!("<crate>_{name}"),
        }
    }
}

/// What the item is called, and says of itself.
struct Described<'a> {
    ident: &'a Ident,
    attrs: &'a [Attribute],
}

pub(crate) fn runtime(marks: &[Mark]) -> Runtime {
    let krate: Option<Path> = marks.iter().find_map(|mark| mark.args.krate.as_ref().map(|krate| krate.value.clone()));
    Runtime::at(krate)
}

pub(crate) fn function(marks: Vec<Mark>, function: &Function, errors: &mut Errors) -> FunctionPlan {
    let signature = &function.signature;
    if let Some(constness) = &signature.constness {
        errors.on(
            constness,
            "a `const fn` can't be measured, since it may run when the program is compiled; drop `const`, or measure its callers",
        );
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
            if names.contains(&own.name) {
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
        What::Observation(_) => 3,
        What::Duration => 4,
    });
    FunctionPlan { measures }
}

fn measure(mark: Mark, function: &Function, errors: &mut Errors) -> Option<Measure> {
    let Mark { kind, span, mut args } = mark;
    let signature = &function.signature;
    let labels = labels::of_function(args.labels.as_ref(), signature, errors);
    let from_result = labels.iter().find(|label| label.is_from_result());
    let what = match kind {
        Kind::Counter => What::Calls,
        Kind::Gauge => in_progress(&args, span, errors)?,
        Kind::Histogram => match args.observe.take() {
            Some(observe) => {
                refuse(
                    errors,
                    args.outcome.as_ref(),
                    "`observe` reads the returned value, so the `outcome` is always a return; drop one of them",
                );
                What::Observation(observe.value)
            }
            None => What::Duration,
        },
        Kind::CountExceptions => exceptions(&mut args, signature, errors),
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
    if never_returns(signature) {
        let reads = match (&what, from_result) {
            (What::Observation(closure), _) => Some((closure.span(), "drop `observe`, which then records seconds")),
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
    if let Some(into) = args.into.take() {
        refuse_beside_into(&args, errors);
        return Some(Measure { kind, what, target: Target::Into(into.value) });
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
    Some(Measure { kind, what, target: Target::Own(Box::new(own)) })
}

fn in_progress(args: &Args, span: Span, errors: &mut Errors) -> Option<What> {
    match (&args.track_inprogress, &args.callback) {
        (Some(_), None) => Some(What::InProgress),
        (None, None) if args.incomplete => None,
        (None, None) => {
            errors.at(
                span,
                "say what the gauge of a function shows: `#[gauge(track_inprogress)]` for the calls that are running, `#[gauge(callback)]` for what the \
                 function returns at each scrape",
            );
            None
        }
        (_, Some(callback)) => {
            errors.at(
                callback.word.span(),
                "`callback` stands alone on its function, which is called at every scrape and must not count itself; drop the other attributes and \
                 `track_inprogress`",
            );
            None
        }
    }
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

fn never_returns(signature: &Signature) -> bool {
    matches!(&signature.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

fn refuse<T>(errors: &mut Errors, arg: Option<&Arg<T>>, message: &str) {
    if let Some(arg) = arg {
        errors.at(arg.word.span(), message);
    }
}

fn refuse_beside_into(args: &Args, errors: &mut Errors) {
    let words = [
        args.name.as_ref().map(|arg| &arg.word),
        args.namespace.as_ref().map(|arg| &arg.word),
        args.unit.as_ref().map(|arg| &arg.word),
        args.help.as_ref().map(|arg| &arg.word),
        args.labels.as_ref().map(|arg| &arg.word),
        args.const_labels.as_ref().map(|arg| &arg.word),
        args.outcome.as_ref().map(|arg| &arg.word),
        args.init.as_ref().map(|arg| &arg.word),
        args.max_series.as_ref().map(|arg| &arg.word),
        args.buckets.as_ref().map(|arg| &arg.word),
    ];
    for word in words.into_iter().flatten() {
        errors.at(
            word.span(),
            format!("`into` feeds a metric that exists already, so `{word}` can't be stated here; state it where the metric is defined"),
        );
    }
}

/// What a callback's function must be like.
pub(crate) fn callback(mark: Mark, function: &Function, errors: &mut Errors) -> Own {
    let Mark { kind, span, args } = mark;
    let signature = &function.signature;
    let name = &signature.ident;
    if let Some(argument) = signature.inputs.first() {
        let message = match argument {
            FnArg::Receiver(_) => format!(
                "`callback` calls `{name}` at every scrape and has no `self` to give; use a function without arguments that finds its object in a static"
            ),
            FnArg::Typed(_) => format!(
                "`callback` calls `{name}` at every scrape and has no arguments to give; use a function without arguments"
            ),
        };
        errors.on(&signature.inputs, message);
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.on(
            asyncness,
            "`callback` is called at every scrape, which waits for no future; use a function that is not `async`",
        );
    }
    if let Some(constness) = &signature.constness {
        errors
            .on(constness, "a `const fn` can't be read at every scrape, since it gives the same number; drop `const`");
    }
    if !signature.generics.params.is_empty() {
        errors.on(
            &signature.generics,
            format!("`callback` can't know which `{name}` to call at a scrape; use a function without generics"),
        );
    }
    if matches!(signature.safety, syn::Safety::Unsafe(_)) {
        errors.on(
            &signature.ident,
            format!("`callback` would call the unsafe function `{name}` at every scrape; use a safe one"),
        );
    }
    if matches!(signature.output, ReturnType::Default) || never_returns(signature) {
        errors.on(
            &signature.ident,
            format!("`callback` shows the number that `{name}` returns; let it return one, for example `-> f64`"),
        );
    }
    if function.body.is_none() {
        errors.on(name, format!("`{name}` has no body here; mark its implementations instead"));
    }
    if let Some(track) = &args.track_inprogress {
        errors.at(
            track.word.span(),
            "`callback` is called at every scrape and must not count itself; drop `track_inprogress`",
        );
    }
    for (word, what) in [
        (
            args.labels.as_ref().map(|arg| &arg.word),
            "has no arguments to read labels from; write `const_labels(…)`, or",
        ),
        (args.into.as_ref().map(|arg| &arg.word), "makes a gauge of its own, so it feeds no other;"),
        (args.max_series.as_ref().map(|arg| &arg.word), "has one series;"),
        (args.init.as_ref().map(|arg| &arg.word), "has one series, which always shows;"),
    ] {
        if let Some(word) = word {
            errors.at(word.span(), format!("a `callback` {what} drop `{word}`"));
        }
    }
    let described = Described { ident: &signature.ident, attrs: &function.attrs };
    own(kind, span, args, Vec::new(), &described, &What::Observation(Expr::Verbatim(TokenStream::new())), errors)
}

/// The metric of a marked static.
pub(crate) fn a_static(marks: Vec<Mark>, item: &Static, errors: &mut Errors) -> Option<Own> {
    let mut marks = marks.into_iter();
    let Mark { kind, span, args } = marks.next()?;
    for other in marks {
        errors.at(other.span, "a static is one metric, so it takes one attribute; drop this one");
    }
    if kind == Kind::CountExceptions {
        errors.at(span, "`#[count_exceptions]` marks a function; on a static write `#[counter]`");
        return None;
    }
    if let Some(mutability) = &item.mutability {
        errors.on(mutability, "a metric counts behind a shared reference; drop `mut`");
    }
    if let Some(initialiser) = &item.initialiser {
        errors.on(
            initialiser,
            format!(
                "the attribute writes the initialiser; end the line behind the type: `static {}: {};`",
                item.ident,
                item.ty.to_token_stream()
            ),
        );
    }
    if let Some(of_type) = Kind::of_type(&item.ty)
        && of_type != kind
    {
        errors.on(
            &item.ty,
            format!(
                "`#[{}]` on a static makes a `{}`; write that type, or `#[{}]`",
                kind.attribute(),
                kind.type_name(),
                of_type.attribute()
            ),
        );
    } else if is_no_metric(&item.ty) {
        errors.on(
            &item.ty,
            format!(
                "`#[{0}]` on a static makes a `{1}`; write `static {2}: {1};`",
                kind.attribute(),
                kind.type_name(),
                item.ident
            ),
        );
    }
    if has_no_labels(&item.ty) {
        let cure = format!("`{}<MyLabels>`", kind.type_name());
        for (word, what) in [
            (args.max_series.as_ref().map(|arg| &arg.word), "limits how many series the labels may make"),
            (
                args.init.as_ref().map(|arg| &arg.word),
                "says whether the series of the labels show from the first scrape",
            ),
        ] {
            if let Some(word) = word {
                errors.at(
                    word.span(),
                    format!("`{word}` {what}, and this static has no labels; drop it, or name a set of labels: {cure}"),
                );
            }
        }
    }
    for (word, why) in [
        (
            args.labels.as_ref().map(|arg| &arg.word),
            "a static has no arguments; its labels are its type's: `Counter<MyLabels>` with `#[derive(Labels)] struct MyLabels { … }`",
        ),
        (
            args.outcome.as_ref().map(|arg| &arg.word),
            "`outcome` is that of a call, and a static is not called; drop it, or mark a function",
        ),
        (args.into.as_ref().map(|arg| &arg.word), "`into` feeds a metric from a function; drop it, or mark a function"),
        (
            args.track_inprogress.as_ref().map(|arg| &arg.word),
            "`track_inprogress` counts the calls of a function; for a static call its method `track_inprogress()`",
        ),
        (
            args.callback.as_ref().map(|arg| &arg.word),
            "`callback` reads a function at every scrape; mark that function instead, and drop this static",
        ),
        (
            args.observe.as_ref().map(|arg| &arg.word),
            "`observe` reads the result of a function; for a static call its method `observe(…)`",
        ),
    ] {
        if let Some(word) = word {
            errors.at(word.span(), why);
        }
    }
    let described = Described { ident: &item.ident, attrs: &item.attrs };
    Some(own(kind, span, args, Vec::new(), &described, &What::Observation(Expr::Verbatim(TokenStream::new())), errors))
}

/// Whether a type is certainly no metric: a built-in type, or an atomic. Of any other name the compiler knows more.
fn is_no_metric(ty: &Type) -> bool {
    const BUILT_IN: [&str; 18] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64",
        "u128", "usize", "String",
    ];
    let Type::Path(path) = ty else { return !matches!(ty, Type::Macro(_) | Type::Paren(_) | Type::Group(_)) };
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        BUILT_IN.contains(&name.as_str()) || name.starts_with("Atomic")
    })
}

/// Whether a type is one of ours and names no labels, or `()`.
fn has_no_labels(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    Kind::of_type(ty).is_some()
        && match &last.arguments {
            PathArguments::None => true,
            PathArguments::AngleBracketed(arguments) => {
                matches!(arguments.args.first(), None | Some(GenericArgument::Type(Type::Tuple(_))))
            }
            PathArguments::Parenthesized(_) => false,
        }
}

fn own(
    kind: Kind,
    span: Span,
    args: Args,
    labels: Vec<Label>,
    described: &Described<'_>,
    what: &What,
    errors: &mut Errors,
) -> Own {
    let unit = unit(&args, what, errors);
    let name = name(kind, &args, described, what, unit.as_deref(), errors);
    let const_labels = const_labels(args.const_labels, &labels, args.outcome.is_some(), errors);
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
    Own {
        span,
        unit,
        help: help(args.help.as_ref(), described, kind, what),
        name,
        labels,
        outcome: args.outcome.is_some(),
        const_labels,
        buckets: args.buckets.map(|buckets| buckets.value),
        init: args.init.map(|init| init.value),
        max_series: args.max_series.map(|max_series| max_series.value),
    }
}

fn unit(args: &Args, what: &What, errors: &mut Errors) -> Option<String> {
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
        if matches!(what, What::Duration) && unit != "seconds" {
            errors.at(*span, "a call is timed in seconds; drop `unit`, or observe another number of the result: `observe = |result| …`");
        }
    }
    match what {
        What::Duration if args.name.is_none() => Some("seconds".to_owned()),
        _ => stated.map(|(unit, _)| unit),
    }
}

fn name(
    kind: Kind,
    args: &Args,
    described: &Described<'_>,
    what: &What,
    unit: Option<&str>,
    errors: &mut Errors,
) -> Name {
    if let Some(name) = &args.name {
        refuse(
            errors,
            args.namespace.as_ref(),
            "`name` is the whole name, so `namespace` can't be stated too; drop one of them",
        );
        check_metric_name(&name.value, errors);
        return Name::Whole(names::with_unit(&name.value.value(), unit));
    }
    let item = names::text(described.ident);
    if !item.is_ascii() {
        errors.at(
            described.ident.span(),
            format!("the name of a metric has ASCII letters only, so it can't be derived from `{item}`; state one: `name = \"…\"`"),
        );
    }
    let item = item.to_ascii_lowercase();
    let derived = match what {
        What::Calls => format!("{item}_calls_total"),
        What::InProgress => format!("{item}_inprogress"),
        What::Duration => format!("{item}_duration"),
        What::Exceptions { .. } => format!("{item}_exceptions_total"),
        What::Observation(_) if kind == Kind::Counter && !item.ends_with("_total") => format!("{item}_total"),
        What::Observation(_) => item,
    };
    let derived = names::with_unit(&derived, unit);
    match args.namespace.as_ref().map(|namespace| (namespace, namespace.value.value())) {
        None => Name::Derived(derived),
        Some((_, namespace)) if namespace.is_empty() => {
            if let Some(fault) = names::metric_fault(&derived) {
                errors.at(described.ident.span(), format!("{fault}, or drop `namespace = \"\"`"));
            }
            Name::Whole(derived)
        }
        Some((arg, namespace)) => {
            check_metric_name(&arg.value, errors);
            Name::Whole(format!("{}_{derived}", namespace.trim_end_matches('_')))
        }
    }
}

fn check_metric_name(name: &LitStr, errors: &mut Errors) {
    if let Some(fault) = names::metric_fault(&name.value()) {
        errors.at(name.span(), fault);
    }
}

fn const_labels(
    args: Option<Arg<Vec<ConstLabel>>>,
    labels: &[Label],
    outcome: bool,
    errors: &mut Errors,
) -> Vec<ConstLabel> {
    let mut checked: Vec<ConstLabel> = Vec::new();
    for label in args.map(|args| args.value).unwrap_or_default() {
        let name = names::text(&label.name);
        if let Some(fault) = names::label_fault(&name) {
            errors.at(label.name.span(), fault);
        } else if checked.iter().any(|taken| names::text(&taken.name) == name) {
            errors.at(label.name.span(), format!("the label `{name}` stands twice; drop one of them"));
        } else if labels.iter().any(|taken| taken.name == name) {
            errors.at(label.name.span(), format!("the label `{name}` stands in `labels(…)` too; drop one of them"));
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
        (What::Duration, _) => format!("Seconds that calls of `{item}` took."),
        (What::Exceptions { .. }, _) => format!("Calls of `{item}` that failed."),
        (What::Observation(_), Kind::Histogram) => format!("Observations of `{item}`."),
        (What::Observation(_), _) => format!("The value of `{item}`."),
    }
}

/// What can be read here is checked here, where the message can point at the number; the rest is checked by the compiler, in
/// `Spec::buckets`.
fn check_buckets(buckets: &Buckets, errors: &mut Errors) {
    let (generator, count) = match buckets {
        Buckets::Bounds(Expr::Array(array)) => return check_bounds(array, errors),
        Buckets::Bounds(_) => return,
        Buckets::Linear { width, count, .. } => {
            if number(width).is_some_and(|width| width <= 0.0) {
                errors.on(width, "the width of `linear` must be above 0, since the bounds must rise; raise it");
            }
            ("linear", count)
        }
        Buckets::Exponential { start, factor, count } => {
            if number(start).is_some_and(|start| start <= 0.0) {
                errors.on(start, "the start of `exponential` must be above 0, since it is multiplied; raise it");
            }
            if number(factor).is_some_and(|factor| factor <= 1.0) {
                errors.on(factor, "the factor of `exponential` must be above 1, since the bounds must rise; raise it");
            }
            ("exponential", count)
        }
    };
    if number(count).is_some_and(|count| count < 1.0) {
        errors.on(count, format!("`{generator}` needs at least 1 bucket; raise its count"));
    }
}

fn check_bounds(array: &syn::ExprArray, errors: &mut Errors) {
    if array.elems.is_empty() {
        errors.on(array, "a histogram needs at least one bucket besides +Inf; write for example `[0.1, 1.0, 10.0]`");
    }
    let mut before: Option<f64> = None;
    for (index, element) in array.elems.iter().enumerate() {
        let Some(bound) = number(element) else {
            before = None;
            continue;
        };
        let last = index + 1 == array.elems.len() && index > 0;
        if bound.is_nan() {
            errors.on(element, "this bound is NaN, and nothing is below or above that; drop it");
            before = None;
            continue;
        } else if bound.is_infinite() && !(last && bound > 0.0) {
            errors.on(
                element,
                "this bound is infinite; +Inf is always there as the last one, and the others must be numbers: write numbers",
            );
            before = None;
            continue;
        } else if before == Some(bound) {
            errors.on(element, "this bound stands twice; drop one of them");
        } else if before.is_some_and(|before| bound < before) {
            errors.on(element, "the bounds must rise, and this one is below the one before it; sort them");
        }
        before = Some(bound);
    }
}

/// The value of a literal, or of a well-known constant.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(float) => float.base10_parse().ok(),
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Group(inner) => number(&inner.expr),
        Expr::Path(path) => {
            let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let (constant, of) = (segments.next()?, segments.next()?);
            match (of.as_str(), constant.as_str()) {
                ("f64", "NAN") => Some(f64::NAN),
                ("f64", "INFINITY") => Some(f64::INFINITY),
                ("f64", "NEG_INFINITY") => Some(f64::NEG_INFINITY),
                _ => None,
            }
        }
        _ => None,
    }
}
