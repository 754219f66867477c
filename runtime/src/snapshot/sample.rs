//! One sample of a family, by its name and labels.

use super::{MetricFamily, Number, SeriesSnapshot, Value};
use crate::descriptor::MetricKind;

impl MetricFamily {
    /// The value of the sample with this name and exactly these labels, in any order: of a histogram `x` the samples are
    /// `x_bucket` with `le`, `x_sum` and `x_count`; of a summary `x` with `quantile`, `x_sum` and `x_count`; of a state
    /// set `x` with the label `x`. The numbers in `le` and `quantile` may be written in any way.
    #[must_use]
    pub fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Option<Number> {
        let suffix = name.strip_prefix(self.name())?;
        if !self.kind.sample_suffixes().contains(&suffix) {
            return None;
        }
        let own_label = self.own_label(suffix);
        let (own, others): (Vec<_>, Vec<_>) = labels.iter().copied().partition(|(label, _)| own_label == Some(*label));
        let own = match (own_label, own.as_slice()) {
            (None, []) => None,
            (Some(_), [(_, text)]) => Some(*text),
            _ => return None,
        };
        let series = self.find(&others)?;
        of_series(series, self.kind, suffix, own)
    }

    /// The label that the samples with this suffix have besides those of the series.
    pub(crate) fn own_label(&self, suffix: &str) -> Option<&str> {
        match (self.kind, suffix) {
            (_, "_bucket") => Some("le"),
            (MetricKind::Summary, "") => Some("quantile"),
            (MetricKind::StateSet, _) => Some(self.name()),
            _ => None,
        }
    }
}

fn of_series(series: &SeriesSnapshot, kind: MetricKind, suffix: &str, own: Option<&str>) -> Option<Number> {
    match (series.value(), suffix) {
        (Value::Number(number), "") => Some(*number),
        (Value::Histogram(histogram), "_bucket") => {
            let bound = number(own?)?;
            histogram.buckets().find(|(upper, _)| upper.total_cmp(&bound).is_eq()).map(|(_, count)| count.into())
        }
        (Value::Histogram(histogram), _) => {
            // What no page shows: see the text format.
            let falls = histogram.bounds.first().is_some_and(|first| *first < 0.0) && kind == MetricKind::Histogram;
            let sums = matches!(suffix, "_sum" | "_gsum");
            if falls {
                return None;
            }
            if sums { histogram.sum.map(Number::from) } else { Some(histogram.count().into()) }
        }
        (Value::Summary(summary), "") => {
            let quantile = number(own?)?;
            summary
                .quantiles()
                .iter()
                .find(|(asked, _)| asked.total_cmp(&quantile).is_eq())
                .map(|(_, value)| (*value).into())
        }
        (Value::Summary(summary), "_sum") => Some(summary.sum().into()),
        (Value::Summary(summary), "_count") => Some(summary.count().into()),
        (Value::StateSet(states), "") => {
            let own = own?;
            states.states().find(|(state, _)| *state == own).map(|(_, on)| on.into())
        }
        (Value::Irregular(value), _) => {
            let same =
                |text: &str| own.and_then(number).zip(number(text)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq());
            let asked = |own_label: Option<&str>| own_label.map_or(own.is_none(), same);
            let mut samples = value.samples().iter();
            samples.find(|sample| sample.suffix == suffix && asked(sample.own_label())).map(|sample| sample.value)
        }
        _ => None,
    }
}

/// A bound or a quantile, however it is written.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}
