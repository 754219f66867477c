//! Native histograms: buckets whose bounds follow from a number.

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
    /// Placeholder until it lands.
    #[expect(clippy::unused_self, reason = "it is not there yet")]
    pub(crate) fn classic(&self) -> Vec<(f64, u64)> {
        Vec::new()
    }

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
}
