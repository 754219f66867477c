//! What is asked of a native histogram.

use std::time::Duration;

use super::{COARSEST, FINEST, FRACTIONS, STEPS, bound};

/// How finely a native histogram resolves, and what it does where that takes too many buckets.
///
/// The names and what they mean are those of `client_golang`'s `HistogramOpts`
/// (<https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#HistogramOpts>).
///
/// ```
/// use std::time::Duration;
/// use tallymark::{Histogram, NativeOptions};
///
/// let options = NativeOptions::new().factor(1.05).max_buckets(100).min_reset(Duration::from_secs(900));
/// let latency = Histogram::builder("latency_seconds", "How long it took.").native(options)?.build()?;
/// latency.observe(0.3);
/// # Ok::<(), tallymark::Error>(())
/// ```
///
/// # When there are too many buckets
///
/// Where an observation would make them more than [`max_buckets`](Self::max_buckets), the histogram begins anew with
/// that observation, as if the program had just started, if it last did at least [`min_reset`](Self::min_reset) ago.
/// Otherwise the zero bucket takes those nearest to zero, as far as
/// [`max_zero_threshold`](Self::max_zero_threshold) lets it, and where that isn't enough two buckets become one, all
/// over the histogram, until there are few enough. Nothing that was counted is lost by that. There may be more only where
/// each bucket reaches over a factor of 65,536 already.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "it says what `MetricBuilder::native` shall make"]
pub struct NativeOptions {
    factor: f64,
    max_buckets: u32,
    min_reset: Duration,
    zero_threshold: f64,
    max_zero_threshold: f64,
}

impl NativeOptions {
    /// A factor of 1.1, at most 160 buckets, a reset after an hour at the earliest, a zero bucket up to 2^-128 that stays
    /// as it is.
    pub const fn new() -> Self {
        Self {
            factor: 1.1,
            max_buckets: 160,
            min_reset: Duration::from_hours(1),
            // `client_golang`'s `DefNativeHistogramZeroThreshold`.
            zero_threshold: bound_of_power(-128),
            max_zero_threshold: 0.0,
        }
    }

    /// By how much a bucket's upper bound may be greater than that of the one before it. Of the factors 2^(2^-8) to
    /// 2^(2^4), which there are, the greatest is taken that is not above this, or else the smallest, which is 1.0027.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// How many buckets may have observations, those above and below zero together.
    pub const fn max_buckets(mut self, max_buckets: u32) -> Self {
        self.max_buckets = max_buckets;
        self
    }

    /// How long after it began the histogram may begin anew. Where it is 0, it never does. It does so 32,767 times at most,
    /// which are three years of once an hour.
    pub const fn min_reset(mut self, min_reset: Duration) -> Self {
        self.min_reset = min_reset;
        self
    }

    /// How far from zero an observation is in the zero bucket. Where it is 0, that has zeros alone.
    pub const fn zero_threshold(mut self, zero_threshold: f64) -> Self {
        self.zero_threshold = zero_threshold;
        self
    }

    /// How far the zero bucket may come to reach where there are too many others. Where it is 0, it stays as it is.
    pub const fn max_zero_threshold(mut self, max_zero_threshold: f64) -> Self {
        self.max_zero_threshold = max_zero_threshold;
        self
    }

    pub(crate) const fn most_buckets(&self) -> usize {
        self.max_buckets as usize
    }

    pub(crate) const fn earliest_reset(&self) -> Duration {
        self.min_reset
    }

    pub(crate) const fn first_threshold(&self) -> f64 {
        self.zero_threshold
    }

    pub(crate) const fn last_threshold(&self) -> f64 {
        self.max_zero_threshold
    }

    /// The schema that it begins with: the coarsest whose factor is not above what is asked for.
    pub(crate) const fn schema(&self) -> i32 {
        let mut schema = COARSEST;
        while schema < FINEST && factor_of(schema) > self.factor {
            schema += 1;
        }
        schema
    }

