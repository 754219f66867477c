//! Why samples make no histogram and no summary.

use tallymark::{IrregularSample, IrregularValue, MetricFamily, MetricKind};

use crate::number::{exact, plain};
use crate::print::quoted;

/// What is wrong first, and what would be right.
pub(super) fn explained(family: &MetricFamily, value: &IrregularValue) -> String {
    let samples = value.samples();
    let fault = match family.kind() {
        MetricKind::Summary => summary(samples),
        _ => histogram(samples),
    };
    fault.or_else(|| timestamps(samples)).unwrap_or_else(|| {
        format!("has samples that make no {}; write those of a series together, each once", family.kind())
    })
}

const SUM: [&str; 2] = ["_sum", "_gsum"];
const COUNT: [&str; 2] = ["_count", "_gcount"];
const AT_ONE_INSTANT: &str = "read all its numbers at one instant, none while it observes";

fn of_role<'a>(samples: &'a [IrregularSample], suffixes: &'a [&str]) -> impl Iterator<Item = &'a IrregularSample> {
    samples.iter().filter(move |sample| suffixes.contains(&sample.suffix()))
}

fn histogram(samples: &[IrregularSample]) -> Option<String> {
    let mut buckets: Vec<(f64, &IrregularSample)> = Vec::new();
    for sample in of_role(samples, &["_bucket"]) {
        let Some(text) = sample.own_label() else {
            return Some("has a bucket without `le`; write its upper bound there, as in `le=\"0.5\"`".to_owned());
        };
        match text.parse::<f64>() {
            Ok(bound) if !bound.is_nan() => buckets.push((bound, sample)),
            _ => return Some(format!("has a bucket whose bound is {}; write a number", quoted(text))),
        }
    }
    if buckets.is_empty() {
        return Some("has no buckets; write them, the last with `le=\"+Inf\"`, or make it a summary".to_owned());
    }
    if let Some(fault) = counted(samples) {
        return Some(fault);
    }
    buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    for pair in buckets.windows(2) {
        let [(below, lower), (bound, upper)] = pair else { continue };
        #[expect(clippy::float_cmp, reason = "bounds are the same or not; 0 and -0 are")]
        if below == bound {
            return Some(format!("has two buckets up to {}; write each once", plain(*bound)));
        }
        if lower.value().as_f64() > upper.value().as_f64() {
            let (one, other) = (exact(lower.value()), exact(upper.value()));
            let (below, bound) = (plain(*below), plain(*bound));
            return Some(format!(
                "is torn: up to {bound} it has {other}, less than the {one} up to {below}; {AT_ONE_INSTANT}"
            ));
        }
    }
    let (bound, last) = buckets.last()?;
    if *bound != f64::INFINITY {
        return Some("has no bucket with `le=\"+Inf\"`, which counts all; write it behind the others".to_owned());
    }
    let count = of_role(samples, &COUNT).next()?.value();
    (count != last.value()).then(|| {
        let (all, count) = (exact(last.value()), exact(count));
        format!("is torn: its bucket of +Inf has {all}, its count is {count}; {AT_ONE_INSTANT}")
    })
}

fn summary(samples: &[IrregularSample]) -> Option<String> {
    let mut quantiles: Vec<f64> = Vec::new();
    for sample in of_role(samples, &[""]) {
        let Some(text) = sample.own_label() else {
            return Some(
                "has a sample without `quantile`; write there which it is, as in `quantile=\"0.5\"`".to_owned(),
            );
        };
        match text.parse::<f64>() {
            Ok(quantile) if (0.0..=1.0).contains(&quantile) => quantiles.push(quantile),
            _ => return Some(format!("has the quantile {}; quantiles are between 0 and 1", quoted(text))),
        }
    }
    if let Some(fault) = counted(samples) {
        return Some(fault);
    }
    quantiles.sort_by(f64::total_cmp);
    #[expect(clippy::float_cmp, reason = "quantiles are the same or not; 0 and -0 are")]
    if let Some(pair) = quantiles.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(format!("has the quantile {} twice; write each once", plain(pair[1])));
    }
    for (suffixes, what) in [(COUNT, "_count"), (SUM, "_sum")] {
        if of_role(samples, &suffixes).next().is_none() {
            return Some(format!(
                "has no `{what}`; write it behind the quantiles, which say nothing of a rate or a mean"
            ));
        }
    }
    None
}

/// What holds of both: counts are whole, and there is one count and one sum.
fn counted(samples: &[IrregularSample]) -> Option<String> {
    for (suffixes, what) in [(SUM, "sum"), (COUNT, "count")] {
        if of_role(samples, &suffixes).nth(1).is_some() {
            return Some(format!("has two samples for its {what}; write each series once"));
        }
    }
    for sample in of_role(samples, &["_bucket", "_count", "_gcount"]) {
        let number = sample.value().as_f64();
        if number.fract() != 0.0 || number < 0.0 {
            let (suffix, number) = (sample.suffix(), exact(sample.value()));
            return Some(format!("has a `{suffix}` that is {number}; what is counted is a whole number, not negative"));
        }
    }
    None
}

fn timestamps(samples: &[IrregularSample]) -> Option<String> {
    let mixed = samples.windows(2).any(|pair| pair[0].timestamp() != pair[1].timestamp());
    mixed.then(|| "has samples of several instants; give all of a series the same timestamp, or none".to_owned())
}
