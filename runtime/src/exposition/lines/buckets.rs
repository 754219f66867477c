//! The lines of histograms.

use std::sync::Arc;

use super::super::buffer::{Buffer, Place, Short, WINDOW};
use super::super::number::{LONGEST, float, unsigned};
use super::{BUCKET, Behind, Lines};
use crate::descriptor::MetricKind;
use crate::snapshot::{Exemplar, NativeBuckets, Rare};

impl Lines {
    pub(super) fn histogram(
        &mut self,
        labels: &str,
        (bounds, counts): (&Arc<[f64]>, &[u64]),
        sum: Option<f64>,
        behind: Behind<'_>,
    ) {
        if self.bounds.as_ref().is_none_or(|known| !Arc::ptr_eq(known, bounds)) {
            self.render(bounds);
        }
        let count = match behind {
            None => self.buckets(labels, counts),
            Some(rare) => self.buckets_with(labels, (bounds, counts), rare),
        };
        self.totals_of_buckets(labels, bounds.first().copied(), sum, count, behind);
    }

    /// The buckets of a series with nothing behind its values; gives the count.
    fn buckets(&mut self, labels: &str, counts: &[u64]) -> u64 {
        // What all buckets have in common stands in the first one's line; the others copy it from there.
        let common = self.opened[BUCKET].len() + labels.len() + usize::from(!labels.is_empty());
        let mut longest = 0;
        for bound in &self.rendered {
            longest = longest.max(bound.len());
        }
        if self.shown[BUCKET] {
            self.out.reserve(counts.len() * (common + longest + LONGEST + "\n".len()));
        }
        let is_short = common + longest + LONGEST + "\n".len() < WINDOW;
        let mut count = 0_u64;
        let mut first = None;
        for (own, bound) in counts.iter().zip(&self.rendered) {
            count = count.wrapping_add(*own);
            if self.shown[BUCKET] {
                if let Some(first) = first.filter(|_| is_short)
                    && let Some(mut line) = self.out.window_behind(first, common)
                {
                    line.put_short(bound);
                    unsigned(&mut line, count);
                    line.put_few(b"\n");
                    let written = line.len();
                    self.out.add(written);
                    continue;
                }
                if let Some(first) = first {
                    self.out.repeat(first, common);
                } else {
                    first = Some(self.out.len());
                    self.out.put_short(&self.opened[BUCKET]);
                    if !labels.is_empty() {
                        self.out.put(labels.as_bytes());
                        self.out.put_few(b",");
                    }
                }
                self.out.put_short(bound);
                unsigned(&mut self.out, count);
                self.out.put_few(b"\n");
            }
        }
        count
    }

    /// The same with a timestamp behind each, and with exemplars, each in the bucket in which its value is.
    fn buckets_with(&mut self, labels: &str, (bounds, counts): (&Arc<[f64]>, &[u64]), rare: &Rare<'_>) -> u64 {
        let mut count = 0_u64;
        for (at, own) in counts.iter().enumerate() {
            count = count.wrapping_add(*own);
            if self.shown[BUCKET] {
                let bound = self.rendered[at].clone();
                self.open_label(BUCKET, labels, &bound, 0);
                unsigned(&mut self.out, count);
                let below = at.checked_sub(1).map(|below| bounds[below]);
                self.end_bucket(below, bounds.get(at).copied(), Some(rare));
            }
        }
        count
    }

    /// Ends the line of the bucket between two bounds.
    fn end_bucket(&mut self, below: Option<f64>, bound: Option<f64>, behind: Behind<'_>) {
        let within = |exemplar: &&Exemplar| {
            let value = exemplar.value().as_f64();
            below.is_none_or(|below| value > below) && bound.is_none_or(|bound| value <= bound)
        };
        // The latest of several.
        let exemplars = behind.map_or(&[][..], |rare| rare.exemplars);
        let exemplar = exemplars.iter().filter(within).max_by_key(|exemplar| exemplar.timestamp());
        self.end_with(behind.and_then(|rare| rare.timestamp), exemplar);
    }

    fn totals_of_buckets(
        &mut self,
        labels: &str,
        first: Option<f64>,
        sum: Option<f64>,
        count: u64,
        behind: Behind<'_>,
    ) {
        let below_zero = first.is_some_and(|first| first < 0.0);
        let told = sum.is_some_and(|sum| match self.kind {
            // In the text format its sum and its count are families of their own.
            MetricKind::GaugeHistogram if !self.format.is_openmetrics() => false,
            // It may fall, but is negative only where buckets are (OpenMetrics 1.0.0, "GaugeHistogram").
            MetricKind::GaugeHistogram => sum >= 0.0 || (below_zero && !sum.is_nan()),
            // With a negative bound it may fall, which a counter never does (the same, "Histogram").
            _ => !below_zero && self.takes_sum(sum),
        });
        // There is a count if and only if there is a sum (the same).
        if told {
            self.sum_and_count(labels, sum, count, behind);
        }
    }

    /// Native buckets as if they were classic ones: each that has observations is shown between its bounds.
    pub(super) fn native(
        &mut self,
        labels: &str,
        native: &NativeBuckets,
        count: u64,
        sum: Option<f64>,
        behind: Behind<'_>,
    ) {
        let buckets = native.classic();
        let mut below = None;
        if self.shown[BUCKET] {
            let name = Short::new(b"le=\"");
            for (bound, upto) in buckets.iter().copied().chain([(f64::INFINITY, count)]) {
                self.open_label(BUCKET, labels, &name, LONGEST);
                float(&mut self.out, bound);
                self.out.put_few(b"\"} ");
                unsigned(&mut self.out, upto);
                self.end_bucket(below, Some(bound), behind);
                below = Some(bound);
            }
        }
        self.totals_of_buckets(labels, buckets.first().map(|(bound, _)| *bound), sum, count, behind);
    }

    fn render(&mut self, bounds: &Arc<[f64]>) {
        let mut text = Buffer::default();
        let mut render = |bound: f64| {
            text.reserve("le=\"\"} ".len() + LONGEST);
            text.put_few(b"le=\"");
            float(&mut text, bound);
            text.put_few(b"\"} ");
            Short::new(&text.take())
        };
        self.rendered.clear();
        for bound in &**bounds {
            self.rendered.push(render(*bound));
        }
        self.rendered.push(render(f64::INFINITY));
        self.bounds = Some(Arc::clone(bounds));
    }
}
