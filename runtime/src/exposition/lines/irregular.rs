//! What another program's page said that makes no histogram and no summary.

use super::super::buffer::Short;
use super::super::histograms::whole;
use super::super::number::number;
use super::Lines;
use crate::descriptor::MetricKind;
use crate::escape::{push_label, read_labels};
use crate::snapshot::IrregularValue;
use crate::sort::sort_by;

impl Lines {
    /// The samples as they were read, where the format has such a series; says whether it has.
    pub(super) fn irregular(&mut self, labels: &str, value: &IrregularValue) -> bool {
        if self.format.is_openmetrics() && !(self.kind == MetricKind::Summary && is_summary(labels, value)) {
            return false;
        }
        for sample in value.samples() {
            let Some(at) = self.kind.sample_suffixes().iter().position(|suffix| *suffix == sample.suffix()) else {
                continue;
            };
            if !self.shown[at] || self.part_of(at) != self.part {
                continue;
            }
            match sample.own_label() {
                None => self.sample(at, labels),
                Some(own) => {
                    let name = if self.kind == MetricKind::Summary { "quantile" } else { "le" };
                    let mut text = String::new();
                    push_label(&mut text, name, own);
                    text.push_str("} ");
                    self.open_label(at, labels, &Short::new(text.as_bytes()), 0);
                }
            }
            number(&mut self.out, sample.value());
            self.end_with(sample.timestamp(), None);
        }
        true
    }
}

/// Whether `OpenMetrics` has such a summary (1.0.0, "Summary"): it may lack its count, its sum and its quantiles, but
/// says nothing twice, and nothing that no summary says. All samples are of one instant ("`MetricPoint`").
fn is_summary(labels: &str, value: &IrregularValue) -> bool {
    let samples = value.samples();
    let (mut sums, mut counts) = (0, 0);
    let mut quantiles = Vec::new();
    for sample in samples {
        let is_counter = sample.value().as_f64() >= 0.0;
        let takes = match (sample.suffix(), sample.own_label()) {
            ("_sum", None) => {
                sums += 1;
                is_counter
            }
            ("_count", None) => {
                counts += 1;
                whole(sample.value()).is_some()
            }
            ("", Some(own)) => {
                let quantile = own.parse().unwrap_or(f64::NAN);
                quantiles.push(quantile);
                (0.0..=1.0).contains(&quantile) && (is_counter || sample.value().as_f64().is_nan())
            }
            _ => false,
        };
        if !takes || sample.timestamp() != samples[0].timestamp() {
            return false;
        }
    }
    sort_by(&mut quantiles, f64::total_cmp);
    // 0 and -0 are the same quantile.
    let repeated = quantiles.windows(2).any(|pair| pair[0] >= pair[1]);
    sums <= 1 && counts <= 1 && !repeated && read_labels(labels).iter().all(|(name, _)| name != "quantile")
}
