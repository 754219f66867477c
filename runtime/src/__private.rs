//! What generated code names. Nothing here is for people, and all of it may change in any release.

mod act;
mod busy;
mod call;
mod callback;
mod check;
mod collect;
mod guard;
mod resolved;
mod target;
#[cfg(feature = "tracing")]
mod traced;

pub use linkme;

pub use self::act::{finish, inc, now, observe, record, seconds, show, show_current_time, stop, time, track};
pub use self::busy::{Busy, Idle, watch_busy};
pub use self::call::{
    AnyOutcome, Ended, Fallible, Measurable, Optional, Polled, ResultOutcome, call, no_value, read, watch,
};
pub use self::callback::Callback;
pub use self::check::{Behind, displayed, label_value};
pub use self::collect::FunctionCollector;
pub use self::guard::{Exit, on_panic};
pub use self::resolved::Resolved;
pub use self::target::{
    CounterTarget, GaugeTarget, HistogramTarget, SummaryTarget, counter_target, gauge_target, histogram_target,
    summary_target,
};
#[cfg(feature = "tracing")]
pub use self::traced::{Traced, traced};
pub use crate::buckets;
pub use crate::descriptor::Site;
pub use crate::label::{Displayed, Held, LabelTexts, LabelTuple, LabelValue, Labels, Outcome, Positional};
pub use crate::linked::{Entry, TALLYMARK_METRICS_0_1 as METRICS};
pub use crate::metric::{
    Count, Counter, CounterSeries, Gauge, GaugeSeries, Handle, Histogram, HistogramSeries, Info, PanicCount, Record,
    Spec, StateSet, Summary, SummarySeries,
};
pub use crate::native::NativeOptions;
pub use crate::{__enlist as enlist, __outcome as outcome, __package as package, __site as site};

/// The place of a mark: that of the tokens `site!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    () => {
        $crate::__private::Site::of_mark(
            (::core::file!(), ::core::line!(), ::core::column!()),
            ::core::module_path!(),
            ::core::option_env!("CARGO_PKG_VERSION"),
        )
    };
}

/// What Cargo says of the package that is compiled; nothing where another builder compiles it.
#[doc(hidden)]
#[macro_export]
macro_rules! __package {
    (NAME) => {
        $crate::__private::or_empty(::core::option_env!("CARGO_PKG_NAME"))
    };
    (VERSION) => {
        $crate::__private::or_empty(::core::option_env!("CARGO_PKG_VERSION"))
    };
}

/// A text, or none.
#[must_use]
pub const fn or_empty(text: Option<&'static str>) -> &'static str {
    match text {
        Some(text) => text,
        None => "",
    }
}

/// How a call ended that gave this: the type decides whether it can be an error.
#[doc(hidden)]
#[macro_export]
macro_rules! __outcome {
    ($result:ident) => {{
        use $crate::__private::{AnyOutcome as _, ResultOutcome as _};
        (&$crate::__private::Ended(&$result)).outcome_of_call()
    }};
}
