//! Native histograms: buckets whose bounds follow from a number.

use crate::native::{bound, coarser};
use crate::sort::search;

/// The buckets of a native histogram that counted something.
///
/// In each direction from zero, bucket `i` ends at 2^(i × 2^-schema), that bound included, and begins behind that of
/// bucket `i - 1`. What lies within the zero threshold of zero is in the zero bucket.
/// (<https://prometheus.io/docs/specs/native_histograms/>, "Data model".)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NativeBuckets {
    pub(crate) schema: i32,
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: u64,
    /// By rising indices.
    pub(crate) positive: Vec<(i32, u64)>,
    pub(crate) negative: Vec<(i32, u64)>,
}

impl NativeBuckets {
    /// How finely it resolves: with each schema more, a bucket is halved.
    #[must_use]
    pub fn schema(&self) -> i32 {
        self.schema
    }

    /// How far from zero the zero bucket reaches.
    #[must_use]
    pub fn zero_threshold(&self) -> f64 {
        self.zero_threshold
    }

    /// How many observations the zero bucket has.
    #[must_use]
    pub fn zero_count(&self) -> u64 {
        self.zero_count
    }

    /// The buckets above zero that have observations, by rising indices, with how many.
    #[must_use]
    pub fn positive(&self) -> &[(i32, u64)] {
        &self.positive
    }

    /// The same of those below zero.
    #[must_use]
    pub fn negative(&self) -> &[(i32, u64)] {
        &self.negative
    }

    /// The same observations in classic buckets, for formats that have no native ones: rising upper bounds, without +Inf,
    /// with how many there are up to each.
    ///
    /// Each bucket has its upper bound, and where the one below it has nothing also its lower one, so that a quantile that
    /// is computed from them is in the bucket that has it. Bounds are Prometheus' own. But below zero a bucket reaches up
    /// to its bound without it, and `le` would include it: there the next smaller number stands.
    pub(crate) fn classic(&self) -> Vec<(f64, u64)> {
        let mut classic = Classic { buckets: Vec::new(), count: 0 };
        for &(index, count) in self.negative.iter().rev() {
            let above = self.beyond_zero(bound(index.saturating_sub(1), self.schema));
            classic.bucket(before(-bound(index, self.schema)), before(-above), count);
        }
        if self.zero_count > 0 {
            // Where nothing is negative, no bound is: that would say that something may be.
            let below = if self.negative.is_empty() { self.zero_threshold } else { before(-self.zero_threshold) };
            classic.bucket(below, self.zero_threshold, self.zero_count);
        }
        for &(index, count) in &self.positive {
            let below = self.beyond_zero(bound(index.saturating_sub(1), self.schema));
            classic.bucket(below, bound(index, self.schema), count);
        }
        classic.buckets
    }

    /// Without observations.
    pub(crate) fn new(schema: i32, zero_threshold: f64) -> Self {
        Self { schema, zero_threshold, ..Self::default() }
    }

    /// As if nothing had been observed, in the memory that it has.
    pub(crate) fn clear(&mut self, schema: i32, zero_threshold: f64) {
        self.positive.clear();
        self.negative.clear();
        (self.schema, self.zero_threshold, self.zero_count) = (schema, zero_threshold, 0);
    }

    /// How many buckets have observations, beside the zero bucket.
    pub(crate) fn populated(&self) -> usize {
        self.positive.len() + self.negative.len()
    }

    /// Adds to a bucket.
    pub(crate) fn add(&mut self, negative: bool, index: i32, count: u64) {
        let side = if negative { &mut self.negative } else { &mut self.positive };
        match search(side.len(), &|at| side[at].0.cmp(&index)) {
            Ok(at) => side[at].1 = side[at].1.wrapping_add(count),
            Err(at) => side.insert(at, (index, count)),
        }
    }

    /// Adds the observations of another one, by the coarser of their schemas and the wider of their zero buckets. Nothing
    /// is left in the other.
    pub(crate) fn merge(&mut self, other: &mut Self) {
        let (zero_threshold, schema) = (self.zero_threshold.max(other.zero_threshold), self.schema.min(other.schema));
        for one in [&mut *self, &mut *other] {
            // Where it is less fine, it had widened before.
            one.widen(zero_threshold);
            one.coarsen(schema);
        }
        self.zero_count = self.zero_count.wrapping_add(other.zero_count);
        for (negative, side) in [(false, &mut other.positive), (true, &mut other.negative)] {
            for (index, count) in side.drain(..) {
                self.add(negative, index, count);
            }
        }
    }

    /// Takes another schema, which is no finer, and whose buckets take those that lie in them.
    pub(crate) fn coarsen(&mut self, schema: i32) {
        let by = self.schema - schema;
        if by == 0 {
            return;
        }
        for side in [&mut self.positive, &mut self.negative] {
            let mut kept = 0;
            for at in 0..side.len() {
                let (index, count) = (coarser(side[at].0, by), side[at].1);
                if kept > 0 && side[kept - 1].0 == index {
                    side[kept - 1].1 = side[kept - 1].1.wrapping_add(count);
                } else {
                    side[kept] = (index, count);
                    kept += 1;
                }
            }
            side.truncate(kept);
        }
        self.schema = schema;
    }

