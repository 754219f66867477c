//! Marked functions.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ReturnType, Signature, Type};

use super::arguments::own_arguments;
use super::future::{Shape, result_type, without_impl};
use super::metric;
use crate::args::{Exception, Kind};
use crate::check::{FunctionPlan, Measure, Own, Target, What};
use crate::item::Function;
use crate::labels::{Label, Source};
use crate::paths::Runtime;

/// A function that is called at every scrape.
pub(super) fn callback(function: &Function, own: &Own, runtime: &Runtime) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let output = &signature.output;
    let read = local("__read", 0);
    let metric = metric::of_callback(own, &read, runtime);
    quote! {
        #(#attrs)* #(#inner_attrs)*
        #vis #signature {
            #metric
            fn #read() #output { #body }
            #read()
        }
    }
}

/// A function that measures itself.
pub(super) fn measured(function: &Function, plan: &FunctionPlan, runtime: &Runtime) -> TokenStream {
    let Function { attrs, inner_attrs, vis, signature, body, .. } = function;
    let uses = function.uses();
    let mut signature = signature.clone();
    let body = body.clone().unwrap_or_default();
    let wrapper = Wrapper { plan, runtime };
    let body = match Shape::of(&signature, &body) {
        Shape::Sync => wrapper.sync(&mut signature, &body),
        Shape::Async => {
            let output = result_type(&signature.output);
            let before = if wrapper.watches() { own_arguments(&mut signature, plan) } else { TokenStream::new() };
            wrapper.asynchronous(&before, &body, &quote!(move), output.as_ref())
        }
        Shape::Future { around, moved, body, output } => {
            let inner = wrapper.asynchronous(&TokenStream::new(), &body, &moved, output.as_ref());
            around.with(quote!(async #moved { #inner }))
        }
    };
    quote! {
        #(#attrs)* #(#inner_attrs)*
        #vis #signature {
            #uses
            #body
        }
    }
}

/// A local of ours: hygiene keeps it apart from any name of the user's.
pub(super) fn local(name: &str, index: usize) -> Ident {
    format_ident!("{name}{index}", span = Span::mixed_site())
}

struct Wrapper<'a> {
    plan: &'a FunctionPlan,
    runtime: &'a Runtime,
}

