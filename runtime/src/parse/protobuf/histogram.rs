//! Histograms, classic and native.

use std::sync::Arc;

use super::metric::{exemplar, timestamp};
use super::wire::{Fault, Message, Result, Tag, once, unzigzag};
use crate::snapshot::{
    Exemplar, HistogramValue, IrregularSample, IrregularValue, NativeBuckets, Number, Timestamp, Value,
};

/// What a message `Histogram` says.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    count: u64,
    /// Counts for it if it is above 0.
    count_float: f64,
    sum: f64,
    buckets: Vec<Bucket>,
    created: Option<Timestamp>,
    native: Native,
    /// Those of a native histogram.
    exemplars: Vec<Exemplar>,
}

#[derive(Debug, Default)]
struct Bucket {
    count: u64,
    count_float: f64,
    bound: f64,
    exemplar: Option<Exemplar>,
}

#[derive(Debug, Default)]
struct Native {
    schema: i64,
    zero_threshold: f64,
    zero_count: u64,
    zero_count_float: f64,
    positive: Sparse,
    negative: Sparse,
}

/// The buckets on one side of zero.
#[derive(Debug, Default)]
struct Sparse {
    /// The gap to the one before, and how many buckets there are.
    spans: Vec<(i64, u64)>,
    deltas: Vec<i64>,
    counts: Vec<f64>,
}

impl Histogram {
    #[inline]
    pub(super) fn read(mut message: Message<'_>) -> Result<Self> {
        let mut read = Self::default();
        loop {
            let tag = message.tag()?;
            if tag == Tag::END {
                return Ok(read);
            }
            let (name, kept) = read.keep(&mut message, tag);
            kept.map_err(|fault| fault.within(name))?;
        }
    }

    /// Keeps a field; says what it is called.
    #[inline]
    fn keep(&mut self, of: &mut Message<'_>, tag: Tag) -> (&'static str, Result<()>) {
        let native = &mut self.native;
        match tag.number() {
            1 => ("sample_count", of.integer(tag).map(|count| self.count = count)),
            2 => ("sample_sum", of.double(tag).map(|sum| self.sum = sum)),
            3 => ("bucket", of.message(tag).and_then(Bucket::read).map(|bucket| self.buckets.push(bucket))),
            4 => ("sample_count_float", of.double(tag).map(|count| self.count_float = count)),
            5 => ("schema", of.signed(tag).map(|schema| native.schema = schema)),
            6 => ("zero_threshold", of.double(tag).map(|threshold| native.zero_threshold = threshold)),
            7 => ("zero_count", of.integer(tag).map(|count| native.zero_count = count)),
            8 => ("zero_count_float", of.double(tag).map(|count| native.zero_count_float = count)),
            9 => ("negative_span", native.negative.span(of, tag)),
            10 => ("negative_delta", native.negative.deltas(of, tag)),
            11 => ("negative_count", of.doubles(tag, |count| native.negative.counts.push(count))),
            12 => ("positive_span", native.positive.span(of, tag)),
            13 => ("positive_delta", native.positive.deltas(of, tag)),
            14 => ("positive_count", of.doubles(tag, |count| native.positive.counts.push(count))),
            15 => ("created_timestamp", timestamp(of, tag, &mut self.created)),
            16 => ("exemplars", exemplar(of, tag).map(|exemplar| self.exemplars.push(exemplar))),
            _ => ("", of.skip(tag)),
        }
    }

    /// When it began to count.
    #[inline]
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// The value that it makes, of a histogram or a gauge histogram, and its exemplars. `known` are the bounds of the last
    /// histogram, which are mostly the next one's too.
    #[inline]
    pub(super) fn said(mut self, gauge: bool, known: &mut Arc<[f64]>, offset: u64) -> Result<(Value, Vec<Exemplar>)> {
        let native = self.native.buckets(offset)?;
        let exemplars = self.take_exemplars();
        let value = match self.regular(known) {
            Some((bounds, counts)) => {
                // What nobody says is written so.
                let sum = Some(self.sum).filter(|sum| !sum.is_nan());
                Value::Histogram(HistogramValue { bounds, counts, sum, native: native.map(Box::new) })
            }
            None if native.is_some() => {
                return Err(Fault::new(
                    offset,
                    "the classic buckets of a native histogram are not cumulative counts with rising bounds up to the \
                     count",
                ));
            }
            None => Value::Irregular(self.irregular(gauge)),
        };
        Ok((value, exemplars))
    }

