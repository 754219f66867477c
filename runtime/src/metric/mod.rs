//! The metrics: what is counted with.
//!
//! Each type is a *core*, which knows the family, and *series* handles, which know one cell. A core in a static makes
//! its family when it is first used, from the [`Spec`] that the macros wrote.

mod api;
mod beside;
mod builder;
mod core;
mod counter;
mod exceptions;
mod exemplar;
mod gauge;
mod histogram;
mod info;
mod observing;
mod quantiles;
mod spec;
mod state_set;
mod summary;
mod timer;

pub use self::core::{Handle, Metric};
pub use builder::MetricBuilder;
pub use counter::{Counter, CounterSeries, CounterValue};
pub use exceptions::{Count, PanicCount};
pub use gauge::{Gauge, GaugeSeries, GaugeValue, InProgress};
pub use histogram::{Histogram, HistogramSeries};
pub use info::{Info, InfoSeries};
pub use spec::Spec;
pub use state_set::{StateSet, StateSetSeries};
pub use summary::{Summary, SummarySeries};
pub use timer::{Record, Timer};
