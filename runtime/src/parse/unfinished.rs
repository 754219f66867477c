//! Series of the text format that lack something when another one's samples begin.

use std::collections::BTreeMap;

use super::hash::Key;
use super::label::hash_of;
use super::point::Point;

/// Some programs write all buckets of a family, then all sums, then all counts. So a series that lacks one waits here for
/// it, up to the end of its family.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    points: BTreeMap<u128, Point>,
    /// How long the lines of all of them are.
    bytes: usize,
}

impl Unfinished {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Keeps one.
    #[inline]
    pub(super) fn put(&mut self, mut point: Point, key: Key) {
        let hash = point.hash.unwrap_or_else(|| hash_of(&point.labels, key));
        point.hash = Some(hash);
        self.bytes += point.bytes;
        self.points.insert(hash, point);
    }

    /// The one with these labels.
    #[inline]
    pub(super) fn take(&mut self, hash: u128) -> Option<Point> {
        let point = self.points.remove(&hash)?;
        self.bytes -= point.bytes;
        Some(point)
    }

    #[inline]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// All of them, in the order in which they began.
    #[inline]
    pub(super) fn take_all(&mut self) -> Vec<Point> {
        self.bytes = 0;
        let mut points: Vec<Point> = std::mem::take(&mut self.points).into_values().collect();
        points.sort_unstable_by_key(|point| point.line);
        points
    }
}
