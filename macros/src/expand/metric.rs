//! The metric of a mark: what it is, where it is counted, and its entry for the linker.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit, UnOp};

use crate::args::{Arg, Buckets, Kind, Native};
use crate::check::{Name, Own, What};
use crate::item::Static;
use crate::names;
use crate::paths::Runtime;

/// A marked static.
pub(super) fn of_static(item: &Static, kind: Kind, own: &Own, runtime: &Runtime) -> TokenStream {
    let Static { attrs, vis, keyword, ident, ty, .. } = item;
    let spec = spec(own, runtime);
    let from_static = from_static(own, kind, ends(ty), runtime);
    quote! {
        #(#attrs)*
        #vis #keyword #ident: #ty = {
            static __SPEC: #runtime::Spec = #spec;
            #runtime::enlist!(#ident);
            #from_static
        };
    }
}

/// A block that gives the metric of a marked function.
pub(super) fn of_function(kind: Kind, what: &What, own: &Own, runtime: &Runtime) -> TokenStream {
    let ty = ty(kind, what, own, runtime);
    block(own, &ty, &from_static(own, kind, labels_ends(own), runtime), runtime)
}

/// The same for the gauge that reads a function, which `read` is.
pub(super) fn of_callback(own: &Own, read: &Ident, runtime: &Runtime) -> TokenStream {
    let spec = spec(own, runtime);
    // At what the function returns, which must be a number.
    let private = runtime.private(read.span());
    let number = quote_spanned!(read.span()=> #private::Measurable::number(#read()));
    quote! {
        static __SPEC: #runtime::Spec = #spec;
        static __METRIC: #runtime::Callback = #runtime::Callback::new(&__SPEC, || #number);
        #runtime::enlist!(__METRIC);
    }
}

/// The type of one series of the metric of a marked function.
pub(super) fn series_type(kind: Kind, what: &What, runtime: &Runtime) -> TokenStream {
    match kind {
        Kind::Counter | Kind::CountExceptions => quote!(#runtime::CounterSeries),
        Kind::Gauge if matches!(what, What::InProgress) => quote!(#runtime::GaugeSeries<::core::primitive::i64>),
        Kind::Gauge => quote!(#runtime::GaugeSeries),
        Kind::Histogram => quote!(#runtime::HistogramSeries),
        Kind::Summary => quote!(#runtime::SummarySeries),
        // They mark statics alone.
        Kind::Info | Kind::StateSet => TokenStream::new(),
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
fn from_static(own: &Own, kind: Kind, otherwise: [Span; 2], runtime: &Runtime) -> TokenStream {
    let said = own.max_series.as_ref().map(syn::LitInt::span).or(own.init.as_ref().map(syn::LitBool::span));
    let [from, to] = said.map_or(otherwise, |said| [said; 2]).map(|span| span.resolved_at(Span::mixed_site()));
    let (private, metric) = (runtime.private(from), kind.type_name());
    let spec = quote_spanned!(to=> (&__SPEC));
    quote_spanned!(from=> #private::#metric::from_static #spec)
}

/// The spans of the first and of the last token, between which the compiler points.
fn ends(tokens: impl ToTokens) -> [Span; 2] {
    let mut tokens = tokens.into_token_stream().into_iter();
    let first = tokens.next();
    let last = tokens.last().or_else(|| first.clone());
    [first, last].map(|token| token.map_or_else(Span::mixed_site, |token| token.span()))
}

/// Those of the labels, or of the attribute.
fn labels_ends(own: &Own) -> [Span; 2] {
    match own.labels.as_slice() {
        [] => [own.span; 2],
        [first, .., last] => [first.span, last.span],
        [only] => [only.span; 2],
    }
}

fn ty(kind: Kind, what: &What, own: &Own, runtime: &Runtime) -> TokenStream {
    let [from, to] = labels_ends(own).map(|span| span.resolved_at(Span::mixed_site()));
    let (private, metric, end) = (runtime.private(from), kind.type_name(), quote_spanned!(to=> >));
    let path = quote!(#private::#metric);
    let mut labels: Vec<TokenStream> = own.labels.iter().map(|label| label.ty.clone()).collect();
    if own.outcome {
        labels.push(quote!(#runtime::Outcome));
    }
    let labels = if labels.is_empty() { quote!(()) } else { quote!(#runtime::Positional<(#(#labels,)*)>) };
    match what {
        What::InProgress => quote!(#path<#labels, ::core::primitive::i64 #end),
        _ if own.labels.is_empty() && !own.outcome => path,
        _ => quote!(#path<#labels #end),
    }
}

fn spec(own: &Own, runtime: &Runtime) -> TokenStream {
    let site = {
        let private = runtime.private(own.span);
        quote_spanned!(own.span=> #private::site!())
    };
    let mut spec = match &own.name {
        Name::Utf8(name) => {
            let claimed = names::underscored(name, true);
            quote!(#runtime::Spec::utf8(#name, #claimed, #site))
        }
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
    if !own.const_labels.is_empty() || own.package {
        let names = own.const_labels.iter().map(|label| names::text(&label.name));
        let values = own.const_labels.iter().map(|label| &label.value);
        let package = own
            .package
            .then(|| quote!(("package", #runtime::package!(NAME)), ("version", #runtime::package!(VERSION)),));
        // As a constant, since a value may be more than a literal.
        spec.extend(quote! {
            .const_labels({
                const __CONST_LABELS: &[(&::core::primitive::str, &::core::primitive::str)] = &[#package #((#names, #values)),*];
                __CONST_LABELS
            })
        });
    }
    if let Some(buckets) = &own.buckets {
        spec = with_bounds(&spec, buckets, runtime);
    }
    if let Some(native) = &own.native {
        spec = with_native(&spec, native, runtime);
    }
    if let Some(quantiles) = &own.quantiles {
        spec = with_quantiles(&spec, quantiles, runtime);
    }
    if let Some((max_age, age_buckets)) = &own.window {
        spec = with_window(&spec, max_age, age_buckets, runtime);
    }
    if let Some(max_series) = &own.max_series {
        spec.extend(quote!(.max_series(#max_series)));
    }
    if let Some(init) = &own.init {
        spec.extend(quote!(.init(#init)));
    }
    spec
}

/// In a call whose tokens all stand where the bounds do, since there the compiler says what is wrong with them.
fn with_bounds(spec: &TokenStream, buckets: &Buckets, runtime: &Runtime) -> TokenStream {
    let (generator, start, step, count) = match buckets {
        Buckets::Bounds(Expr::Array(array)) => {
            let numbers = array.elems.iter().map(floating);
            let span = array.bracket_token.span.join().resolved_at(Span::mixed_site());
            let private = runtime.private(span);
            return quote_spanned!(span=> #private::Spec::buckets(#spec, &[#(#numbers),*]));
        }
        Buckets::Bounds(other) => {
            let span = syn::spanned::Spanned::span(other).resolved_at(Span::mixed_site());
            let private = runtime.private(span);
            return quote_spanned!(span=> #private::Spec::buckets(#spec, &#other));
        }
        Buckets::Linear { start, width, count } => ("linear", start, width, count),
        Buckets::Exponential { start, factor, count } => ("exponential", start, factor, count),
        Buckets::ExponentialRange { start, end, count } => ("exponential_range", start, end, count),
    };
    let (start, step) = (floating(start), floating(step));
    let float = quote!(::core::primitive::f64);
    let span = syn::spanned::Spanned::span(count).resolved_at(Span::mixed_site());
    let (private, generator) = (runtime.private(span), Ident::new(generator, span));
    let bounds = quote_spanned!(span=> #private::buckets::#generator(#start, #step));
    quote! {
        #spec.buckets({
            const __BOUNDS: [#float; #count] = #bounds;
            &__BOUNDS
        })
    }
}

/// In a call whose tokens all stand where `native` does, as [`with_bounds`].
fn with_native(spec: &TokenStream, native: &Arg<Native>, runtime: &Runtime) -> TokenStream {
    let span = native.word.span().resolved_at(Span::mixed_site());
    let private = runtime.private(span);
    let mut options = quote_spanned!(span=> #private::NativeOptions::new());
    let Native { factor, max_buckets, min_reset, zero_threshold, max_zero_threshold } = &native.value;
    if let Some(Arg { value, .. }) = max_buckets {
        options.extend(quote_spanned!(span=> .max_buckets(#value)));
    }
    if let Some(Arg { value, .. }) = min_reset {
        options.extend(quote_spanned!(span=> .min_reset(::core::time::Duration::from_secs(#value))));
    }
    for number in [factor, zero_threshold, max_zero_threshold].into_iter().flatten() {
        let (method, value) = (Ident::new(&number.word.to_string(), span), floating(&number.value));
        options.extend(quote_spanned!(span=> .#method(#value)));
    }
    quote_spanned!(span=> #private::Spec::native(#spec, #options))
}

/// In a call whose tokens all stand where the quantiles do, as [`with_bounds`].
fn with_quantiles(spec: &TokenStream, quantiles: &Expr, runtime: &Runtime) -> TokenStream {
    let span = syn::spanned::Spanned::span(quantiles).resolved_at(Span::mixed_site());
    let private = runtime.private(span);
    let list = match quantiles {
        Expr::Array(array) => {
            let pairs = array.elems.iter().map(|pair| match pair {
                Expr::Tuple(pair) => {
                    let numbers = pair.elems.iter().map(floating);
                    quote_spanned!(syn::spanned::Spanned::span(pair)=> (#(#numbers),*))
                }
                other => other.to_token_stream(),
            });
            quote_spanned!(span=> [#(#pairs),*])
        }
        Expr::Reference(reference) => return with_quantiles(spec, &reference.expr, runtime),
        other => other.to_token_stream(),
    };
    quote_spanned!(span=> #private::Spec::quantiles(#spec, &#list))
}

/// As [`with_quantiles`], where the window is stated.
fn with_window(spec: &TokenStream, max_age: &Expr, age_buckets: &Expr, runtime: &Runtime) -> TokenStream {
    let span = syn::spanned::Spanned::span(max_age).resolved_at(Span::mixed_site());
    let private = runtime.private(span);
    quote_spanned!(span=> #private::Spec::window(#spec, #max_age, #age_buckets))
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
