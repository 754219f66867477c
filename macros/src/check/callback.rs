//! Functions that are called at every scrape.

use proc_macro2::TokenStream;
use syn::{Expr, FnArg, ReturnType};

use super::metric::{Described, own};
use super::plan::{Own, What};
use crate::args::{Kind, Mark};
use crate::errors::Errors;
use crate::future::returns_never;
use crate::item::Function;

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
    if matches!(signature.output, ReturnType::Default) || returns_never(&signature.output) {
        errors.on(
            &signature.ident,
            format!("`callback` shows the number that `{name}` returns; let it return one, for example `-> f64`"),
        );
    }
    if function.body.is_none() {
        errors.on(name, format!("`{name}` has no body here; mark its implementations instead"));
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
