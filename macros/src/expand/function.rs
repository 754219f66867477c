//! Marked functions.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ReturnType, Signature, Type};

use super::arguments::{Arguments, own_arguments};
use super::future::{Shape, result_type, returns_never};
use super::metric;
use crate::args::{Exception, Kind};
use crate::check::{FunctionPlan, Measure, Own, Target, What};
use crate::item::Function;
use crate::labels::Source;
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
            let arguments = if wrapper.watches() { own_arguments(&mut signature) } else { Arguments::default() };
            wrapper.asynchronous(&arguments, &original, &quote!(move), output.as_ref())
        }
        Shape::Future { around, moved, body, output } => {
            let wrapper =
                Wrapper { plan, runtime, asynchronous: true, never: matches!(output.as_deref(), Some(Type::Never(_))) };
            let inner = wrapper.asynchronous(&Arguments::default(), &body, &moved, output.as_deref());
            around.with(&in_braces_of(Some(&body), inner))
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

/// A local of ours: hygiene keeps it apart from any name of the user's.
pub(super) fn local(name: &str, index: usize) -> Ident {
    format_ident!("{name}{index}", span = Span::mixed_site())
}

/// The same local at a place of the user's, for the compiler to point at.
fn at(local: &Ident, span: Span) -> Ident {
    Ident::new(&local.to_string(), span.resolved_at(Span::mixed_site()))
}

struct Wrapper<'a> {
    plan: &'a FunctionPlan,
    runtime: &'a Runtime,
    /// Whether the body is polled.
    asynchronous: bool,
    /// Whether it never returns.
    never: bool,
}

