//! What is kept of a stream, so that some quantiles of it are known within their errors.
//!
//! # What is promised
//!
//! Of `n` values, the answer to a target `(φ, ε)` is a value whose rank lies within `φn ± εn`. Ranks are 1 to `n`; of
//! equal values any of theirs counts. Where there is no whole number in `φn ± εn`, which is so for few values alone, it
//! is the value of the next rank below, or the least one. For `φ` = 0 and `φ` = 1 it is the very least and the very
//! greatest.
//!
//! # How it is held
//!
//! It is the summary of Greenwald and Khanna ("Space-efficient online computation of quantile summaries", SIGMOD 2001)
//! with errors aimed at targets, after Cormode, Korn, Muthukrishnan and Srivastava ("Effective computation of biased
//! quantiles over data streams", ICDE 2005). The error function is our own, since that paper's doesn't hold what it
//! promises, which the tests find at once if it is put in; where `2ε ≥ 1 − φ`, it even lets one tuple stand for all.
//!
//! Some of the values are kept, sorted, as tuples `(v, g, Δ)`. Let `L` be the sum of `g` of all tuples before one, and
//! its width `W = g + Δ`. The rank of `v` is at least `L + g` and at most `L + W`. What is held of each tuple is
//!
//! > `W ≤ max(1, f(L, n − L))`, where `f(a, b)` is the least, of all targets, of
//! > `max(2ε·a / (φ − ε), 2ε·b / (1 − φ + ε))`.
//!
//! *Once it holds, it does so for ever*: `f` never falls as `a` or `b` grows, and no value that comes later makes one
//! of them smaller or `W` greater. One that comes before the tuple adds 1 to its `L`, one that comes after it adds 1 to
//! `n − L`.
//!
//! *A new value* becomes `(v, 1, Δ)` in front of the first tuple that is greater. Where that one's width is `W'`, `Δ`
//! is `W' − 1`, since the new rank is at most what the tuple's rank was at most. So it has the same `L` and the same
//! width. What is greater than all has `Δ = 0`.
//!
//! *Compressing* takes a tuple away and adds its `g` to the next one's, where what comes of that is within its bound.
//! The first tuple is never taken away, and the last has no next one, so the least and the greatest value are there,
//! and their ranks are exact.
//!
//! *The answer* is right. Let `u = (φ + ε)n`, and `t` the last tuple with `L + W ≤ u`; so the one after `t` has
//! `L + W > u`, and its `L` is the least rank of `t`. If `W ≤ 2ε·L / (φ − ε)` there, then `L < (φ − ε)n` would lead to
//! `L + W < (φ − ε)n + 2εn = u`. If `W ≤ 2ε·(n − L) / (1 − φ + ε)`, then `L = (φ − ε)n − d` with `d > 0` would lead to
//! `W ≤ 2εn + 2ε·d / (1 − φ + ε) ≤ 2εn + d`, as long as `φ + ε ≤ 1`, so again to `L + W ≤ u`. Therefore the rank of `t`
//! is at least `(φ − ε)n`. If `W` is 1 instead, `t`'s rank is exact, and the greatest whole number up to `u`. Targets
//! with `φ ≤ ε` or `φ + ε ≥ 1` ask nothing of a tuple: the first or the last one answers them. Of all tuples with
//! `L + W ≤ u` the answer is the one whose ranks are nearest to `φn`, and so at least as near as those of `t`.
//!
//! # How little is kept
//!
//! A tuple as wide as its bound makes every value that comes in front of it as wide, and none of those can be taken
//! away until the bound grows. It may not grow for long: where new values are below a high tuple, or above a low one.
//! So a stream that closes in on one place, or a saw that drifts, would be kept nearly whole. Therefore tuples up to
//! three quarters of the bound alone are made at once. A wider one is only made as slowly as the stream grows: what is
//! taken away may be no greater a part of the bound than what came since, of both tuples the later, is of all values.
//! (For one error and all ranks, the bands of Greenwald and Khanna do the same, and there it is proved that some
//! `log(εn) / ε` tuples are kept.)
//!
//! No bound is proved for targets. Of the default ones up to 70 tuples are kept of most streams of ten million values,
//! and 2,600 of the worst that was found.

use std::sync::Arc;

use crate::error::Error;
use crate::quantiles;

/// The quantiles that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Targets {
    asked: Arc<[Target]>,
}

#[derive(Clone, Copy, Debug)]
struct Target {
    quantile: f64,
    error: f64,
    /// By what `L` and `n − L` are multiplied to give how wide a tuple may be; infinite where the target asks nothing.
    before: f64,
    after: f64,
}

impl Targets {
    /// Quantiles, each with its error.
    ///
    /// # Errors
    /// Where there is none, a quantile is not within 0 to 1, an error is not between them, or the quantiles don't rise.
    pub(crate) fn new(targets: &[(f64, f64)]) -> Result<Self, Error> {
        quantiles::check(targets)?;
        let mut asked = Vec::with_capacity(targets.len());
        for (quantile, error) in targets {
            asked.push(Target::new(*quantile, *error));
        }
        Ok(Self { asked: asked.into() })
    }

