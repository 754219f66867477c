//! Marked functions.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, PatType, ReturnType, Signature, Type};

use super::arguments::{Arguments, own_arguments};
use super::locals::{at, local};
use super::metric;
use super::wrapper::{Placed, Wrapper, Written};
use crate::check::{FunctionPlan, Own};
use crate::future::{Shape, result_type, returns_never};
use crate::item::Function;
use crate::paths::Runtime;

/// A function that is called at every scrape.
pub(super) fn callback(function: &Function, own: &Own, runtime: &Runtime) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let output = &signature.output;
    let returned = if let ReturnType::Type(_, ty) = output { ty.span() } else { output.span() };
    // An item knows no hygiene, and the body sees this one.
    let read = at(&Ident::new("__tallymark_read", Span::mixed_site()), returned);
    let metric = metric::of_callback(own, &read, runtime);
    // The body can't see into the constant.
    let braces = in_braces_of(
        body.as_ref(),
        quote! {
            const _: () = { #metric };
            fn #read() #output #body
            #read()
        },
    );
    // Who calls it is the registry; the program need not.
    quote!(#[allow(dead_code)] #(#attrs)* #(#inner_attrs)* #vis #signature #braces)
}

/// A function that gives families to its argument at every scrape.
pub(super) fn collector(function: &Function, span: Span, argument: &PatType, runtime: &Runtime) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let mut signature = signature.clone();
    let given = local("argument", 0);
    for input in &mut signature.inputs {
        if let FnArg::Typed(input) = input {
            input.attrs.clear();
            *input.pat = syn::parse_quote!(#given);
        }
    }
    // An item knows no hygiene, and the body sees this one. What it takes is checked at its type.
    let collect = at(&Ident::new("__tallymark_collect", Span::mixed_site()), argument.ty.span());
    let (site, new) = (runtime.private(span), runtime.private(collect.span()));
    let site = quote_spanned!(span=> #site::site!());
    let made = quote_spanned!(collect.span()=> #new::FunctionCollector::new(#site, #collect));
    let braces = in_braces_of(
        body.as_ref(),
        quote! {
            const _: () = {
                static __COLLECTOR: #runtime::FunctionCollector = #made;
                #runtime::enlist!(__COLLECTOR);
            };
            fn #collect(#argument) #body
            #collect(#given);
        },
    );
    // Who calls it is the registry; the program need not.
    quote!(#[allow(dead_code)] #(#attrs)* #(#inner_attrs)* #vis #signature #braces)
}

/// A function that is not measured after all.
pub(super) fn left_out(function: &Function) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let uses = function.uses();
    let body = body.as_ref().map(|body| {
        let tokens = body.stream();
        in_braces_of(Some(body), quote!(#uses #tokens))
    });
    quote!(#(#attrs)* #(#inner_attrs)* #vis #signature #body)
}

/// A function that measures itself.
pub(super) fn measured(function: &Function, plan: &FunctionPlan, runtime: &Runtime) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let uses = function.uses();
    let mut signature = signature.clone();
    let original = in_braces_of(body.as_ref(), body.as_ref().map(Group::stream).unwrap_or_default());
    let body = match Shape::of(&signature, &original) {
        Shape::Sync => {
            let never = returns_never(&signature.output);
            Wrapper { plan, runtime, asynchronous: false, never }.sync(&mut signature, &original)
        }
        Shape::Async => {
            let (output, never) = (result_type(&signature.output), returns_never(&signature.output));
            let wrapper = Wrapper { plan, runtime, asynchronous: true, never };
            let arguments =
                if wrapper.watches() { own_arguments(&mut signature, &wrapper.read()) } else { Arguments::default() };
            wrapper.asynchronous(&arguments, &original, &quote!(move), output.as_ref())
        }
        Shape::Future { around, moved, body, output } => {
            let wrapper =
                Wrapper { plan, runtime, asynchronous: true, never: matches!(output.as_deref(), Some(Type::Never(_))) };
            let inner = wrapper.asynchronous(&Arguments::default(), &body, &moved, output.as_deref());
            around.with(&in_braces_of(Some(&body), inner), !wrapper.read().is_empty())
        }
    };
    let braces = in_braces_of(Some(&original), quote!(#uses #body));
    quote!(#(#attrs)* #(#inner_attrs)* #vis #signature #braces)
}

/// Tokens in the user's own braces. A function counts as the user's if its last token is, which is where lints look.
fn in_braces_of(original: Option<&Group>, tokens: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, tokens);
    if let Some(original) = original {
        braces.set_span(original.span());
    }
    braces
}

impl Wrapper<'_> {
    fn sync(&self, signature: &mut Signature, body: &Group) -> TokenStream {
        let written = self.written();
        let returned = at(&local("result", 0), body.span());
        let body = block(body);
        if !self.inspects() {
            let Written { metrics, enter, .. } = written;
            return quote!(#metrics #enter #body);
        }
        let output = result_type(&signature.output).map(|ty| quote!(-> #ty));
        let arguments = own_arguments(signature, &self.read());
        let Placed { metrics, before, within, behind } = written.placed(arguments.unpacked && !self.read().is_empty());
        let Arguments { moved, allowed, .. } = arguments;
        let (runtime, result) = (self.runtime, local("result", 0));
        quote! {
            #metrics
            #before
            #allowed
            let #result = #runtime::call(move || #output {
                #moved
                #within
                #body
            });
            #behind
            #returned
        }
    }

    fn asynchronous(
        &self,
        arguments: &Arguments,
        body: &Group,
        moved: &TokenStream,
        output: Option<&Type>,
    ) -> TokenStream {
        let written = self.written();
        let returned = at(&local("result", 0), body.span());
        let body = block(body);
        if !self.watches() {
            let Written { metrics, enter, .. } = written;
            return quote!(#metrics #enter #body);
        }
        let Placed { metrics, before, within, behind } = written.placed(arguments.unpacked && !self.read().is_empty());
        let (runtime, result, polled) = (self.runtime, local("result", 0), local("polled", 0));
        // An `async` block has no place to state its type, which `return`, `?` and coercions need.
        let typed = output.filter(|_| !self.never).map(|output| {
            let value = local("value", 0);
            quote! {
                if let ::core::option::Option::Some(#value) = #runtime::no_value::<#output>() {
                    return #value;
                }
            }
        });
        let Arguments { moved: own, allowed, .. } = arguments;
        let body = quote! {
            ::core::pin::pin!(async #moved {
                #typed
                #own
                #within
                #body
            })
        };
        let busy = local("busy", 0);
        let (timed, watched) = if self.times_polls() {
            let watched = quote!(#runtime::watch_busy(#polled, #busy, #body).await);
            (quote!(let #busy = &#runtime::Busy::new();), watched)
        } else {
            (TokenStream::new(), quote!(#runtime::watch(#polled, #body).await))
        };
        let ends = if self.never {
            quote!(#allowed { #watched })
        } else {
            quote! {
                #allowed
                let #result = #watched;
                #behind
                #returned
            }
        };
        quote! {
            #metrics
            let #polled = &#runtime::Polled::new();
            #timed
            #before
            #ends
        }
    }
}

/// The body as an expression in tail position. Its braces are the user's, since their edition decides when temporaries
/// are dropped; the attribute, which allows nothing, keeps rustc from calling them unnecessary.
fn block(body: &Group) -> TokenStream {
    quote!(#[allow()] #body)
}
