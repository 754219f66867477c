//! What another program's page said that makes no histogram and no summary.

use super::super::buffer::Short;
use super::super::number::number;
use super::Lines;
use crate::descriptor::MetricKind;
use crate::escape::push_label;
use crate::snapshot::IrregularValue;

impl Lines {
    /// The samples as they were read. `OpenMetrics` forbids such a page, so there they are left out.
    pub(super) fn irregular(&mut self, labels: &str, value: &IrregularValue) {
        if self.format.is_openmetrics() {
            return;
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
    }
}