    /// The quantiles that are asked for.
    pub(crate) fn quantiles(&self) -> impl Iterator<Item = f64> {
        self.asked.iter().map(|target| target.quantile)
    }

    /// How wide a tuple may be.
    fn width(&self, before: u64, after: u64) -> u64 {
        let (before, after) = (float(before), float(after));
        let widths = self.asked.iter().map(|target| (target.before * before).max(target.after * after));
        whole(widths.fold(f64::INFINITY, f64::min)).max(1)
    }
}

impl Target {
    fn new(quantile: f64, error: f64) -> Self {
        let (before, after) = if quantile > error && quantile + error < 1.0 {
            (2.0 * error / (quantile - error), 2.0 * error / (1.0 - quantile + error))
        } else {
            (f64::INFINITY, f64::INFINITY)
        };
        Self { quantile, error, before, after }
    }
}

/// A value, and which ranks it may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuple {
    value: f64,
    /// How many values it stands for: those after the tuple before, up to its own.
    g: u64,
    /// By how much its rank may be greater than the sum of all `g` up to it.
    delta: u64,
    /// How many values there were when the latest of those that it stands for had come.
    latest: u64,
}

impl Tuple {
    fn width(self) -> u64 {
        self.g + self.delta
    }
}

/// The values of a stream that are needed.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    tuples: Vec<Tuple>,
    count: u64,
}

impl Sketch {
    /// Adds values, which are sorted. The scratch is for what is made meanwhile, so that it isn't kept by each sketch.
    pub(super) fn add(&mut self, targets: &Targets, values: &[f64], scratch: &mut Vec<Tuple>) {
        scratch.clear();
        scratch.reserve(self.tuples.len() + values.len());
        self.count += values.len() as u64;
        let mut merged = Compressed::new(scratch, targets, self.count);
        let mut rest = values;
        for &tuple in &self.tuples {
            while let [value, others @ ..] = rest
                && *value < tuple.value
            {
                merged.push(Tuple { value: *value, g: 1, delta: tuple.width() - 1, latest: self.count });
                rest = others;
            }
            merged.push(tuple);
        }
        for &value in rest {
            merged.push(Tuple { value, g: 1, delta: 0, latest: self.count });
        }
        merged.end();
        self.tuples.clear();
        if self.tuples.capacity() < scratch.len() {
            // The number of tuples goes up and down a little.
            self.tuples.reserve_exact(scratch.len() + scratch.len() / 8);
        }
        self.tuples.extend_from_slice(scratch);
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.tuples.clear();
        self.count = 0;
    }

    /// Each quantile that is asked for, and its value: NaN where there are no values.
    pub(super) fn read(&self, targets: &Targets, out: &mut Vec<(f64, f64)>) {
        for target in &*targets.asked {
            out.push((target.quantile, self.answer(*target)));
        }
    }

    fn answer(&self, Target { quantile, error, .. }: Target) -> f64 {
        let Some(first) = self.tuples.first() else { return f64::NAN };
        let rank = quantile * float(self.count);
        let highest = (quantile + error) * float(self.count);
        let (mut nearest, mut distance) = (first.value, f64::INFINITY);
        let mut before = 0;
        for tuple in &self.tuples {
            let most = float(before + tuple.width());
            if most > highest {
                break;
            }
            before += tuple.g;
            let off = (most - rank).max(rank - float(before));
            if off < distance {
                (nearest, distance) = (tuple.value, off);
            }
        }
        nearest
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.tuples.len()
    }
}

/// Tuples that come sorted, of which those that may be one are made one.
struct Compressed<'a> {
    tuples: &'a mut Vec<Tuple>,
    targets: &'a Targets,
    count: u64,
    /// The last one, which may still be taken into the next.
    last: Option<Tuple>,
    /// How many values are before it.
    before: u64,
    /// How wide it may become.
    width: u64,
}

impl<'a> Compressed<'a> {
    fn new(tuples: &'a mut Vec<Tuple>, targets: &'a Targets, count: u64) -> Self {
        // The first one stays as it is.
        Self { tuples, targets, count, last: None, before: 0, width: 1 }
    }

    fn push(&mut self, next: Tuple) {
        let Some(last) = self.last.replace(next) else { return };
        if self.may_join(last, next) {
            self.last = Some(Tuple { g: last.g + next.g, latest: last.latest.max(next.latest), ..next });
        } else {
            self.before += last.g;
            self.width = self.targets.width(self.before, self.count - self.before);
            self.tuples.push(last);
        }
    }

    fn may_join(&self, last: Tuple, next: Tuple) -> bool {
        let width = last.g + next.width();
        let since = self.count - last.latest.max(next.latest);
        width <= self.width - self.width / 4
            || (width <= self.width && float(last.g) * float(self.count) <= float(self.width) * float(since))
    }

    fn end(self) {
        self.tuples.extend(self.last);
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it isn't negative, and is cut off")]
fn whole(count: f64) -> u64 {
    count as u64
}
