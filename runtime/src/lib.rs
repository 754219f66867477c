// Its code needs both features.
#![cfg_attr(all(feature = "macros", feature = "http"), doc = include_str!("../README.md"))]
#![cfg_attr(not(all(feature = "macros", feature = "http")), doc = "Mark a function, and Prometheus reads its metrics.")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

#[doc(hidden)]
pub mod __private;
pub mod buckets;
mod clock;
mod collector;
pub mod collectors;
mod descriptor;
mod error;
mod escape;
pub mod exposition;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(feature = "http")]
pub mod http;
mod label;
mod linked;
mod metric;
mod name;
mod native;
pub mod parse;
pub mod quantiles;
pub mod registry;
mod snapshot;
mod sort;
mod storage;
pub mod testing;
#[cfg(feature = "tracing")]
pub mod tracing;

pub use collector::{Collected, CollectedFamily, Collector, IntoCollector};
pub use descriptor::{Descriptor, MetricKind, Site};
pub use error::Error;
pub use label::{LabelValue, Labels};
pub use metric::{
    Counter, CounterSeries, CounterValue, Gauge, GaugeSeries, GaugeValue, Histogram, HistogramSeries, InProgress, Info,
    InfoSeries, Metric, MetricBuilder, PanicCount, StateSet, StateSetSeries, Summary, SummarySeries, Timer,
};
pub use name::{LabelName, MetricName};
pub use native::NativeOptions;
pub use registry::{Collision, Collisions, MissingCrates, RegisterError, Registered, Registry, Restricted};
pub use snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, MetricFamily, NativeBuckets, Number, Page,
    SeriesSnapshot, StateSetValue, SummaryValue, Timestamp, Value,
};
#[cfg(feature = "macros")]
pub use tallymark_macros::{
    LabelValue, Labels, collector, count_exceptions, counter, gauge, histogram, info, measure, stateset, summary,
};

/// Keeps crates in the program that have marks but that no code names.
///
/// The linker drops a crate that nothing refers to, and its metrics with it. [`Registry::expect_crates`] says when that
/// has happened.
///
/// ```
/// tallymark::link!(tallymark);
/// ```
#[macro_export]
macro_rules! link {
    ($($krate:ident),+ $(,)?) => {
        $(
            const _: () = {
                extern crate $krate as _;
            };
        )+
    };
}