    #[inline]
    fn count(&self) -> Number {
        if self.count_float > 0.0 { self.count_float.into() } else { self.count.into() }
    }

    /// The bounds and what each bucket counted, if they make a histogram.
    #[inline]
    fn regular(&self, known: &mut Arc<[f64]>) -> Option<(Arc<[f64]>, Vec<u64>)> {
        let count = whole(self.count())?;
        let finite = match self.buckets.split_last() {
            Some((last, others)) if last.bound == f64::INFINITY => {
                if whole(last.count())? != count {
                    return None;
                }
                others
            }
            _ => &self.buckets,
        };
        let mut counts = Vec::with_capacity(finite.len() + 1);
        let (mut below, mut bound) = (0, f64::NEG_INFINITY);
        for (at, bucket) in finite.iter().enumerate() {
            let cumulative = whole(bucket.count())?;
            let rises = bucket.bound > bound || (at == 0 && bucket.bound.is_infinite());
            if !rises || bucket.bound == f64::INFINITY {
                return None;
            }
            counts.push(cumulative.checked_sub(below)?);
            (below, bound) = (cumulative, bucket.bound);
        }
        counts.push(count.checked_sub(below)?);
        let same = |(bucket, bound): (&Bucket, &f64)| bucket.bound.to_bits() == bound.to_bits();
        if known.len() != finite.len() || !finite.iter().zip(known.iter()).all(same) {
            *known = finite.iter().map(|bucket| bucket.bound).collect();
        }
        Some((Arc::clone(known), counts))
    }

    #[inline]
    fn irregular(&mut self, gauge: bool) -> IrregularValue {
        let sample = |suffix, own: Option<f64>, value, exemplar| {
            let text = |own: f64| if own == f64::INFINITY { "+Inf".into() } else { format!("{own:?}").into() };
            IrregularSample { suffix, own: own.map(text), value, timestamp: None, exemplar }
        };
        let count = self.count();
        let mut samples = Vec::with_capacity(self.buckets.len() + 2);
        for bucket in std::mem::take(&mut self.buckets) {
            samples.push(sample("_bucket", Some(bucket.bound), bucket.count(), bucket.exemplar));
        }
        if !self.sum.is_nan() {
            samples.push(sample(if gauge { "_gsum" } else { "_sum" }, None, self.sum.into(), None));
        }
        samples.push(sample(if gauge { "_gcount" } else { "_count" }, None, count, None));
        IrregularValue { samples }
    }

    /// All exemplars by rising values. Those of a native histogram stand at its classic buckets too.
    #[inline]
    fn take_exemplars(&mut self) -> Vec<Exemplar> {
        let mut exemplars: Vec<Exemplar> = self.buckets.iter().filter_map(|bucket| bucket.exemplar.clone()).collect();
        if !self.exemplars.is_empty() {
            exemplars.append(&mut self.exemplars);
            let order = |a: &Exemplar, b: &Exemplar| a.value.as_f64().total_cmp(&b.value.as_f64());
            exemplars.sort_by(order);
            // NaN, which is equal to nothing, would otherwise be one more each time that a page is written and read.
            exemplars.dedup_by(|a, b| order(a, b).is_eq() && a.labels == b.labels && a.timestamp == b.timestamp);
        }
        exemplars
    }
}

impl Bucket {
    #[inline]
    fn read(mut message: Message<'_>) -> Result<Self> {
        let mut read = Self::default();
        loop {
            let tag = message.tag()?;
            let (name, kept) = match tag.number() {
                0 => return Ok(read),
                1 => ("cumulative_count", message.integer(tag).map(|count| read.count = count)),
                2 => ("upper_bound", message.double(tag).map(|bound| read.bound = bound)),
                3 => {
                    let exemplar = exemplar(&mut message, tag);
                    let offset = message.field_offset();
                    ("exemplar", exemplar.and_then(|it| once(&mut read.exemplar, it, offset)))
                }
                4 => ("cumulative_count_float", message.double(tag).map(|count| read.count_float = count)),
                _ => ("", message.skip(tag)),
            };
            kept.map_err(|fault| fault.within(name))?;
        }
    }

    #[inline]
    fn count(&self) -> Number {
        if self.count_float > 0.0 { self.count_float.into() } else { self.count.into() }
    }
}

impl Native {
    /// As Prometheus tells them from classic ones (metrics.proto, "`positive_span`").
    #[inline]
    fn is_there(&self) -> bool {
        !self.positive.spans.is_empty()
            || !self.negative.spans.is_empty()
            || self.zero_threshold > 0.0
            || self.zero_count > 0
            || self.zero_count_float > 0.0
    }