impl Wrapper<'_> {
    /// Whether it matters how a call ends.
    fn watches_end(&self) -> bool {
        self.plan.measures.iter().any(|measure| match (&measure.what, &measure.target) {
            (What::Observation(_), _) => true,
            (What::Exceptions { returned, .. }, _) if !returned.is_empty() => true,
            (_, Target::Own(own)) => !own.known_on_entry(),
            _ => false,
        })
    }

    /// Whether the result is read. Where there is none, nothing has to catch it.
    fn inspects(&self) -> bool {
        !self.never && self.watches_end()
    }

    /// Whether an `async fn` must know how it ends: by a result, by a panic, or dropped.
    fn watches(&self) -> bool {
        let counts_panics = |measure: &Measure| matches!(measure.what, What::Exceptions { panic: true, .. });
        self.watches_end() || self.plan.measures.iter().any(counts_panics)
    }

    /// Whether what is read on entry may name arguments.
    fn reads_arguments(&self) -> bool {
        self.plan.measures.iter().any(|measure| match &measure.target {
            Target::Into(_) => true,
            Target::Own(own) => !own.labels.is_empty(),
        })
    }

    fn sync(&self, signature: &mut Signature, body: &Group) -> TokenStream {
        let written = self.written();
        let returned = at(&local("result", 0), body.span());
        let body = block(body);
        if !self.inspects() {
            let Written { metrics, enter, .. } = written;
            return quote!(#metrics #enter #body);
        }
        let output = result_type(&signature.output).map(|ty| quote!(-> #ty));
        let arguments = own_arguments(signature);
        let Placed { metrics, before, within, behind } = written.placed(arguments.unpacked && self.reads_arguments());
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
        let Placed { metrics, before, within, behind } = written.placed(arguments.unpacked && self.reads_arguments());
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
        let watched = quote! {
            #runtime::watch(#polled, async #moved {
                #typed
                #own
                #within
                #body
            }).await
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
            #before
            #ends
        }
    }

    fn written(&self) -> Written {
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
            self.measure(index, measure, resolved, &mut written);
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
                return Resolved { series: quote!(#metric), on_return: false, held: vec![metric] };
            }
            Target::Own(own) => own,
        };
        let block = metric::of_function(measure.kind, &measure.what, own, runtime);
        written.metrics.extend(quote!(let #metric = #block;));
        if own.labels.is_empty() && !own.outcome {
            return Resolved { series: quote!(#metric), on_return: false, held: Vec::new() };
        }
        let labels = own
            .labels
            .iter()
            .enumerate()
            .map(|(at, label)| (label, format_ident!("label{index}_{at}", span = Span::mixed_site())));
        if own.known_on_entry() {
            let series = local("series", index);
            let (mut values, mut read) = (Vec::new(), TokenStream::new());
            for (label, held) in labels {
                match &label.source {
                    Source::Argument(argument) => values.push(quote!(&#argument)),
                    Source::Expression(value, ty) | Source::Result(value, ty) => {
                        read.extend(quote!(let #held: #ty = #value;));
                        values.push(quote!(&#held));
                    }
                }
            }
            // In a block, so that a label is gone, and what it borrows is free, before the body begins.
            let at = quote!(#metric.at(&(#(#values,)*)));
            let found = if read.is_empty() { at } else { quote!({ #read #at }) };
            written.enter.extend(quote!(let #series = #found;));
            return Resolved { series: quote!(#series), on_return: false, held: vec![series] };
        }
        let (mut values, mut kept) = (Vec::new(), Vec::new());
        for (label, held) in labels {
            match &label.source {
                Source::Argument(argument) => {
                    // The body may consume the argument before the label is needed.
                    let clone = quote_spanned!(label.span.resolved_at(Span::mixed_site())=> ::core::clone::Clone::clone(&#argument));
                    written.enter.extend(quote!(let #held = #clone;));
                    kept.push(held.clone());
                }
                Source::Expression(value, ty) => {
                    written.enter.extend(quote!(let #held: #ty = #value;));
                    kept.push(held.clone());
                }
                Source::Result(closure, ty) => {
                    let result = at(&local("result", 0), closure.span());
                    let private = runtime.private(result.span());
                    let value = quote_spanned!(result.span()=> #private::read(&#result, #closure));
                    written.leave.extend(quote!(let #held: #ty = #value;));
                }
            }
            values.push(quote!(&#held));
        }
        if own.outcome {
            let outcome = local("outcome", 0);
            values.push(quote!(#outcome));
        }
        Resolved { series: quote!(#metric.at(&(#(#values,)*))), on_return: true, held: kept }
    }

    fn measure(&self, index: usize, measure: &Measure, resolved: &Resolved, written: &mut Written) {
        let (runtime, guard) = (self.runtime, local("guard", index));
        let Resolved { series, on_return, held } = resolved;
        let result = local("result", 0);
        let with_outcome = matches!(&measure.target, Target::Own(own) if own.outcome);
        match &measure.what {
            What::Calls | What::Duration if with_outcome => {
                let (outcome, started) = (local("outcome", 0), local("started", index));
                let (before, count) = if matches!(measure.what, What::Calls) {
                    (TokenStream::new(), quote!(inc()))
                } else {
                    (quote!(let #started = #runtime::now();), quote!(observe(#started.elapsed())))
                };
                let exit = self.exit(&quote!(move |#outcome| #series.#count));
                written.enter.extend(quote!(#before let #guard = #exit;));
                written.leave.extend(quote!(#guard.finish(#outcome);));
                written.kept.push(guard);
            }
            What::Calls if *on_return => {
                written.leave.extend(quote!(#series.inc();));
                written.kept.extend_from_slice(held);
            }
            What::Calls => written.enter.extend(quote!(#series.inc();)),
            What::InProgress => {
                written.enter.extend(quote!(let #guard = #series.track_inprogress();));
                written.leave.extend(quote!(::core::mem::drop(#guard);));
                written.kept.push(guard);
            }
            What::Duration if *on_return => {
                let (started, elapsed) = (local("started", index), local("elapsed", index));
                written.enter.extend(quote!(let #started = #runtime::now();));
                written.stop.extend(quote!(let #elapsed = #started.elapsed();));
                written.leave.extend(quote!(#series.observe(#elapsed);));
                written.kept.push(started);
                written.kept.extend_from_slice(held);
            }
            What::Duration => {
                written.enter.extend(quote!(let #guard = #series.start_timer();));
                written.stop.extend(quote!(#guard.stop();));
                written.kept.push(guard);
            }
            What::Observation(closure) => {
                let span = closure.span().resolved_at(Span::mixed_site());
                let private = runtime.private(span);
                let value = quote_spanned!(span=> #private::Measurable::number(#private::read(&#result, #closure)));
                written.leave.extend(quote!(#series.observe(#value);));
                written.kept.extend_from_slice(held);
            }
            What::Exceptions { returned, panic } => {
                for exception in returned {
                    written.leave.extend(self.exception(exception, series));
                }
                if !returned.is_empty() {
                    written.kept.extend_from_slice(held);
                }
                if *panic {
                    let counter = quote!(::core::clone::Clone::clone(&#series));
                    if self.asynchronous || self.never || self.inspects() {
                        let exit = self.exit(&quote!(#runtime::on_panic(#counter)));
                        written.enter.extend(quote!(let #guard = #exit;));
                        written.leave.extend(quote!(#guard.finish(#runtime::Outcome::Ok);));
                        written.kept.push(guard);
                    } else {
                        written.enter.extend(quote!(let #guard = #runtime::UnwindCount::new(#counter);));
                    }
                }
            }
        }
    }

    /// A guard that calls this with how the call ended.
    fn exit(&self, count: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        if self.asynchronous {
            let polled = local("polled", 0);
            quote!(#runtime::Exit::of_future(#polled, #count))
        } else {
            quote!(#runtime::Exit::of_call(#count))
        }
    }

    fn exception(&self, exception: &Exception, series: &TokenStream) -> TokenStream {
        let (runtime, result) = (self.runtime, local("result", 0));
        match exception {
            Exception::Err(word) | Exception::None(word) => {
                let span = word.span().resolved_at(Span::mixed_site());
                let (private, result) = (runtime.private(span), at(&result, span));
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

/// The parts of a wrapper.
#[derive(Default)]
struct Written {
    metrics: TokenStream,
    enter: TokenStream,
    /// What comes first once there is a result, so that reading it is not timed.
    stop: TokenStream,
    leave: TokenStream,
    /// The locals of `enter` that `stop` and `leave` name.
    kept: Vec<Ident>,
}

/// The parts of a wrapper as they stand around a body that has moved.
struct Placed {
    metrics: TokenStream,
    before: TokenStream,
    /// In front of the body, behind the arguments.
    within: TokenStream,
    behind: TokenStream,
}

impl Written {
    /// Whether the body is entered where its arguments have moved: where labels name what only they bind there.
    fn placed(self, within: bool) -> Placed {
        let Self { metrics, enter, stop, leave, kept } = self;
        if !within {
            return Placed { metrics, before: enter, within: TokenStream::new(), behind: quote!(#stop #leave) };
        }
        let (entered, slot) = (local("entered", 0), local("slot", 0));
        Placed {
            metrics,
            // The guards go back out, since they end behind the body's locals and arguments.
            before: quote!(let mut #entered = ::core::option::Option::None; let #slot = &mut #entered;),
            within: quote!(#enter *#slot = ::core::option::Option::Some((#(#kept,)*));),
            behind: quote!(if let ::core::option::Option::Some((#(#kept,)*)) = #entered { #stop #leave }),
        }
    }
}

/// Where a measure counts.
struct Resolved {
    /// An expression that gives the series; on entry, or once there is a result.
    series: TokenStream,
    on_return: bool,
    /// The locals that the expression names.
    held: Vec<Ident>,
}

/// The body as an expression in tail position. Its braces are the user's, since their edition decides when temporaries are dropped; the
/// attribute, which allows nothing, keeps rustc from calling them unnecessary.
fn block(body: &Group) -> TokenStream {
    quote!(#[allow()] #body)
}
