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
use quote::quote_spanned;

use crate::args::Kind;
use crate::errors::Errors;
use crate::item::{self, Marked};
use crate::{check, fallback};

/// Expands an attribute, and those of ours that stand below it.
pub(crate) fn mark(kind: Kind, args: TokenStream, tokens: TokenStream) -> TokenStream {
    if item::is_import(&args, &tokens) {
        return TokenStream::new();
    }
    if let Some(behind) = item::behind_conditions(kind, &args, &tokens) {
        return behind;
    }
    let mut errors = Errors::default();
    let (marks, item) = item::parse(kind, args, tokens, &mut errors);
    let runtime = check::runtime(&marks);
    let expanded = match &item {
        Marked::Function(function) => {
            if let Some(at) = marks.iter().position(|mark| mark.args.callback.is_some()) {
                let mut marks = marks;
                let mark = marks.swap_remove(at);
                for other in &marks {
                    errors.at(
                        other.span,
                        "`callback` is called at every scrape and must not be measured itself; drop this attribute, or measure what it calls",
                    );
                }
                let own = check::callback(mark, function, &mut errors);
                errors.is_empty().then(|| function::callback(function, &own, &runtime))
            } else {
                let plan = check::function(marks, function, &mut errors);
                errors.is_empty().then(|| function::measured(function, &plan, &runtime))
            }
        }
        Marked::Static(item) => {
            let own = check::a_static(marks, item, &mut errors);
            own.filter(|_| errors.is_empty()).map(|own| metric::of_static(item, kind, &own, &runtime))
        }
        Marked::Other(tokens) => {
            if errors.is_empty() {
                let what = tokens.clone().into_iter().find_map(|token| described(&token.to_string()));
                errors.on(
                    first_line(tokens),
                    format!(
                        "`#[{}]` marks a function or a static{}",
                        kind.attribute(),
                        what.map(|what| format!(", and this is {what}")).unwrap_or_default()
                    ),
                );
            }
            None
        }
    };
    expanded.unwrap_or_else(|| fallback::beside(errors, &item, &runtime))
}

/// What an item is, by its first keyword.
fn described(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "struct" => "a struct; mark the functions that use it, or a static beside it",
        "enum" => "an enum; for a label write `#[derive(tallymark::LabelValue)]`",
        "union" => "a union",
        "trait" => "a trait; mark its functions",
        "impl" => "an `impl`; mark its functions",
        "mod" => "a module; mark the functions in it",
        "const" => "a constant; make it a `static`",
        "type" => "a type; mark a static of that type",
        "use" => "an import",
        "let" => "a local variable; make it a `static`",
        "macro_rules" => "a macro; write the attribute into what it makes",
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