    /// Takes another zero threshold, which is no smaller, and into the zero bucket what lies in it.
    pub(crate) fn widen(&mut self, zero_threshold: f64) {
        if zero_threshold <= self.zero_threshold {
            return;
        }
        for side in [&mut self.positive, &mut self.negative] {
            let mut within = 0;
            while within < side.len() && bound(side[within].0, self.schema) <= zero_threshold {
                self.zero_count = self.zero_count.wrapping_add(side[within].1);
                within += 1;
            }
            side.drain(..within);
        }
        self.zero_threshold = zero_threshold;
    }

    /// What the zero bucket takes is in no other.
    fn beyond_zero(&self, bound: f64) -> f64 {
        bound.max(self.zero_threshold)
    }
}

/// The greatest number before this one.
fn before(bound: f64) -> f64 {
    bound.next_down().max(f64::MIN)
}

/// Classic buckets while they are put together.
struct Classic {
    buckets: Vec<(f64, u64)>,
    count: u64,
}

impl Classic {
    /// Adds a bucket that begins behind `below`.
    fn bucket(&mut self, below: f64, upper: f64, count: u64) {
        if count == 0 {
            return;
        }
        if below < upper {
            self.bound(below);
        }
        self.count = self.count.wrapping_add(count);
        self.bound(upper);
    }

    fn bound(&mut self, upper: f64) {
        match self.buckets.last_mut() {
            // Buckets of the smallest numbers may end at the same one.
            Some(last) if last.0 >= upper => last.1 = self.count,
            _ if upper.is_finite() => self.buckets.push((upper, self.count)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::native::index;

    /// What a native histogram of these observations has.
    fn native(values: &[f64], schema: i32, zero_threshold: f64) -> NativeBuckets {
        let mut native = NativeBuckets { schema, zero_threshold, ..NativeBuckets::default() };
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        for value in sorted {
            let side = match value {
                _ if value > zero_threshold => &mut native.positive,
                _ if value < -zero_threshold => &mut native.negative,
                _ => {
                    native.zero_count += 1;
                    continue;
                }
            };
            let index = index(value, schema);
            match side.last_mut() {
                Some(last) if last.0 == index => last.1 += 1,
                _ => side.push((index, 1)),
            }
        }
        native
    }

    fn value() -> impl Strategy<Value = f64> {
        let near_bounds =
            (-40_i32..40, -4..=8_i32, -1..=1_i32, any::<bool>()).prop_map(|(index, schema, off, negative)| {
                let value = match (bound(index, schema), off) {
                    (bound, -1) => bound.next_down(),
                    (bound, 0) => bound,
                    (bound, _) => bound.next_up(),
                };
                if negative { -value } else { value }
            });
        prop_oneof![
            near_bounds,
            any::<f64>().prop_filter("NaN is refused", |value| !value.is_nan()),
            Just(0.0),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
        ]
    }

    proptest! {
        #[test]
        fn each_classic_bound_has_as_many_up_to_it_as_there_were(
            values in prop::collection::vec(value(), 0..30),
            schema in -4..=8_i32,
            zero_threshold in prop_oneof![Just(0.0), Just(0.9), Just(2.0_f64.powi(-128))],
        ) {
            let classic = native(&values, schema, zero_threshold).classic();
            prop_assert!(classic.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{classic:?}");
            for &(upper, count) in &classic {
                prop_assert!(upper.is_finite());
                let there = values.iter().filter(|value| **value <= upper).count();
                prop_assert_eq!(count, there as u64, "up to {} of {:?}", upper, classic);
            }
        }

        #[test]
        fn each_observation_is_between_bounds_no_farther_apart_than_its_bucket(
            values in prop::collection::vec(prop_oneof![0.001..1000.0_f64, -10.0..-0.1_f64], 1..30),
            schema in -4..=8_i32,
        ) {
            let native = native(&values, schema, 2.0_f64.powi(-128));
            let classic = native.classic();
            for value in values {
                let at = classic.partition_point(|(upper, _)| *upper < value);
                let (below, upper) = (classic[at - 1].0, classic[at].0);
                let index = index(value, schema);
                let (from, to) = (bound(index - 1, schema), bound(index, schema));
                let bucket = if value > 0.0 { (from, to) } else { (before(-to), before(-from)) };
                prop_assert_eq!((below, upper), bucket, "{}", value);
            }
        }
    }

    #[test]
    fn without_observations_there_are_no_bounds() {
        assert!(NativeBuckets::default().classic().is_empty());
    }

    #[test]
    fn nothing_negative_has_no_negative_bound() {
        let zero = native(&[0.0, 0.0, 1.0], 0, 0.5);
        assert_eq!(zero.classic(), [(0.5, 2), (1.0, 3)]);
        assert_eq!(native(&[4.0], 0, 0.0).classic(), [(2.0, 0), (4.0, 1)]);
    }

    #[test]
    fn what_a_page_says_gives_bounds_that_rise_whatever_it_says() {
        let strange = NativeBuckets {
            schema: 300,
            zero_threshold: f64::INFINITY,
            zero_count: 1,
            positive: vec![(i32::MIN, 1), (0, u64::MAX), (i32::MAX, 1)],
            negative: vec![(i32::MIN, 1), (0, 1), (i32::MAX, 1)],
        };
        for zero_threshold in [strange.zero_threshold, 0.0, f64::NAN, -1.0] {
            let classic = NativeBuckets { zero_threshold, ..strange.clone() }.classic();
            assert!(classic.is_sorted_by(|a, b| a.0 < b.0), "{classic:?}");
        }
    }
}