impl Wrapper<'_> {
    /// Whether the result is read.
    fn inspects(&self) -> bool {
        self.plan.measures.iter().any(|measure| match (&measure.what, &measure.target) {
            (What::Observation(_), _) => true,
            (What::Exceptions { returned, .. }, _) if !returned.is_empty() => true,
            (_, Target::Own(own)) => !own.known_on_entry(),
            _ => false,
        })
    }

    /// Whether an `async fn` must know how it ends: by a result, by a panic, or dropped.
    fn watches(&self) -> bool {
        let counts_panics = |measure: &Measure| matches!(measure.what, What::Exceptions { panic: true, .. });
        self.inspects() || self.plan.measures.iter().any(counts_panics)
    }

    fn sync(&self, signature: &mut Signature, body: &TokenStream) -> TokenStream {
        let written = self.written(false);
        let (enter, leave) = (written.enter, written.leave);
        if !self.inspects() {
            let (metrics, body) = (written.metrics, braced(body));
            return quote!(#metrics #enter #body);
        }
        let output = match &signature.output {
            ReturnType::Default => TokenStream::new(),
            ReturnType::Type(arrow, ty) => without_impl(ty).map(|ty| quote!(#arrow #ty)).unwrap_or_default(),
        };
        let moved = own_arguments(signature, self.plan);
        let (metrics, body) = (written.metrics, braced(body));
        let (runtime, result) = (self.runtime, local("result", 0));
        quote! {
            #metrics
            #enter
            let #result = #runtime::call(move || #output {
                #moved
                #body
            });
            #leave
            #result
        }
    }

    fn asynchronous(
        &self,
        before: &TokenStream,
        body: &TokenStream,
        moved: &TokenStream,
        output: Option<&Type>,
    ) -> TokenStream {
        let written = self.written(true);
        let (metrics, enter, leave) = (written.metrics, written.enter, written.leave);
        let body = braced(body);
        if !self.watches() {
            return quote!(#metrics #enter #body);
        }
        let (runtime, result, polled) = (self.runtime, local("result", 0), local("polled", 0));
        let never = matches!(output, Some(Type::Never(_)));
        // An `async` block has no place to state its type; these do, for `return` and `?` and for the value.
        let body = match output.filter(|_| !never) {
            None => body.into(),
            Some(output) => {
                let typed = local("typed", 0);
                quote! {
                    if false {
                        return #runtime::unreachable_value::<#output>();
                    }
                    let #typed: #output = #body;
                    #typed
                }
            }
        };
        quote! {
            #metrics
            let #polled = #runtime::Polled::new();
            #enter
            let #result = #runtime::watch(&#polled, async #moved {
                #before
                #body
            }).await;
            #leave
            #result
        }
    }

    fn written(&self, asynchronous: bool) -> Written {
        let mut written = Written::default();
        let mut resolved = Vec::new();
        for (index, measure) in self.plan.measures.iter().enumerate() {
            resolved.push(self.resolve(index, measure, &mut written));
        }
        let outcome = local("outcome", 0);
        if self.plan.measures.iter().any(|measure| matches!(&measure.target, Target::Own(own) if own.outcome)) {
            let (runtime, result) = (self.runtime, local("result", 0));
            written.leave.extend(quote!(let #outcome = #runtime::outcome!(#result);));
        }
        for (index, (measure, resolved)) in self.plan.measures.iter().zip(&resolved).enumerate() {
            self.measure(index, measure, resolved, asynchronous, &mut written);
        }
        written
    }

    /// Writes the metric and what of its labels is known on entry.
    fn resolve(&self, index: usize, measure: &Measure, written: &mut Written) -> Resolved {
        let runtime = self.runtime;
        let metric = local("metric", index);
        let own = match &measure.target {
            Target::Into(expression) => {
                let target = format_ident!(
                    "{}_target",
                    match measure.kind {
                        Kind::Counter | Kind::CountExceptions => "counter",
                        Kind::Gauge => "gauge",
                        Kind::Histogram => "histogram",
                    }
                );
                let span = expression.span();
                let private = runtime.private(span.resolved_at(Span::mixed_site()));
                let call = quote_spanned!(span.resolved_at(Span::mixed_site())=> #private::#target(&(#expression)));
                written.enter.extend(quote!(let #metric = #call;));
                return Resolved::Series(quote!(#metric));
            }
            Target::Own(own) => own,
        };
        let block = metric::of_function(measure.kind, &measure.what, own, runtime);
        written.metrics.extend(quote!(let #metric = #block;));
        if own.labels.is_empty() && !own.outcome {
            return Resolved::Series(quote!(#metric));
        }
        let mut values = Vec::new();
        for (at, label) in own.labels.iter().enumerate() {
            values.push(self.label(
                own,
                label,
                &format_ident!("label{index}_{at}", span = Span::mixed_site()),
                written,
            ));
        }
        if own.known_on_entry() {
            let series = local("series", index);
            written.enter.extend(quote!(let #series = #metric.at(&(#(#values,)*));));
            return Resolved::Series(quote!(#series));
        }
        if own.outcome {
            let outcome = local("outcome", 0);
            values.push(quote!(#outcome));
        }
        Resolved::OnReturn(quote!(#metric.at(&(#(#values,)*))))
    }

    /// A reference to the value of a label; writes what it refers to.
    fn label(&self, own: &Own, label: &Label, held: &Ident, written: &mut Written) -> TokenStream {
        let runtime = self.runtime;
        match &label.source {
            // The body may consume the argument before the label is needed.
            Source::Argument(argument) if !own.known_on_entry() => {
                let clone = quote_spanned!(label.span.resolved_at(Span::mixed_site())=> ::core::clone::Clone::clone(&#argument));
                written.enter.extend(quote!(let #held = #clone;));
                quote!(&#held)
            }
            Source::Argument(argument) => quote!(&#argument),
            Source::Expression(expression, ty) => {
                written.enter.extend(quote!(let #held: #ty = #expression;));
                quote!(&#held)
            }
            Source::Result(closure, ty) => {
                let result = local("result", 0);
                written.leave.extend(quote!(let #held: #ty = #runtime::read(&#result, #closure);));
                quote!(&#held)
            }
        }
    }

    fn measure(&self, index: usize, measure: &Measure, resolved: &Resolved, asynchronous: bool, written: &mut Written) {
        let (runtime, guard) = (self.runtime, local("guard", index));
        let result = local("result", 0);
        let with_outcome = matches!(&measure.target, Target::Own(own) if own.outcome);
        match &measure.what {
            What::Calls | What::Duration if with_outcome => {
                let (outcome, started) = (local("outcome", 0), local("started", index));
                let series = resolved.tokens();
                let (before, count) = if matches!(measure.what, What::Calls) {
                    (TokenStream::new(), quote!(inc()))
                } else {
                    (quote!(let #started = #runtime::now();), quote!(observe(#started.elapsed())))
                };
                let exit = if asynchronous {
                    let polled = local("polled", 0);
                    quote!(of_future(&#polled, move |#outcome| #series.#count))
                } else {
                    quote!(of_call(move |#outcome| #series.#count))
                };
                written.enter.extend(quote!(#before let #guard = #runtime::Exit::#exit;));
                written.leave.extend(quote!(#guard.finish(#outcome);));
            }
            What::Calls => match resolved {
                Resolved::Series(series) => written.enter.extend(quote!(#series.inc();)),
                Resolved::OnReturn(series) => written.leave.extend(quote!(#series.inc();)),
            },
            What::InProgress => {
                let series = resolved.tokens();
                written.enter.extend(quote!(let #guard = #series.track_inprogress();));
                if self.inspects() || (asynchronous && self.watches()) {
                    written.leave.extend(quote!(::core::mem::drop(#guard);));
                }
            }
            What::Duration => match resolved {
                Resolved::Series(series) => {
                    written.enter.extend(quote!(let #guard = #series.start_timer();));
                    if self.inspects() || (asynchronous && self.watches()) {
                        written.leave = {
                            let leave = &written.leave;
                            quote!(#guard.stop(); #leave)
                        };
                    }
                }
                Resolved::OnReturn(series) => {
                    let (started, elapsed) = (local("started", index), local("elapsed", index));
                    written.enter.extend(quote!(let #started = #runtime::now();));
                    written.leave = {
                        let leave = &written.leave;
                        quote!(let #elapsed = #started.elapsed(); #leave #series.observe(#elapsed);)
                    };
                }
            },
            What::Observation(closure) => {
                let series = resolved.tokens();
                let span = closure.span().resolved_at(Span::mixed_site());
                let private = runtime.private(span);
                let value = quote_spanned!(span=> #private::Measurable::number(#private::read(&#result, #closure)));
                written.leave.extend(quote!(#series.observe(#value);));
            }
            What::Exceptions { returned, panic } => {
                let series = resolved.tokens();
                for exception in returned {
                    written.leave.extend(self.exception(exception, &series));
                }
                if *panic {
                    let exit = if asynchronous {
                        let polled = local("polled", 0);
                        quote!(of_future(&#polled, ::core::clone::Clone::clone(&#series)))
                    } else {
                        quote!(of_call(::core::clone::Clone::clone(&#series)))
                    };
                    written.enter.extend(quote!(let #guard = #runtime::PanicCount::#exit;));
                    if self.inspects() || asynchronous {
                        written.leave.extend(quote!(::core::mem::drop(#guard);));
                    }
                }
            }
        }
    }

    fn exception(&self, exception: &Exception, series: &TokenStream) -> TokenStream {
        let (runtime, result) = (self.runtime, local("result", 0));
        match exception {
            Exception::Err(word) | Exception::None(word) => {
                let span = word.span().resolved_at(Span::mixed_site());
                let private = runtime.private(span);
                let check = if matches!(exception, Exception::Err(_)) {
                    quote_spanned!(span=> #private::Fallible::is_err(&#result))
                } else {
                    quote_spanned!(span=> #private::Optional::is_none(&#result))
                };
                quote!(if #check { #series.inc(); })
            }
            Exception::Pattern { pattern, guard } => {
                let guard = guard.as_ref().map(|guard| quote!(if #guard));
                quote! {
                    #[allow(unreachable_patterns, unused_variables, clippy::all, clippy::pedantic, reason = "the pattern is asked only whether it matches")]
                    match &#result {
                        #pattern #guard => #series.inc(),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// The parts of a body in the order in which they stand.
#[derive(Default)]
struct Written {
    metrics: TokenStream,
    enter: TokenStream,
    leave: TokenStream,
}

/// Where a measure counts.
enum Resolved {
    /// In what this names, from the entry on.
    Series(TokenStream),
    /// In what this expression gives once there is a result.
    OnReturn(TokenStream),
}

impl Resolved {
    fn tokens(&self) -> TokenStream {
        match self {
            Self::Series(tokens) | Self::OnReturn(tokens) => tokens.clone(),
        }
    }
}

fn braced(body: &TokenStream) -> TokenTree {
    TokenTree::Group(Group::new(Delimiter::Brace, body.clone()))
}
