//! What `into` may name: a metric that exists already, or a series of one.

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use crate::metric::{
    Counter, CounterSeries, CounterValue, Gauge, GaugeSeries, GaugeValue, Histogram, HistogramSeries, Summary,
    SummarySeries,
};

macro_rules! targets {
    ($($target:ident, $series_of:ident, $words:literal, $label:literal, $note:literal: $metric:ident, $series:ident $(, $value:ident)?;)*) => {$(
        #[doc = concat!("A ", $words, " without labels, or a series of one.")]
        #[diagnostic::on_unimplemented(
            message = "`{Self}` can't be fed by this attribute",
            label = $label,
            note = $note
        )]
        pub trait $target {
            type Series;

            fn $series_of(&self) -> Self::Series;
        }

        targets!(@series $target, $series_of, $metric, $series $(, $value)?);

        #[diagnostic::do_not_recommend]
        impl<T: $target + ?Sized> $target for &T {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $target + ?Sized> $target for &mut T {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $target + ?Sized> $target for Arc<T> {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $target + ?Sized> $target for Rc<T> {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $target + ?Sized> $target for Box<T> {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $target, F: FnOnce() -> T> $target for LazyLock<T, F> {
            type Series = T::Series;

            fn $series_of(&self) -> T::Series {
                T::$series_of(self)
            }
        }
    )*};
    (@series $target:ident, $series_of:ident, $metric:ident, $series:ident, $value:ident) => {
        #[diagnostic::do_not_recommend]
        impl<V: $value> $target for $metric<(), V> {
            type Series = $series<V>;

            fn $series_of(&self) -> $series<V> {
                self.series()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: $value> $target for $series<V> {
            type Series = Self;

            fn $series_of(&self) -> Self {
                self.clone()
            }
        }
    };
    (@series $target:ident, $series_of:ident, $metric:ident, $series:ident) => {
        #[diagnostic::do_not_recommend]
        impl $target for $metric {
            type Series = $series;

            fn $series_of(&self) -> $series {
                self.series()
            }
        }

        #[diagnostic::do_not_recommend]
        impl $target for $series {
            type Series = Self;

            fn $series_of(&self) -> Self {
                self.clone()
            }
        }
    };
}

targets! {
    CounterTarget, counter_series, "counter", "is no counter without labels",
        "`into` takes a `Counter` without labels, or a series of one with labels: `into = METRIC.with(&labels)`": Counter, CounterSeries, CounterValue;
    GaugeTarget, gauge_series, "gauge", "is no gauge without labels",
        "`into` takes a `Gauge` without labels, or a series of one with labels: `into = METRIC.with(&labels)`": Gauge, GaugeSeries, GaugeValue;
    HistogramTarget, histogram_series, "histogram", "is no histogram without labels",
        "`into` takes a `Histogram` without labels, or a series of one with labels: `into = METRIC.with(&labels)`": Histogram, HistogramSeries;
    SummaryTarget, summary_series, "summary", "is no summary without labels",
        "`into` takes a `Summary` without labels, or a series of one with labels: `into = METRIC.with(&labels)`": Summary, SummarySeries;
}

/// The series that a counting attribute feeds.
pub fn counter_target<T: CounterTarget>(target: &T) -> T::Series {
    target.counter_series()
}

/// The series that `#[gauge]` feeds.
pub fn gauge_target<T: GaugeTarget>(target: &T) -> T::Series {
    target.gauge_series()
}

/// The series that `#[histogram]` feeds.
pub fn histogram_target<T: HistogramTarget>(target: &T) -> T::Series {
    target.histogram_series()
}

/// The series that `#[summary]` feeds.
pub fn summary_target<T: SummaryTarget>(target: &T) -> T::Series {
    target.summary_series()
}