    /// What is wrong with it.
    pub(crate) const fn fault(&self) -> Option<&'static str> {
        if self.factor.is_nan() || self.factor <= 1.0 {
            return Some(
                "the factor is not above 1, and each bucket is to end above the one before it; write for example `1.1`",
            );
        }
        if self.factor > 65_536.0 {
            return Some("the factor is above 65536, which is the greatest that there is; write for example `1.1`");
        }
        if self.max_buckets == 0 {
            return Some("`max_buckets` is 0, and each observation is in a bucket; write for example `160`");
        }
        if self.max_buckets > MOST_BUCKETS {
            return Some(
                "`max_buckets` is above 4096, and each thread that observes keeps 16 bytes and more for each of them, \
                 whether it has observations or not; write for example `160`",
            );
        }
        if !(self.zero_threshold >= 0.0 && self.zero_threshold < f64::INFINITY) {
            return Some(
                "the zero threshold is no number from 0 up; leave it out, or write how near to zero an observation counts \
                 as zero",
            );
        }
        if !(self.max_zero_threshold >= 0.0 && self.max_zero_threshold < f64::INFINITY) {
            return Some(
                "`max_zero_threshold` is no number from 0 up; leave it out, or write how far the zero bucket may come to \
                 reach",
            );
        }
        if self.max_zero_threshold > 0.0 && self.max_zero_threshold < self.zero_threshold {
            return Some(
                "`max_zero_threshold` is below the zero threshold that it begins with; raise it, or leave it out",
            );
        }
        None
    }

    /// How many buckets there may be in the coarsest schema, beside the zero bucket.
    pub(crate) fn most_in_coarsest(&self) -> usize {
        let (mut count, mut index) = (0, super::index(self.zero_threshold.next_up(), COARSEST));
        while bound(index, COARSEST) < f64::INFINITY {
            (count, index) = (count + 1, index + 1);
        }
        // In both directions, and that of infinity.
        2 * (count + 1)
    }
}

impl Default for NativeOptions {
    fn default() -> Self {
        Self::new()
    }
}

const MOST_BUCKETS: u32 = 4096;

/// 2^(2^-schema).
const fn factor_of(schema: i32) -> f64 {
    if schema > 0 { 2.0 * FRACTIONS[STEPS >> schema] } else { bound_of_power(1 << -schema) }
}

/// 2^`exponent` of a normal number.
const fn bound_of_power(exponent: i64) -> f64 {
    f64::from_bits((exponent + 1023).cast_unsigned() << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarsest_schema_is_taken_whose_factor_is_not_above_what_is_asked_for() {
        for (factor, schema) in [
            (65_536.0, -4),
            (65_535.0, -3),
            (256.0, -3),
            (255.0, -2),
            (16.0, -2),
            (4.0, -1),
            (3.9, 0),
            (2.0, 0),
            (1.9, 1),
            (2.0_f64.sqrt(), 1),
            (1.2, 2),
            (1.1, 3),
            (1.09, 4),
            (1.05, 4),
            (1.03, 5),
            (1.02, 6),
            (1.01, 7),
            (1.003, 8),
            (1.001, 8),
        ] {
            assert_eq!(NativeOptions::new().factor(factor).schema(), schema, "{factor}");
        }
    }

    #[test]
    fn what_makes_no_histogram_is_refused() {
        let new = NativeOptions::new();
        for (bad, said) in [
            (new.factor(1.0), "not above 1"),
            (new.factor(-2.0), "not above 1"),
            (new.factor(f64::NAN), "not above 1"),
            (new.factor(65_537.0), "above 65536"),
            (new.factor(f64::INFINITY), "above 65536"),
            (new.max_buckets(0), "`max_buckets` is 0"),
            (new.max_buckets(4097), "above 4096"),
            (new.zero_threshold(-1.0), "the zero threshold"),
            (new.zero_threshold(f64::NAN), "the zero threshold"),
            (new.zero_threshold(f64::INFINITY), "the zero threshold"),
            (new.max_zero_threshold(-1.0), "`max_zero_threshold`"),
            (new.max_zero_threshold(f64::NAN), "`max_zero_threshold`"),
            (new.max_zero_threshold(f64::INFINITY), "`max_zero_threshold`"),
            (new.zero_threshold(0.2).max_zero_threshold(0.1), "below the zero threshold"),
        ] {
            let fault = bad.fault().unwrap_or_default();
            assert!(fault.contains(said), "{bad:?}: {fault}");
        }
        for good in [
            new,
            new.factor(65_536.0),
            new.factor(1.0001),
            new.max_buckets(1),
            new.max_buckets(4096),
            new.zero_threshold(0.0),
            new.zero_threshold(f64::MAX),
            new.zero_threshold(0.1).max_zero_threshold(0.1),
            new.min_reset(Duration::ZERO),
        ] {
            assert_eq!(good.fault(), None, "{good:?}");
        }
    }

    #[test]
    fn how_many_buckets_there_may_be_in_the_coarsest_schema() {
        let new = NativeOptions::new();
        // From 2^-128 to 2^1024 in steps of 2^16, and infinity.
        assert_eq!(new.most_in_coarsest(), 2 * (72 + 1));
        assert_eq!(new.zero_threshold(0.0).most_in_coarsest(), 2 * (132 + 1));
        assert_eq!(new.zero_threshold(f64::MAX).most_in_coarsest(), 2);
    }
}
