//! The one place that spells the runtime's path.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// Where generated code finds `__private`: `::tallymark`, or what `crate = path` says.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    krate: Option<Path>,
}

impl Runtime {
    pub(crate) fn at(krate: Option<Path>) -> Self {
        Self { krate }
    }

    /// The path of an attribute, on a span.
    pub(crate) fn attribute(&self, word: &str, span: Span) -> TokenStream {
        let word = Ident::new(word, span);
        if let Some(path) = &self.krate {
            quote_spanned!(span=> #path::#word)
        } else {
            quote_spanned!(span=> ::tallymark::#word)
        }
    }

    /// The path of `__private`, on a span.
    pub(crate) fn private(&self, span: Span) -> TokenStream {
        if let Some(path) = &self.krate {
            quote_spanned!(span=> #path::__private)
        } else {
            quote_spanned!(span=> ::tallymark::__private)
        }
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.private(Span::mixed_site()));
    }
}