    #[inline]
    fn buckets(&self, offset: u64) -> Result<Option<NativeBuckets>> {
        if !self.is_there() {
            return Ok(None);
        }
        let schema = i32::try_from(self.schema).ok().filter(|schema| (-4..=8).contains(schema));
        let Some(schema) = schema else {
            let message = format!("a native histogram has a schema from -4 to 8, and not {}", self.schema);
            return Err(Fault::new(offset, message).within("schema"));
        };
        let zero_count = if self.zero_count_float > 0.0 {
            whole(self.zero_count_float.into()).ok_or_else(|| fraction(offset).within("zero_count_float"))?
        } else {
            self.zero_count
        };
        Ok(Some(NativeBuckets {
            schema,
            zero_threshold: self.zero_threshold,
            zero_count,
            positive: self.positive.buckets(offset).map_err(|fault| fault.within("positive_span"))?,
            negative: self.negative.buckets(offset).map_err(|fault| fault.within("negative_span"))?,
        }))
    }
}

#[cold]
#[inline]
fn fraction(offset: u64) -> Fault {
    Fault::new(
        offset,
        "native buckets with counts that are fractions can't be kept; ask for a page of what was counted, and not of \
         what was computed from it",
    )
}

impl Sparse {
    #[inline]
    fn span(&mut self, of: &mut Message<'_>, tag: Tag) -> Result<()> {
        let (mut offset, mut length) = (0, 0);
        let mut message = of.message(tag)?;
        loop {
            let tag = message.tag()?;
            let (name, kept) = match tag.number() {
                0 => break,
                1 => ("offset", message.signed(tag).map(|gap| offset = gap)),
                2 => ("length", message.integer(tag).map(|buckets| length = buckets)),
                _ => ("", message.skip(tag)),
            };
            kept.map_err(|fault| fault.within(name))?;
        }
        self.spans.push((offset, length));
        Ok(())
    }

    #[inline]
    fn deltas(&mut self, of: &mut Message<'_>, tag: Tag) -> Result<()> {
        of.integers(tag, |delta| self.deltas.push(unzigzag(delta)))
    }

    /// Those that counted something, by rising indices.
    #[inline]
    fn buckets(&self, offset: u64) -> Result<Vec<(i32, u64)>> {
        let counts = self.absolute(offset)?;
        let mut rest = counts.as_slice();
        let mut buckets = Vec::with_capacity(counts.len());
        let mut next = 0_i64;
        for (at, &(gap, length)) in self.spans.iter().enumerate() {
            if gap < 0 && at > 0 {
                return Err(Fault::new(
                    offset,
                    format!("a span begins {} buckets before its turn", gap.unsigned_abs()),
                ));
            }
            next = next.saturating_add(gap);
            let taken = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
            let Some((taken, left)) = taken else {
                let message = format!("its spans have more buckets than the {} that have counts", counts.len());
                return Err(Fault::new(offset, message));
            };
            rest = left;
            for count in taken {
                let Ok(index) = i32::try_from(next) else {
                    return Err(Fault::new(offset, format!("there is no bucket {next}: indices have 32 bits")));
                };
                if *count > 0 {
                    buckets.push((index, *count));
                }
                next += 1;
            }
        }
        if rest.is_empty() {
            Ok(buckets)
        } else {
            let message = format!("its spans have {} buckets less than there are counts", rest.len());
            Err(Fault::new(offset, message))
        }
    }

    #[inline]
    fn absolute(&self, offset: u64) -> Result<Vec<u64>> {
        if self.deltas.is_empty() {
            let wholes: Option<Vec<u64>> = self.counts.iter().map(|count| whole((*count).into())).collect();
            return wholes.ok_or_else(|| fraction(offset));
        }
        let mut counts = Vec::with_capacity(self.deltas.len());
        let mut count = 0_u64;
        for delta in &self.deltas {
            let Some(next) = count.checked_add_signed(*delta) else {
                return Err(Fault::new(
                    offset,
                    format!("a bucket has {delta} more than the one before it, which has {count}"),
                ));
            };
            count = next;
            counts.push(count);
        }
        Ok(counts)
    }
}

/// A count that is an integer, whatever its type.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with what comes out")]
#[inline]
fn whole(number: Number) -> Option<u64> {
    match number {
        Number::Unsigned(number) => Some(number),
        Number::Signed(number) => u64::try_from(number).ok(),
        Number::Float(float) => Some(float as u64).filter(|whole| Number::Unsigned(*whole) == number),
    }
}
