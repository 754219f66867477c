//! Exemplars that are given with what is counted.

use crate::error::Error;
use crate::snapshot::{ExemplarLabels, Number, Timestamp};
use crate::storage::{Replaces, Series};

/// Keeps an exemplar of a value that has just been counted, or counts that its labels broke a rule.
pub(super) fn keep(series: Series, replaces: Replaces, value: Number, labels: Result<ExemplarLabels, Error>) {
    match labels {
        Ok(labels) => series.keep_exemplar(labels.with(value, Some(Timestamp::now())), replaces),
        Err(_) => series.drop_exemplar(),
    }
}
