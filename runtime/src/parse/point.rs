//! A series of which several samples speak, while they are read.

use std::sync::Arc;

use super::family::{Family, Role};
use super::label::Labels;
use super::number;
use crate::descriptor::MetricKind;
use crate::snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, Number, SeriesSnapshot, StateSetValue, SummaryValue,
    Timestamp, Value,
};
use crate::sort::sort_by;

/// What the samples of a series have said so far of one instant.
#[derive(Debug, Default)]
pub(super) struct Point {
    pub(super) labels: Labels,
    /// The labels' hash, where that is needed.
    pub(super) hash: Option<u128>,
    /// Where it begins.
    pub(super) line: usize,
    /// How long its lines are together.
    pub(super) bytes: usize,
    pub(super) timestamp: Option<Timestamp>,
    /// Whether its samples are of several instants.
    pub(super) mixed: bool,
    pub(super) created: Option<Timestamp>,
    pub(super) exemplars: Vec<Exemplar>,
    /// Of a counter.
    pub(super) value: Option<Number>,
    pub(super) sum: Option<Number>,
    pub(super) count: Option<Number>,
    /// The bound of the last bucket, and its number.
    pub(super) last: Option<(f64, Number)>,
    /// Whether there was a bucket with a bound below zero.
    pub(super) negative: bool,
    /// Whether there was a bucket for +Inf.
    pub(super) infinite: bool,
    pieces: Vec<Piece>,
    /// The texts of bounds, quantiles and states.
    texts: String,
}

/// A sample.
#[derive(Clone, Copy, Debug)]
struct Piece {
    role: Role,
    /// Where the text of its own label stands.
    own: Option<(usize, usize)>,
    /// The number in it.
    key: f64,
    value: Number,
    timestamp: Option<Timestamp>,
}

