//! What stands around a body to measure it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::locals::{self, at, local};
use super::metric;
use crate::args::{Clock, Exception, Kind};
use crate::check::{FunctionPlan, Measure, Own, Target, What};
use crate::labels::{Source, idents};
use crate::paths::Runtime;

/// A marked function, as its wrapper is written.
pub(super) struct Wrapper<'a> {
    pub(super) plan: &'a FunctionPlan,
    pub(super) runtime: &'a Runtime,
    /// Whether the body is polled.
    pub(super) asynchronous: bool,
    /// Whether it never returns.
    pub(super) never: bool,
}

impl Wrapper<'_> {
    /// Whether it matters how a call ends.
    fn watches_end(&self) -> bool {
        self.plan.measures.iter().any(|measure| match (&measure.what, &measure.target) {
            (What::Observation(_) | What::Success, _) => true,
            (What::Exceptions { returned, .. }, _) if !returned.is_empty() => true,
            (_, Target::Own(own)) => !own.known_on_entry(),
            _ => false,
        })
    }

    /// Whether the result is read. Where there is none, nothing has to catch it.
    pub(super) fn inspects(&self) -> bool {
        !self.never && self.watches_end()
    }

    /// Whether an `async fn` must know how it ends: by a result, by a panic, or dropped.
    pub(super) fn watches(&self) -> bool {
        let counts_panics = |measure: &Measure| matches!(measure.what, What::Exceptions { panic: true, .. });
        self.watches_end() || self.times_polls() || self.plan.measures.iter().any(counts_panics)
    }

    /// Whether each poll is timed.
    pub(super) fn times_polls(&self) -> bool {
        let polls = |measure: &Measure| matches!(measure.what, What::Duration(Clock::Busy | Clock::Idle));
        self.plan.measures.iter().any(polls)
    }

    /// The names in what the marks read on entry.
    pub(super) fn read(&self) -> Vec<Ident> {
        let mut read = Vec::new();
        for measure in &self.plan.measures {
            let own = match &measure.target {
                Target::Into(expression) => {
                    idents(expression.to_token_stream(), &mut read);
                    continue;
                }
                Target::Own(own) => own,
            };
            for label in &own.labels {
                match &label.source {
                    Source::Argument(argument, _) => read.push(argument.clone()),
                    Source::Expression(value, _) => idents(value.to_token_stream(), &mut read),
                    Source::Result(..) => {}
                }
            }
        }
        read
    }

    pub(super) fn written(&self) -> Written {
        let mut written = Written::default();
        let mut resolved = Vec::new();
        for (index, measure) in self.plan.measures.iter().enumerate() {
            resolved.push(self.resolve(index, measure, &mut written));
        }
        let outcome = local("outcome", 0);
        if self.plan.measures.iter().any(Measure::reads_outcome) {
            let (runtime, result) = (self.runtime, local("result", 0));
            written.leave.extend(quote!(let #outcome = #runtime::outcome!(#result);));
        }
        for (index, (measure, resolved)) in self.plan.measures.iter().zip(&resolved).enumerate() {
            if let What::Duration(clock) = measure.what {
                self.read_clock(clock, &mut written);
            }
            self.measure(index, measure, resolved, &mut written);
        }
        for clock in Clock::ALL {
            self.time(clock, &mut written);
        }
        written
    }

    /// Reads the clock once for all that is timed: behind what else is done on entry, and in front of it on return.
    fn read_clock(&self, clock: Clock, written: &mut Written) {
        let (runtime, busy) = (self.runtime, local("busy", 0));
        let [started, elapsed] = timing(clock);
        if !written.kept.contains(&started) {
            let reading = match clock {
                Clock::Wall => quote!(#runtime::now()),
                Clock::Busy => quote!(#busy),
                Clock::Idle => quote!(#runtime::Idle::beside(#busy)),
            };
            written.enter.extend(quote!(let #started = #reading;));
            written.stop.extend(quote!(let #elapsed = #runtime::seconds(#started);));
            written.kept.push(started);
        }
    }

    /// Holds what is timed and whose series is known on entry in one guard, which reads the clock once for all of them.
    fn time(&self, clock: Clock, written: &mut Written) {
        let (runtime, timer) = (self.runtime, local("timer", clock as usize));
        let metrics = written.timed.iter().filter(|(by, _)| *by == clock).map(|(_, series)| series.clone());
        if let Some(metrics) = metrics.rev().reduce(|behind, series| quote!((#series, #behind))) {
            let [started, elapsed] = timing(clock);
            written.enter.extend(quote!(let #timer = #runtime::time(#metrics, #started);));
            written.stop.extend(quote!(#runtime::stop(&#timer, #elapsed);));
            written.kept.push(timer);
        }
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
                        _ => "summary",
                    }
                );
                let span = expression.span();
                let private = runtime.private(span.resolved_at(Span::mixed_site()));
                let call = quote_spanned!(span.resolved_at(Span::mixed_site())=> #private::#target(&(#expression)));
                let call = self.traced(measure, call);
                written.enter.extend(quote!(let #metric = #call;));
                return Resolved { series: quote!(#metric), on_return: false, held: vec![metric] };
            }
            Target::Own(own) => own,
        };
        let block = metric::of_function(measure.kind, &measure.what, own, runtime);
        written.metrics.extend(quote!(let #metric = #block;));
        if own.labels.is_empty() && !own.outcome {
            return Resolved { series: self.traced(measure, quote!(#metric)), on_return: false, held: Vec::new() };
        }
        if own.known_on_entry() {
            return self.find(index, measure, own, written);
        }
        let labels = own.labels.iter().enumerate().map(|(at, label)| (label, locals::label(index, at)));
        let (mut values, mut kept) = (Vec::new(), Vec::new());
        for (label, held) in labels {
            match &label.source {
                // The body may consume or change what the label is read from.
                Source::Argument(argument, ty) => {
                    let span = label.span.resolved_at(Span::mixed_site());
                    let mut borrowed = quote_spanned!(span=> &#argument);
                    let typed = ty.as_ref().map(|ty| {
                        let typed = quote!(let #held: &#ty = #borrowed;);
                        borrowed = quote!(#held);
                        typed
                    });
                    let of = &label.ty;
                    let value = if label.is_copied() {
                        quote_spanned!(span=> ::core::clone::Clone::clone(#borrowed))
                    } else {
                        quote_spanned!(span=> #metric.__hold::<#of, _>(#borrowed))
                    };
                    written.enter.extend(quote!(let #held = { #typed #value };));
                    kept.push(held.clone());
                }
                Source::Expression(value, ty) => {
                    let of = &label.ty;
                    let hold =
                        quote_spanned!(label.span.resolved_at(Span::mixed_site())=> #metric.__hold::<#of, _>(&#held));
                    written.enter.extend(quote!(let #held = { let #held: #ty = #value; #hold };));
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
        let series = self.traced(measure, quote!(#metric.__at(&(#(#values,)*))));
        Resolved { series, on_return: true, held: kept }
    }

    /// What counts in a metric, with an exemplar where the mark says so.
    fn traced(&self, measure: &Measure, metric: TokenStream) -> TokenStream {
        let runtime = self.runtime;
        if measure.exemplar { quote!(#runtime::traced(#metric)) } else { metric }
    }

    /// Finds a series whose labels are known on entry.
    fn find(&self, index: usize, measure: &Measure, own: &Own, written: &mut Written) -> Resolved {
        let (runtime, metric, series) = (self.runtime, local("metric", index), local("series", index));
        if own.shares_labels && !own.has_one_series() {
            let values = (0..own.labels.len()).map(|at| locals::label(0, at));
            let found = self.traced(measure, quote!(#metric.__at(&(#(&#values,)*))));
            written.enter.extend(quote!(let #series = #found;));
            return Resolved { series: quote!(#series), on_return: false, held: vec![series] };
        }
        let labels = own.labels.iter().enumerate().map(|(at, label)| (label, locals::label(index, at)));
        let (mut values, mut read) = (Vec::new(), TokenStream::new());
        for (label, held) in labels {
            match &label.source {
                Source::Argument(argument, None) => values.push(quote!(&#argument)),
                Source::Argument(argument, Some(ty)) => {
                    let borrowed = quote_spanned!(label.span.resolved_at(Span::mixed_site())=> &#argument);
                    read.extend(quote!(let #held: &#ty = #borrowed;));
                    values.push(quote!(#held));
                }
                Source::Expression(value, ty) | Source::Result(value, ty) => {
                    read.extend(quote!(let #held: #ty = #value;));
                    values.push(quote!(&#held));
                }
            }
        }
        // In a block, so that a label is gone, and what it borrows is free, before the body begins.
        let at = quote!(#metric.__at(&(#(#values,)*)));
        let mut found = if read.is_empty() { at } else { quote!({ #read #at }) };
        if own.has_one_series() {
            let ty = metric::series_type(measure.kind, &measure.what, runtime);
            // A count is all that is wanted of it: that it is there is seen on the way.
            let counts = matches!(measure.what, What::Calls);
            let get = if counts { quote!(counted) } else { quote!(get) };
            found = quote! {
                {
                    static __SERIES: #runtime::Resolved<#ty> = #runtime::Resolved::new();
                    __SERIES.#get(|| #found)
                }
            };
            if counts {
                return Resolved { series: self.traced(measure, found), on_return: false, held: Vec::new() };
            }
        }
        let found = self.traced(measure, found);
        written.enter.extend(quote!(let #series = #found;));
        Resolved { series: quote!(#series), on_return: false, held: vec![series] }
    }

    fn measure(&self, index: usize, measure: &Measure, resolved: &Resolved, written: &mut Written) {
        let (runtime, guard) = (self.runtime, local("guard", index));
        let Resolved { series, on_return, held } = resolved;
        let result = local("result", 0);
        let with_outcome = matches!(&measure.target, Target::Own(own) if own.outcome);
        match &measure.what {
            What::Calls | What::Duration(_) if with_outcome => {
                let outcome = local("outcome", 0);
                let (entered, elapsed, count) = if let What::Duration(clock) = measure.what {
                    let [started, elapsed] = timing(clock);
                    (quote!(#started), quote!(#elapsed), quote!(#runtime::record(&#series, #elapsed)))
                } else {
                    (quote!(()), quote!(()), quote!(#runtime::inc(&#series)))
                };
                let exit = self.exit(&entered, &quote!(move |#outcome, #elapsed| #count));
                written.enter.extend(quote!(let #guard = #exit;));
                written.leave.extend(quote!(#runtime::finish(&#guard, #outcome, #elapsed);));
                written.kept.push(guard);
            }
            What::Calls if *on_return => {
                written.leave.extend(quote!(#runtime::inc(&#series);));
                written.kept.extend_from_slice(held);
            }
            What::Calls => written.enter.extend(quote!(#runtime::inc(&#series);)),
            What::InProgress => {
                written.enter.extend(quote!(let #guard = #runtime::track(#series);));
                written.leave.extend(quote!(::core::mem::drop(#guard);));
                written.kept.push(guard);
            }
            What::Duration(clock) if *on_return => {
                let [_, elapsed] = timing(*clock);
                written.leave.extend(quote!(#runtime::record(&#series, #elapsed);));
                written.kept.extend_from_slice(held);
            }
            What::Duration(clock) => written.timed.push((*clock, series.clone())),
            What::Observation(closure) => {
                let span = closure.span().resolved_at(Span::mixed_site());
                let private = runtime.private(span);
                let value = quote_spanned!(span=> #private::Measurable::number(#private::read(&#result, #closure)));
                let takes = if measure.kind == Kind::Gauge { quote!(show) } else { quote!(observe) };
                written.leave.extend(quote!(#runtime::#takes(&#series, #value);));
                written.kept.extend_from_slice(held);
            }
            What::Success => {
                let outcome = local("outcome", 0);
                written.leave.extend(quote! {
                    if let #runtime::Outcome::Ok = #outcome {
                        #runtime::show_current_time(&#series);
                    }
                });
                written.kept.extend_from_slice(held);
            }
            What::Exceptions { returned, panic } => {
                if let Some(condition) = self.failed(returned) {
                    written.leave.extend(quote!(if #condition { #runtime::inc(&#series); }));
                }
                if !returned.is_empty() {
                    written.kept.extend_from_slice(held);
                }
                if *panic {
                    let counter = quote!(::core::clone::Clone::clone(&#series));
                    if self.asynchronous || self.never || self.inspects() {
                        let exit = self.exit(&quote!(()), &quote!(#runtime::on_panic(#counter)));
                        written.enter.extend(quote!(let #guard = #exit;));
                        written.leave.extend(quote!(#runtime::finish(&#guard, #runtime::Outcome::Ok, ());));
                        written.kept.push(guard);
                    } else {
                        written.enter.extend(quote!(let #guard = #runtime::PanicCount::new(#counter);));
                    }
                }
            }
        }
    }

    /// A guard that calls this with how the call ended, and with what it says of the entry.
    fn exit(&self, entered: &TokenStream, count: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        if self.asynchronous {
            let polled = local("polled", 0);
            quote!(#runtime::Exit::of_future(#polled, #entered, #count))
        } else {
            quote!(#runtime::Exit::of_call(#entered, #count))
        }
    }

    /// Whether a result is one of these: a call counts once, however many match it.
    fn failed(&self, returned: &[Exception]) -> Option<TokenStream> {
        let conditions = returned.iter().map(|exception| self.matches(exception));
        conditions.reduce(|one, other| quote!(#one || #other))
    }

    fn matches(&self, exception: &Exception) -> TokenStream {
        let result = local("result", 0);
        match exception {
            Exception::Err(word) | Exception::None(word) => {
                let span = word.span().resolved_at(Span::mixed_site());
                let (private, result) = (self.runtime.private(span), at(&result, span));
                if matches!(exception, Exception::Err(_)) {
                    quote_spanned!(span=> #private::Fallible::is_err(&#result))
                } else {
                    quote_spanned!(span=> #private::Optional::is_none(&#result))
                }
            }
            Exception::Pattern { pattern, guard, constants } => {
                let guard = guard.as_ref().map(|guard| quote!(if #guard));
                let reference = exception.by_reference().then(|| quote!(&));
                // A constant that is not there would be a binding, which matches all; named so, it is missed.
                let constants = (!constants.is_empty()).then(|| quote!(let _ = || { #(let _ = &#constants;)* };));
                quote! {
                    {
                        #constants
                        #[allow(
                            unreachable_patterns, unused_variables, clippy::all, clippy::pedantic,
                            reason = "the pattern is asked only whether it matches"
                        )]
                        match #reference #result {
                            #pattern #guard => true,
                            _ => false,
                        }
                    }
                }
            }
        }
    }
}

/// The locals that a clock was read into: on entry, and once there is a result.
fn timing(clock: Clock) -> [Ident; 2] {
    ["started", "elapsed"].map(|name| local(name, clock as usize))
}

/// The parts of a wrapper.
#[derive(Default)]
pub(super) struct Written {
    pub(super) metrics: TokenStream,
    pub(super) enter: TokenStream,
    /// What comes first once there is a result, so that reading it is not timed.
    pub(super) stop: TokenStream,
    pub(super) leave: TokenStream,
    /// The series that the seconds of the call go to and that are known on entry.
    timed: Vec<(Clock, TokenStream)>,
    /// The locals of `enter` that `stop` and `leave` name.
    pub(super) kept: Vec<Ident>,
}

/// The parts of a wrapper as they stand around a body that has moved.
pub(super) struct Placed {
    pub(super) metrics: TokenStream,
    pub(super) before: TokenStream,
    /// In front of the body, behind the arguments.
    pub(super) within: TokenStream,
    pub(super) behind: TokenStream,
}

impl Written {
    /// Whether the body is entered where its arguments have moved: where labels name what only they bind there.
    pub(super) fn placed(self, within: bool) -> Placed {
        let Self { metrics, enter, stop, leave, kept, .. } = self;
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
