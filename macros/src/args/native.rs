//! What is asked of native histograms.

use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream};
use syn::{Expr, Ident, Token, parenthesized, token};

use super::{Arg, after_equals, put};
use crate::errors::Errors;
use crate::names;

/// What stands behind `native`: nothing, or options in parentheses.
#[derive(Default)]
pub(crate) struct Native {
    pub(crate) factor: Option<Arg<Expr>>,
    pub(crate) max_buckets: Option<Arg<Expr>>,
    pub(crate) min_reset: Option<Arg<Expr>>,
    pub(crate) zero_threshold: Option<Arg<Expr>>,
    pub(crate) max_zero_threshold: Option<Arg<Expr>>,
}

/// The options, and a value of each.
const OPTIONS: [(&str, &str); 5] = [
    ("factor", "1.1"),
    ("max_buckets", "160"),
    ("min_reset", "3600"),
    ("zero_threshold", "1e-6"),
    ("max_zero_threshold", "1e-3"),
];

impl Native {
    pub(super) fn parse(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let mut native = Self::default();
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(native);
        }
        if !input.peek(token::Paren) {
            return Err(syn::Error::new(
                word.span(),
                "`native` takes no value, but options in parentheses: `native`, or `native(factor = 1.1, max_buckets = 160)`",
            ));
        }
        let list;
        parenthesized!(list in input);
        while !list.is_empty() {
            native.one(&list, errors)?;
            if !list.is_empty() {
                list.parse::<Token![,]>()?;
            }
        }
        Ok(native)
    }

    fn one(&mut self, list: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if !list.peek(Ident::peek_any) {
            return Err(list.error(format!("expected an option of `native`: {}", listed())));
        }
        let word = Ident::parse_any(list)?;
        let text = word.to_string();
        let Some((_, example)) = OPTIONS.iter().find(|(option, _)| *option == text) else {
            return Err(syn::Error::new(word.span(), unknown(&text)));
        };
        after_equals(&word, list, example)?;
        let value = Expr::parse(list)?;
        let slot = match text.as_str() {
            "factor" => &mut self.factor,
            "max_buckets" => &mut self.max_buckets,
            "min_reset" => &mut self.min_reset,
            "zero_threshold" => &mut self.zero_threshold,
            _ => &mut self.max_zero_threshold,
        };
        put(slot, value, word, errors);
        Ok(())
    }
}

fn unknown(word: &str) -> String {
    let options = OPTIONS.map(|(option, _)| option);
    match names::nearest(word, &options) {
        Some(near) => format!("`native` has no option `{word}`; did you mean `{near}`?"),
        None => format!("`native` has no option `{word}`; it has {}", listed()),
    }
}

fn listed() -> String {
    OPTIONS.map(|(option, _)| format!("`{option}`")).join(", ")
}
