//! What is written beside mistakes: the item as it was, so that one mistake gives one message.

use proc_macro2::TokenStream;
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
            quote!(#(#attrs)* #(#inner)* #vis #signature #body)
        }
        Marked::Static(item) => static_without_metric(item, runtime),
        Marked::Other(tokens) => tokens.clone(),
    };
    let errors = errors.into_tokens();
    quote!(#item #errors)
}

/// A static of the stated type where that is one of ours, so that its uses compile; otherwise nothing.
fn static_without_metric(item: &Static, runtime: &Runtime) -> TokenStream {
    let Static { attrs, vis, static_token, mutability, ident, ty, initialiser, .. } = item;
    if let Some(initialiser) = initialiser {
        return quote!(#(#attrs)* #vis #static_token #mutability #ident: #ty = #initialiser;);
    }
    let Some(metric) = Kind::of_type(ty) else { return TokenStream::new() };
    let metric = metric.type_name();
    let span = ident.span().resolved_at(proc_macro2::Span::mixed_site());
    quote_spanned! {span=>
        #(#attrs)* #vis #static_token #mutability #ident: #ty = {
            static SPEC: #runtime::Spec = #runtime::Spec::named("mistaken", #runtime::site!()).unchecked();
            #runtime::#metric::from_static(&SPEC)
        };
    }
}
