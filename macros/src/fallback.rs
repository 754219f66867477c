//! What is written beside mistakes: the item as it was, so that one mistake gives one message.

use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::args::Kind;
use crate::errors::Errors;
use crate::item::{Marked, Static};
use crate::paths::Runtime;

/// The mistakes, and the item without our attributes.
pub(crate) fn beside(errors: Errors, item: &Marked, runtime: &Runtime) -> TokenStream {
    let item = match item {
        Marked::Function(function) => {
            let (attrs, vis, signature) = (&function.attrs, &function.vis, &function.signature);
            let (inner, uses) = (&function.inner_attrs, function.uses());
            let body = function.body.as_ref().map(proc_macro2::Group::stream);
            let body = body.map_or_else(|| quote!(;), |body| quote!({ #uses #body }));
            // An argument that only the refused attribute names is none that nobody needs.
            quote!(#[allow(unused_variables)] #(#attrs)* #(#inner)* #vis #signature #body)
        }
        Marked::Static(item) => static_without_metric(item, runtime),
        Marked::Other(tokens) if lacks_value(tokens) => TokenStream::new(),
        Marked::Other(tokens) => tokens.clone(),
    };
    let errors = errors.into_tokens();
    quote!(#item #errors)
}

/// Whether it is a constant or a static to which nothing is assigned, as one might write beside an attribute: the
/// compiler has its own words for that, and needs not say them too.
fn lacks_value(item: &TokenStream) -> bool {
    let word = |token: &TokenTree, words: &[&str]| words.contains(&token.to_string().as_str());
    let mut tokens = item.clone().into_iter().skip_while(|token| !word(token, &["const", "static"]));
    tokens.next().is_some() && tokens.all(|token| !word(&token, &["=", "fn"]) && !matches!(token, TokenTree::Group(_)))
}

/// A static of the stated type where that is one of ours, so that its uses compile; otherwise as it was, or nothing.
fn static_without_metric(item: &Static, runtime: &Runtime) -> TokenStream {
    let Static { attrs, vis, keyword, mutability, ident, ty, initialiser, .. } = item;
    let Some(metric) = Kind::of_type(ty) else {
        let assigned = initialiser
            .as_ref()
            .map(|initialiser| quote!(#(#attrs)* #vis #keyword #mutability #ident: #ty = #initialiser;));
        return assigned.unwrap_or_default();
    };
    let metric = metric.type_name();
    let span = ident.span().resolved_at(proc_macro2::Span::mixed_site());
    quote_spanned! {span=>
        #(#attrs)* #vis #keyword #mutability #ident: #ty = {
            static SPEC: #runtime::Spec = #runtime::Spec::named("mistaken", #runtime::site!()).unchecked();
            #runtime::#metric::from_static(&SPEC)
        };
    }
}
