//! What histograms and summaries do alike: they take values, and time what takes a while.

/// Writes these methods for a metric without labels, or for a series. It needs `take` and `refuse`, and
/// a method that takes seconds that have just been measured.
macro_rules! observing {
    ($on:ty, $series:ty, $take_seconds:ident, |$this:ident| $handle:expr) => {
        impl $on {
            /// Counts a value. A [`Duration`](std::time::Duration) counts in seconds; NaN is refused.
            ///
            /// One below zero is a value like any other, but `OpenMetrics` has no sum that could fall: there the sum is left
            /// out then, and of a histogram without a bound below zero its count too, which `+Inf` still tells. The text
            /// format and protobuf have both.
            #[inline]
            pub fn observe(&self, value: impl Into<Number>) {
                let value = value.into().as_f64();
                if value.is_nan() {
                    self.refuse();
                } else {
                    self.take(value);
                }
            }

            /// Starts a timer, which observes the seconds until it is stopped or dropped.
            #[inline]
            pub fn start_timer(&self) -> Timer<$series> {
                let $this = self;
                Timer::start($handle)
            }

            /// Runs a function and observes how many seconds it took, also where it panics.
            #[inline]
            pub fn time<T>(&self, run: impl FnOnce() -> T) -> T {
                let _timer = self.start_timer();
                run()
            }

            /// Observes how many seconds a future took from its first poll until it was ready or dropped.
            pub fn time_async<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
                let $this = self;
                let series = $handle;
                async move {
                    let _timer = series.start_timer();
                    future.await
                }
            }
        }

        impl Record for $on {
            /// They are never NaN.
            #[inline]
            fn record_seconds(&self, seconds: f64) {
                self.$take_seconds(seconds);
            }
        }
    };
}

pub(super) use observing;
