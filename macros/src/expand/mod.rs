//! From a plan to code.
//!
//! A marked function keeps its signature; its body stands once in what is written. Where nothing of the result is read,
//! the body follows guards in the same block. Where something is, it moves into a closure, or into an `async` block, so
//! that `return` and `?` end there and not in the function.

mod arguments;
mod function;
mod locals;
mod metric;
#[cfg(test)]
mod snapshots;
mod wrapper;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::args::{Args, Attribute, Stated};
use crate::block::{self, Block};
use crate::errors::Errors;
use crate::item::{self, Function, Marked};
use crate::paths::Runtime;
use crate::{check, fallback};

/// Expands an attribute, and those of ours that stand below it.
pub(crate) fn mark(attribute: impl Into<Attribute>, args: TokenStream, tokens: TokenStream) -> TokenStream {
    let attribute = attribute.into();
    if item::is_import(&args, &tokens) {
        return TokenStream::new();
    }
    if attribute == Attribute::Measure && block::is_block(&tokens) {
        return measured_block(&args, &tokens);
    }
    if let Some(behind) = item::behind_conditions(attribute, &args, &tokens) {
        return behind;
    }
    let mut errors = Errors::default();
    let (stated, item) = item::parse(attribute, args, tokens, &mut errors);
    let runtime = check::runtime(stated.iter().map(|stated| &stated.args));
    let expanded = match &item {
        Marked::Function(function) => a_function(stated, function, &runtime, &mut errors),
        Marked::Static(item) => {
            let own = check::a_static(stated, item, &mut errors);
            own.filter(|_| errors.is_empty()).map(|(kind, own)| metric::of_static(item, kind, &own, &runtime))
        }
        Marked::Other(tokens) => {
            if errors.is_empty() {
                errors.on(first_line(tokens), misplaced(attribute, tokens));
            }
            None
        }
    };
    expanded.unwrap_or_else(|| fallback::beside(errors, &item, &runtime))
}

fn a_function(stated: Vec<Stated>, function: &Function, runtime: &Runtime, errors: &mut Errors) -> Option<TokenStream> {
    if stated.iter().any(|stated| stated.attribute == Attribute::Collector) {
        let (span, argument) = check::collector(&stated, function, errors)?;
        return errors.is_empty().then(|| function::collector(function, span, argument, runtime));
    }
    let mut marks = check::marks(stated, errors);
    if let Some(at) = marks.iter().position(|mark| mark.args.callback.is_some()) {
        let mark = marks.swap_remove(at);
        for other in &marks {
            errors.at(
                other.span,
                "`callback` is called at every scrape and must not be measured itself; drop this attribute, or measure what it calls",
            );
        }
        let own = check::callback(mark, function, errors);
        return errors.is_empty().then(|| function::callback(function, &own, runtime));
    }
    if marks.is_empty() && errors.is_empty() {
        return Some(function::left_out(function));
    }
    let plan = check::function(marks, function, errors);
    errors.is_empty().then(|| function::measured(function, &plan, runtime))
}

/// An `impl` with the attribute on each of its functions.
fn measured_block(args: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let stated = Args::parse(Attribute::Measure, args.clone(), &mut errors);
    if let Some(skip) = &stated.skip {
        errors.at(
            skip.word.span(),
            "`skip` leaves a function out of a measured `impl`; write it there, or drop this attribute",
        );
    }
    let marked = syn::parse2::<Block>(tokens.clone()).and_then(|block| block.marked(args, &check::runtime([&stated])));
    match marked {
        Ok(marked) if errors.is_empty() => return marked,
        Ok(_) => {}
        Err(error) => errors.push(error),
    }
    let errors = errors.into_tokens();
    quote!(#tokens #errors)
}

/// What is said where an attribute can't stand.
fn misplaced(attribute: Attribute, item: &TokenStream) -> String {
    let described = item.clone().into_iter().find_map(|token| described(&token.to_string()));
    let what = described.map(|(what, cure)| match (attribute, what) {
        (Attribute::Measure, "a struct" | "an enum" | "a union") => format!(", and this is {what}; mark its `impl`"),
        (Attribute::Collector, "a struct" | "an enum" | "a union") => {
            format!(", and this is {what}; implement the trait `Collector` for it, or mark a function that gives its families")
        }
        (Attribute::Collector, _) => format!(", and this is {what}; mark one `fn name(out: &mut tallymark::Collected)`"),
        (Attribute::Measure, "a trait") => format!(", and this is {what}; {cure}, or an `impl` of it"),
        _ if cure.is_empty() => format!(", and this is {what}"),
        _ => format!(", and this is {what}; {cure}"),
    });
    let places = match attribute {
        Attribute::Metric(_) => "a function or a static",
        Attribute::Measure => "a function or an `impl`",
        Attribute::Collector => "a function",
    };
    format!("`#[{}]` marks {places}{}", attribute.word(), what.unwrap_or_default())
}

/// What an item is, by its first keyword, and what to mark instead.
fn described(keyword: &str) -> Option<(&'static str, &'static str)> {
    Some(match keyword {
        "struct" => ("a struct", "mark the functions that use it, or a static beside it"),
        "enum" => ("an enum", "for a label write `#[derive(tallymark::LabelValue)]`"),
        "union" => ("a union", ""),
        "trait" => ("a trait", "mark its functions"),
        "impl" => ("an `impl`", "mark its functions"),
        "mod" => ("a module", "mark the functions in it"),
        "const" => ("a constant", "make it a `static`"),
        "type" => ("a type", "mark a static of that type"),
        "use" => ("an import", ""),
        "let" => ("a local variable", "make it a `static`"),
        "macro_rules" => ("a macro", "write the attribute into what it makes"),
        _ => return None,
    })
}

/// The tokens before the first braces or parentheses, for a message to point at.
fn first_line(tokens: &TokenStream) -> TokenStream {
    let mut seen_keyword = false;
    let line: TokenStream = tokens
        .clone()
        .into_iter()
        .skip_while(|token| {
            seen_keyword = seen_keyword || described(&token.to_string()).is_some();
            !seen_keyword
        })
        .take_while(|token| !matches!(token, proc_macro2::TokenTree::Group(_)))
        .collect();
    if line.is_empty() { quote_spanned!(proc_macro2::Span::call_site()=> item) } else { line }
}
