//! Quantiles of histograms, estimated as Prometheus' `histogram_quantile` does.

use tallymark::{HistogramValue, NativeBuckets};

use crate::number::rounded;

/// Observations between two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    low: f64,
    high: f64,
    count: u64,
    /// Whether its neighbours differ from it by a factor, so that one lies in the middle of it by a factor too.
    native: bool,
}

/// The observations of a histogram, by rising buckets.
#[derive(Clone, Debug)]
pub(crate) struct Observations {
    buckets: Vec<Bucket>,
}

impl Observations {
    /// None where the histogram says nothing of where they are.
    pub(crate) fn of(histogram: &HistogramValue) -> Option<Self> {
        let classic: Vec<(f64, u64)> = histogram.buckets().collect();
        match histogram.native() {
            Some(native) if classic.len() == 1 => Some(Self { buckets: native_buckets(native) }),
            _ if classic.len() == 1 => None,
            _ => Some(Self::between(&[], &classic)),
        }
    }

    /// Those that classic buckets have more than they had before; none where they were other ones.
    pub(crate) fn since(before: &HistogramValue, now: &HistogramValue) -> Option<Self> {
        let (before, now): (Vec<_>, Vec<_>) = (before.buckets().collect(), now.buckets().collect());
        let same = before.len() == now.len()
            && before.iter().zip(&now).all(|((one, _), (other, _))| one.total_cmp(other).is_eq());
        (same && now.len() > 1).then(|| Self::between(&before, &now))
    }

    fn between(before: &[(f64, u64)], now: &[(f64, u64)]) -> Self {
        let (mut low, mut below) = (f64::NEG_INFINITY, 0);
        let mut buckets = Vec::with_capacity(now.len());
        for (at, &(high, all)) in now.iter().enumerate() {
            // Counts that were not read at one instant can fall.
            let all = all.saturating_sub(before.get(at).map_or(0, |(_, count)| *count)).max(below);
            // Of a histogram whose first bound is above zero it is taken that nothing was below zero.
            let low_of = if at == 0 && high > 0.0 { 0.0 } else { low };
            buckets.push(Bucket { low: low_of, high, count: all - below, native: false });
            (low, below) = (high, all);
        }
        Self { buckets }
    }

    fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, bucket| sum.saturating_add(bucket.count))
    }

    /// The quantile as text: `>` stands before what is the last bound, behind which it lies.
    #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
    pub(crate) fn quantile(&self, quantile: f64) -> String {
        let all = self.count();
        if all == 0 {
            return "-".to_owned();
        }
        let rank = quantile * all as f64;
        let mut below = 0_u64;
        for bucket in &self.buckets {
            let up_to = below.saturating_add(bucket.count);
            if bucket.count > 0 && up_to as f64 >= rank {
                return bucket.at((rank - below as f64).max(0.0) / bucket.count as f64);
            }
            below = up_to;
        }
        "-".to_owned()
    }
}

impl Bucket {
    /// The number that this share of its observations is below, as if they were spread evenly.
    fn at(self, share: f64) -> String {
        let Self { low, high, native, .. } = self;
        if high == f64::INFINITY {
            return format!(">{}", rounded(low));
        }
        if low == f64::NEG_INFINITY {
            return format!("<{}", rounded(high));
        }
        if native && low > 0.0 {
            return rounded(low * (high / low).powf(share));
        }
        if native && high < 0.0 {
            return rounded(low * (high / low).powf(share));
        }
        rounded(low + (high - low) * share)
    }
}

/// (<https://prometheus.io/docs/specs/native_histograms/>, "Data model".)
fn native_buckets(native: &NativeBuckets) -> Vec<Bucket> {
    let bound = |index: i32| (f64::from(index) * (-f64::from(native.schema())).exp2()).exp2();
    let mut buckets = Vec::new();
    for &(index, count) in native.negative().iter().rev() {
        buckets.push(Bucket { low: -bound(index), high: -bound(index.saturating_sub(1)), count, native: true });
    }
    if native.zero_count() > 0 {
        let (positive, negative) = (native.positive().is_empty(), native.negative().is_empty());
        // As Prometheus has it: where nothing is on one side, nothing near zero is taken to be there.
        let low = if negative && !positive { 0.0 } else { -native.zero_threshold() };
        let high = if positive && !negative { 0.0 } else { native.zero_threshold() };
        buckets.push(Bucket { low, high, count: native.zero_count(), native: false });
    }
    for &(index, count) in native.positive() {
        buckets.push(Bucket { low: bound(index.saturating_sub(1)), high: bound(index), count, native: true });
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(buckets: &[(f64, u64)]) -> Observations {
        Observations::between(&[], buckets)
    }

    #[test]
    fn quantiles_lie_between_the_bounds_of_their_bucket() {
        // 10 up to 1, 10 more up to 3, 20 beyond.
        let seen = of(&[(1.0, 10), (3.0, 20), (f64::INFINITY, 40)]);
        assert_eq!(seen.quantile(0.0), "0");
        assert_eq!(seen.quantile(0.125), "0.5");
        assert_eq!(seen.quantile(0.25), "1");
        assert_eq!(seen.quantile(0.375), "2");
        assert_eq!(seen.quantile(0.5), "3");
        assert_eq!(seen.quantile(0.9), ">3");
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        assert_eq!(of(&[(1.0, 0), (f64::INFINITY, 0)]).quantile(0.5), "-");
        assert_eq!(of(&[(-1.0, 4), (f64::INFINITY, 4)]).quantile(0.5), "<-1");
        let torn = of(&[(1.0, 5), (2.0, 3), (f64::INFINITY, 5)]);
        assert_eq!(torn.quantile(0.5), "0.5");
    }

    #[test]
    fn only_what_came_since_counts() {
        let before = [(1.0, 10), (2.0, 10), (f64::INFINITY, 10)];
        let now = [(1.0, 10), (2.0, 14), (f64::INFINITY, 14)];
        assert_eq!(Observations::between(&before, &now).quantile(0.5), "1.5");
    }
}
