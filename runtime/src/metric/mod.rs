//! The metrics: what is counted with.
//!
//! Each type is a *core*, which knows the family, and *series* handles, which know one cell. A core in a static makes
//! its family when it is first used, from the [`Spec`] that the macros wrote.

mod builder;
mod core;
mod counter;
mod gauge;
mod histogram;
mod spec;
mod timer;

pub use self::core::Metric;
pub use builder::MetricBuilder;
pub use counter::{Counter, CounterSeries, CounterValue};
pub use gauge::{Gauge, GaugeSeries, GaugeValue, InProgress};
pub use histogram::{Histogram, HistogramSeries};
pub use spec::Spec;
pub use timer::Timer;
