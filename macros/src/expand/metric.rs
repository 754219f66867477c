//! The metric of a mark: what it is, where it is counted, and its entry for the linker.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Expr, Lit, UnOp};

use crate::args::{Buckets, Kind};
use crate::check::{Name, Own, What};
use crate::item::Static;
use crate::names;
use crate::paths::Runtime;

/// A marked static.
pub(super) fn of_static(item: &Static, kind: Kind, own: &Own, runtime: &Runtime) -> TokenStream {
    let Static { attrs, vis, static_token, ident, ty, .. } = item;
    let spec = spec(own, runtime);
    let metric = kind.type_name();
    let from_static = from_static(own, &quote!(#runtime::#metric), ident.span());
    quote! {
        #(#attrs)*
        #vis #static_token #ident: #ty = {
            static __SPEC: #runtime::Spec = #spec;
            #runtime::enlist!(#ident);
            #from_static
        };
    }
}

/// A block that gives the metric of a marked function.
pub(super) fn of_function(kind: Kind, what: &What, own: &Own, runtime: &Runtime) -> TokenStream {
    let ty = ty(kind, what, own, runtime);
    block(own, &ty, &from_static(own, &path(kind, runtime), own.span), runtime)
}

/// The same for the gauge that reads a function, which `read` is.
pub(super) fn of_callback(own: &Own, read: &Ident, runtime: &Runtime) -> TokenStream {
    let spec = spec(own, runtime);
    quote! {
        static __SPEC: #runtime::Spec = #spec;
        static __METRIC: #runtime::Callback = #runtime::Callback::new(&__SPEC, || #runtime::Measurable::number(#read()));
        #runtime::enlist!(__METRIC);
    }
}

fn block(own: &Own, ty: &TokenStream, from_static: &TokenStream, runtime: &Runtime) -> TokenStream {
    let spec = spec(own, runtime);
    quote! {
        {
            static __SPEC: #runtime::Spec = #spec;
            static __METRIC: #ty = #from_static;
            #runtime::enlist!(__METRIC);
            &__METRIC
        }
    }
}

/// What the compiler checks here, it says at what the user wrote about it.
fn from_static(own: &Own, path: &TokenStream, otherwise: Span) -> TokenStream {
    let said = own.max_series.as_ref().map(syn::LitInt::span).or(own.init.as_ref().map(syn::LitBool::span));
    let span = said.unwrap_or(otherwise).resolved_at(Span::mixed_site());
    let call = quote_spanned!(span=> ::from_static(&__SPEC));
    quote!(#path #call)
}

fn path(kind: Kind, runtime: &Runtime) -> TokenStream {
    let metric = kind.type_name();
    quote!(#runtime::#metric)
}

fn ty(kind: Kind, what: &What, own: &Own, runtime: &Runtime) -> TokenStream {
    let path = path(kind, runtime);
    let mut labels: Vec<TokenStream> = own.labels.iter().map(|label| label.ty.clone()).collect();
    if own.outcome {
        labels.push(quote!(#runtime::Outcome));
    }
    let labels = if labels.is_empty() { quote!(()) } else { quote!(#runtime::Positional<(#(#labels,)*)>) };
    match what {
        What::InProgress => quote!(#path<#labels, ::core::primitive::i64>),
        _ if own.labels.is_empty() && !own.outcome => path,
        _ => quote!(#path<#labels>),
    }
}

fn spec(own: &Own, runtime: &Runtime) -> TokenStream {
    let site = {
        let private = runtime.private(own.span);
        quote_spanned!(own.span=> #private::site!())
    };
    let mut spec = match &own.name {
        Name::Whole(name) => quote!(#runtime::Spec::named(#name, #site)),
        Name::Derived(name) => {
            let derived = quote_spanned!(own.span.resolved_at(Span::mixed_site())=> ::derived(::core::module_path!(), #name, #site));
            quote!(#runtime::Spec #derived)
        }
    };
    let help = &own.help;
    spec.extend(quote!(.help(#help)));
    if let Some(unit) = &own.unit {
        spec.extend(quote!(.unit(#unit)));
    }
    let mut labels: Vec<String> = own.labels.iter().map(|label| label.name.clone()).collect();
    labels.extend(own.outcome.then(|| "outcome".to_owned()));
    if !labels.is_empty() {
        spec.extend(quote!(.labels(&[#(#labels),*])));
    }
    if !own.const_labels.is_empty() {
        let names = own.const_labels.iter().map(|label| names::text(&label.name));
        let values = own.const_labels.iter().map(|label| &label.value);
        spec.extend(quote!(.const_labels(&[#((#names, #values)),*])));
    }
    if let Some(buckets) = &own.buckets {
        spec.extend(bounds(buckets, runtime));
    }
    if let Some(max_series) = &own.max_series {
        spec.extend(quote!(.max_series(#max_series)));
    }
    if let Some(init) = &own.init {
        spec.extend(quote!(.init(#init)));
    }
    spec
}

fn bounds(buckets: &Buckets, runtime: &Runtime) -> TokenStream {
    let (generator, start, step, count) = match buckets {
        Buckets::Bounds(Expr::Array(array)) => {
            let numbers = array.elems.iter().map(floating);
            let bounds = quote_spanned!(array.bracket_token.span.join()=> .buckets(&[#(#numbers),*]));
            return bounds;
        }
        Buckets::Bounds(other) => {
            let span = syn::spanned::Spanned::span(other).resolved_at(Span::mixed_site());
            return quote_spanned!(span=> .buckets(&#other));
        }
        Buckets::Linear { start, width, count } => (quote!(linear), start, width, count),
        Buckets::Exponential { start, factor, count } => (quote!(exponential), start, factor, count),
    };
    let (start, step) = (floating(start), floating(step));
    let float = quote!(::core::primitive::f64);
    quote! {
        .buckets({
            const __BOUNDS: [#float; #count] = #runtime::buckets::#generator(#start, #step);
            &__BOUNDS
        })
    }
}

/// A number as a float: `5` may stand where `5.0` is meant.
fn floating(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) if int.suffix().is_empty() && int.base10_parse::<u64>().is_ok() => {
                syn::LitFloat::new(&format!("{}.0", int.base10_digits()), int.span()).to_token_stream()
            }
            _ => expr.to_token_stream(),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let (op, number) = (&unary.op, floating(&unary.expr));
            quote!(#op #number)
        }
        _ => expr.to_token_stream(),
    }
}
