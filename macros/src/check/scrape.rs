//! Functions that are called at every scrape: callbacks of gauges, and collectors.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, FnArg, PatType, ReturnType, Type};

use super::metric::{Described, own};
use super::plan::{Own, What};
use crate::args::{Attribute, Kind, Mark, Stated};
use crate::errors::Errors;
use crate::future::returns_never;
use crate::item::Function;

/// What a callback's function must be like.
pub(crate) fn callback(mark: Mark, function: &Function, errors: &mut Errors) -> Own {
    let Mark { kind, span, args } = mark;
    let signature = &function.signature;
    let name = &signature.ident;
    can_be_called("callback", function, errors);
    if let Some(FnArg::Typed(_)) = signature.inputs.first() {
        errors.on(
            &signature.inputs,
            format!("`callback` calls `{name}` at every scrape and has no arguments to give; use a function without arguments"),
        );
    }
    if matches!(signature.output, ReturnType::Default) || returns_never(&signature.output) {
        errors.on(
            &signature.ident,
            format!("`callback` shows the number that `{name}` returns; let it return one, for example `-> f64`"),
        );
    }
    for word in args.words_of(&Kind::SHOWN).filter(|word| *word != "callback") {
        errors.at(
            word.span(),
            format!("`callback` is called at every scrape and must not measure itself; drop `{word}`"),
        );
    }
    for (word, what) in [
        ("labels", "has no arguments to read labels from; write `const_labels(…)`, or"),
        ("into", "makes a gauge of its own, so it feeds no other;"),
        ("max_series", "has one series;"),
        ("init", "has one series, which always shows;"),
    ] {
        if let Some(word) = args.word(word) {
            errors.at(word.span(), format!("a `callback` {what} drop `{word}`"));
        }
    }
    let described = Described { ident: &signature.ident, attrs: &function.attrs };
    own(kind, span, args, Vec::new(), &described, &What::Observation(Expr::Verbatim(TokenStream::new())), errors)
}

/// What a collector's function must be like. Gives the place of the attribute, and the argument.
pub(crate) fn collector<'a>(
    stated: &[Stated],
    function: &'a Function,
    errors: &mut Errors,
) -> Option<(Span, &'a PatType)> {
    let signature = &function.signature;
    let name = &signature.ident;
    let mut spans = stated.iter().filter(|stated| stated.attribute == Attribute::Collector).map(|stated| stated.span);
    let span = spans.next()?;
    for again in spans {
        errors.at(again, format!("`{name}` is a collector as it is; drop this attribute"));
    }
    for other in stated.iter().filter(|stated| stated.attribute != Attribute::Collector) {
        errors.at(
            other.span,
            "a collector is called at every scrape and must not be measured itself; drop this attribute, or measure what it calls",
        );
    }
    can_be_called("collector", function, errors);
    if let ReturnType::Type(_, ty) = &signature.output
        && !matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty())
    {
        errors.on(
            ty,
            format!("`{name}` gives its families to its argument, and nobody sees what it returns; drop the type, and leave out what fails"),
        );
    }
    let mut arguments = signature.inputs.iter();
    let first = arguments.next();
    if let (Some(FnArg::Typed(_)), Some(second)) = (first, arguments.next()) {
        errors.on(second, "a collector is given `out: &mut tallymark::Collected` and nothing else; drop this argument");
    }
    match first {
        None => {
            let message = format!(
                "a collector puts its families into its argument; write `fn {name}(out: &mut tallymark::Collected)`"
            );
            errors.on(name, message);
            None
        }
        Some(FnArg::Receiver(_)) => None,
        Some(FnArg::Typed(argument)) => {
            if !matches!(&*argument.ty, Type::Reference(ty) if ty.mutability.is_some() && matches!(*ty.elem, Type::Path(_)))
            {
                errors.on(&argument.ty, "a collector is given `&mut tallymark::Collected`; write that type");
            }
            Some((span, argument))
        }
    }
}

/// Refuses what can't be called by its name alone.
fn can_be_called(word: &str, function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    let name = &signature.ident;
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        errors.on(
            receiver,
            format!("`{word}` calls `{name}` at every scrape and has no `self` to give; use a function that finds its object in a static"),
        );
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.on(
            asyncness,
            format!(
                "`{word}` is called at every scrape, which waits for no future; use a function that is not `async`"
            ),
        );
    }
    if let Some(constness) = &signature.constness {
        errors.on(
            constness,
            format!("`{word}` calls `{name}` at every scrape, and a `const fn` gives the same each time; drop `const`"),
        );
    }
    if !signature.generics.params.is_empty() {
        errors.on(
            &signature.generics,
            format!("`{word}` can't know which `{name}` to call at a scrape; use a function without generics"),
        );
    }
    if matches!(signature.safety, syn::Safety::Unsafe(_)) {
        errors.on(name, format!("`{word}` would call the unsafe function `{name}` at every scrape; use a safe one"));
    }
    if function.body.is_none() {
        errors.on(name, format!("`{name}` has no body here; mark its implementations instead"));
    }
}
