//! Which buckets the shards of a series have together, and what is done where they are too many.

use super::super::line::Series;
use super::{LAYOUTS, lock};
use crate::clock::{Reading, since_epoch};
use crate::native::{COARSEST, FINEST, NativeOptions, bound, index};
use crate::snapshot::NativeBuckets;

/// What a series resolves now.
pub(super) struct Layout {
    /// Every bucket that has observations in some shard. Their counts stand there, and not here.
    pub(super) buckets: NativeBuckets,
    /// Since when, where it may begin anew.
    since: Option<Reading>,
    /// When it began anew, in nanoseconds since the Unix epoch.
    begun_anew: Option<u64>,
}

/// When a series began anew.
#[cold]
pub(super) fn begun_anew(series: Series) -> Option<u64> {
    let layout = LAYOUTS.get(series)?;
    lock(&layout).begun_anew
}

/// A bucket that is not the zero bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) index: i32,
    pub(super) negative: bool,
}

impl Layout {
    pub(super) fn new(options: &NativeOptions) -> Self {
        let may_begin_anew = !options.earliest_reset().is_zero();
        Self {
            buckets: NativeBuckets::new(options.schema(), options.first_threshold()),
            since: may_begin_anew.then(Reading::now),
            begun_anew: None,
        }
    }

    /// The bucket of a value that is not NaN; none for the zero bucket.
    pub(super) fn bucket(&self, value: f64) -> Option<Bucket> {
        let NativeBuckets { schema, zero_threshold, .. } = self.buckets;
        (value.abs() > zero_threshold)
            .then(|| Bucket { index: index(value, schema), negative: value.is_sign_negative() })
    }

    /// Adds a bucket, and says how many there are then.
    pub(super) fn add(&mut self, bucket: Bucket) -> usize {
        self.buckets.add(bucket.negative, bucket.index, 0);
        self.buckets.populated()
    }

    pub(super) fn may_begin_anew(&self, options: &NativeOptions) -> bool {
        // A model of loom's takes the same way each time.
        self.since.is_some_and(|since| cfg!(loom) || since.elapsed() >= options.earliest_reset())
    }

    /// Begins anew with a value.
    pub(super) fn begin_anew(&mut self, options: &NativeOptions, value: f64) {
        *self = Self { begun_anew: Some(since_epoch()), ..Self::new(options) };
        if let Some(bucket) = self.bucket(value) {
            self.add(bucket);
        }
    }

    /// Makes the buckets fewer until they are few enough, or as coarse as can be.
    pub(super) fn fit(&mut self, options: &NativeOptions) {
        while self.buckets.populated() > options.most_buckets() {
            let schema = self.buckets.schema;
            match self.wider(options.last_threshold()) {
                Some(zero_threshold) => self.buckets.widen(zero_threshold),
                None if schema > COARSEST => self.buckets.coarsen(schema - 1),
                None => return,
            }
        }
    }

    /// The next threshold with which the zero bucket takes another one, if it may.
    fn wider(&self, most: f64) -> Option<f64> {
        let NativeBuckets { schema, zero_threshold, positive, negative, .. } = &self.buckets;
        let least = positive.first().into_iter().chain(negative.first()).map(|(index, _)| *index).min()?;
        let wider = bound(least, *schema);
        (*zero_threshold < most && wider <= most).then_some(wider)
    }
}

impl Bucket {
    /// What stands in the cell before its count: never 0.
    #[inline]
    pub(super) fn key(self) -> u64 {
        u64::from(self.index.cast_unsigned()) | u64::from(self.negative) << NEGATIVE | 1 << THERE
    }

    #[inline]
    pub(super) fn of_key(key: u64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "the index is the lower half")]
        let index = (key as u32).cast_signed();
        (key != 0).then_some(Self { index, negative: key >> NEGATIVE & 1 == 1 })
    }

    /// Where it stands in a table, but for the number of its places, if that is free.
    ///
    /// Those that follow one another do so there too, so they share lines of the cache and are in nobody's way; but powers
    /// of two, which come more often than other numbers, are far apart and would all have the same place.
    #[inline]
    pub(super) fn home(self, half: u32) -> u32 {
        let half = if self.negative { half } else { 0 };
        self.index.wrapping_add(self.index >> FINEST).cast_unsigned().wrapping_add(half)
    }
}

const NEGATIVE: u32 = 32;
const THERE: u32 = 33;