impl Point {
    /// Whether there is none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.value.is_none() && self.created.is_none()
    }

    /// Makes it another one, in the room of this.
    #[inline]
    pub(super) fn restart(&mut self, labels: Labels, hash: Option<u128>, line: usize, timestamp: Option<Timestamp>) {
        self.pieces.clear();
        self.texts.clear();
        self.exemplars.clear();
        (self.labels, self.hash, self.line, self.timestamp) = (labels, hash, line, timestamp);
        (self.bytes, self.mixed, self.negative, self.infinite) = (0, false, false, false);
        (self.created, self.value, self.sum, self.count, self.last) = (None, None, None, None, None);
    }

    /// Takes in a sample; its own label reads `own`, which is the number `key`.
    #[inline]
    pub(super) fn push(&mut self, role: Role, own: Option<(&str, f64)>, value: Number, timestamp: Option<Timestamp>) {
        let key = own.map_or(f64::NAN, |(_, key)| key);
        match role {
            Role::Sum => self.sum = Some(value),
            Role::Count => self.count = Some(value),
            Role::Bucket => {
                self.last = Some((key, value));
                self.negative |= key < 0.0;
                self.infinite |= key == f64::INFINITY;
            }
            Role::Value | Role::Created => {}
        }
        let own = own.map(|(text, _)| {
            let start = self.texts.len();
            self.texts.push_str(text);
            (start, self.texts.len())
        });
        self.mixed |= timestamp != self.timestamp;
        self.pieces.push(Piece { role, own, key, value, timestamp });
    }

    /// Whether nothing that every such series has is missing.
    #[inline]
    pub(super) fn is_complete(&self, kind: MetricKind) -> bool {
        let summed = self.sum.is_some() && self.count.is_some();
        match kind {
            MetricKind::Histogram | MetricKind::GaugeHistogram => self.infinite && summed,
            MetricKind::Summary => summed,
            _ => true,
        }
    }

    /// Whether the first sample said the same, with the own label `own`.
    #[inline]
    pub(super) fn begins_with(&self, role: Role, own: Option<&str>) -> bool {
        self.pieces.first().is_some_and(|first| first.role == role && self.own_text(first) == own)
    }

    #[inline]
    fn own_text(&self, piece: &Piece) -> Option<&str> {
        piece.own.and_then(|(start, end)| self.texts.get(start..end))
    }

    /// A quantile or state of which two samples speak, as it was written.
    #[inline]
    pub(super) fn twice(&self, numbers: bool) -> Option<&str> {
        let mut own: Vec<(u64, &str)> = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.iter().filter(|piece| piece.role == Role::Value) {
            let text = self.own_text(piece)?;
            // Quantiles are the same however they are written.
            own.push(if numbers { ((piece.key + 0.0).to_bits(), text) } else { (0, text) });
        }
        own.sort_unstable();
        let same = |pair: &&[(u64, &str)]| if numbers { pair[0].0 == pair[1].0 } else { pair[0].1 == pair[1].1 };
        own.windows(2).find(same).map(|pair| pair[1].1)
    }

    /// The series, and none any more.
    #[inline]
    pub(super) fn take_series(&mut self, family: &mut Family) -> SeriesSnapshot {
        let value = self.regular(family).unwrap_or_else(|| Value::Irregular(self.irregular(family.kind())));
        self.pieces.clear();
        self.value = None;
        let mut exemplars = std::mem::take(&mut self.exemplars);
        if exemplars.len() > 1 {
            sort_by(&mut exemplars, |a, b| a.value.as_f64().total_cmp(&b.value.as_f64()));
        }
        SeriesSnapshot {
            labels: std::mem::take(&mut self.labels),
            value,
            created: self.created.take(),
            timestamp: self.timestamp.filter(|_| !self.mixed),
            exemplars,
        }
    }

    #[inline]
    fn regular(&self, family: &mut Family) -> Option<Value> {
        if self.mixed {
            return None;
        }
        match family.kind() {
            MetricKind::Histogram | MetricKind::GaugeHistogram => self.histogram(family).map(Value::Histogram),
            MetricKind::Summary => self.summary().map(Value::Summary),
            MetricKind::StateSet => Some(Value::StateSet(self.state_set(family))),
            _ => self.value.map(Value::Number),
        }
    }

    /// A histogram whose buckets are whole, one above the other, up to +Inf, which has as many as its count.
    #[inline]
    fn histogram(&self, family: &mut Family) -> Option<HistogramValue> {
        let mut buckets = Vec::with_capacity(self.pieces.len());
        let (mut sums, mut totals) = (0, 0);
        let mut sorted = true;
        for piece in &self.pieces {
            match piece.role {
                Role::Bucket => {
                    let bucket = (piece.key, number::count(piece.value)?);
                    piece.own.filter(|_| !piece.key.is_nan())?;
                    sorted &= buckets.last().is_none_or(|(bound, _)| *bound < piece.key);
                    buckets.push(bucket);
                }
                Role::Sum => sums += 1,
                Role::Count => totals += 1,
                Role::Value | Role::Created => {}
            }
        }
        if !sorted {
            buckets.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        let (last, all) = *buckets.last()?;
        let counted = match self.count {
            Some(count) => number::count(count) == Some(all),
            None => true,
        };
        if sums > 1 || totals > 1 || last != f64::INFINITY || !counted {
            return None;
        }
        // 0 and -0 are the same bound.
        if buckets.windows(2).any(|pair| pair[0].0 >= pair[1].0 || pair[0].1 > pair[1].1) {
            return None;
        }
        let mut below = 0;
        let counts = buckets.iter().map(|(_, count)| count - std::mem::replace(&mut below, *count)).collect();
        let finite = &buckets[..buckets.len() - 1];
        let known = family.bounds.as_ref().filter(|known| {
            let same = |(one, (other, _)): (&f64, &(f64, u64))| one.to_bits() == other.to_bits();
            known.len() == finite.len() && known.iter().zip(finite).all(same)
        });
        let bounds = match known {
            Some(known) => Arc::clone(known),
            None => finite.iter().map(|(bound, _)| *bound).collect(),
        };
        family.bounds = Some(Arc::clone(&bounds));
        Some(HistogramValue { bounds, counts, sum: self.sum.map(Number::as_f64), native: None })
    }

    #[inline]
    fn summary(&self) -> Option<SummaryValue> {
        let (mut sums, mut counts) = (0, 0);
        let mut quantiles = Vec::new();
        for piece in &self.pieces {
            match piece.role {
                Role::Sum => sums += 1,
                Role::Count => counts += 1,
                _ if (0.0..=1.0).contains(&piece.key) => quantiles.push((piece.key, piece.value.as_f64())),
                _ => return None,
            }
        }
        if (sums, counts) != (1, 1) || self.twice(true).is_some() {
            return None;
        }
        Some(SummaryValue { count: number::count(self.count?)?, sum: self.sum?.as_f64(), quantiles })
    }

    #[inline]
    fn state_set(&self, family: &mut Family) -> StateSetValue {
        let texts = || self.pieces.iter().map(|piece| self.own_text(piece).unwrap_or_default());
        let known = family.states.as_ref().filter(|known| {
            known.len() == self.pieces.len() && known.iter().zip(texts()).all(|(known, text)| **known == *text)
        });
        let states = match known {
            Some(known) => Arc::clone(known),
            None => texts().map(Arc::from).collect(),
        };
        family.states = Some(Arc::clone(&states));
        StateSetValue { states, on: self.pieces.iter().map(|piece| piece.value.as_f64() != 0.0).collect() }
    }

    #[inline]
    fn irregular(&self, kind: MetricKind) -> IrregularValue {
        let sample = |piece: &Piece| IrregularSample {
            suffix: piece.role.suffix(kind),
            own: self.own_text(piece).map(Box::from),
            value: piece.value,
            timestamp: piece.timestamp,
            exemplar: None,
        };
        IrregularValue { samples: self.pieces.iter().map(sample).collect() }
    }
}
