//! The key of a series with open labels: a few words, by which a line is recognised without touching its texts.
//!
//! Of each open text they are its first and last eight bytes, which with its length are all there is of a text of up to
//! sixteen; and, of one of up to twenty-four, the eight in its middle, if the line's stride leaves a word for them. Whatever
//! more there is stands before the rendered labels.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

use super::kind::Kind;
use super::line::{Line, stride, word, words_of};
use super::text::Entry;
use crate::label::{LabelTuple, MAX_LABELS};

/// How the key of a set of labels is laid out in the words of a line, behind those of its kind.
pub(super) struct Layout<T, K>(PhantomData<(T, K)>);

impl<T: LabelTuple, K: Kind> Layout<T, K> {
    const OPEN: usize = {
        let (mut open, mut at) = (0, 0);
        while at < T::IS_OPEN.len() {
            open += T::IS_OPEN[at] as usize;
            at += 1;
        }
        open
    };
    /// Behind the ends: the lengths that the header has no room for, four in a word.
    const LENGTHS: usize = 2 * Self::OPEN;
    /// The number of the combination of the finite labels.
    const FINITE: usize = Self::LENGTHS + Self::OPEN.saturating_sub(2).div_ceil(4);
    /// What stands between the ends of texts, where there is room for it.
    const MIDDLE: usize = Self::FINITE + (T::FINITE > 1) as usize;
    /// How many words that is: several texts share one, if only one of them needs it.
    const MIDDLES: usize = {
        let room = Self::WORDS - K::FIRST_WORD - Self::MIDDLE;
        if room < Self::OPEN { room } else { Self::OPEN }
    };
    /// All words of a line.
    pub(super) const WORDS: usize = words_of(stride(K::FIRST_WORD + Self::MIDDLE));
    /// Those of the key.
    const KEY: usize = Self::MIDDLE + Self::MIDDLES;
}

/// The most words of a key in a line.
const MOST_WORDS: usize = 3 * MAX_LABELS + MAX_LABELS.div_ceil(4) + 1;

/// What of a length stands in the line.
const KNOWN: u64 = 0xFFFF;

/// The key of one label set.
pub(super) struct Key<'a> {
    words: [u64; MOST_WORDS],
    lengths: u32,
    pub(super) hash: u64,
    /// Whether the line has no room for all of it.
    long: bool,
    texts: &'a [&'a str],
}

impl<'a> Key<'a> {
    /// `texts` are the values of all labels, of which those of finite ones don't matter, and `index` the number of the
    /// combination of these.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in it, all that depends on the types is known")]
    pub(super) fn of<T: LabelTuple, K: Kind>(seed: u64, texts: &'a [&'a str], index: usize) -> Self {
        let mut words = [0; MOST_WORDS];
        let mut needed = [false; MAX_LABELS];
        let (mut lengths, mut long, mut open) = (0, false, 0);
        for (at, text) in texts.iter().enumerate() {
            if !T::IS_OPEN[at] {
                continue;
            }
            let Pieces { first, last, middle } = Pieces::of(text);
            (words[2 * open], words[2 * open + 1]) = (first, last);
            let length = text.len() as u64 & KNOWN;
            match open {
                0 => lengths |= length,
                1 => lengths |= length << 16,
                _ => words[Layout::<T, K>::LENGTHS + (open - 2) / 4] |= length << (16 * ((open - 2) % 4)),
            }
            let (has_middle, has_more) = (text.len() > 16, text.len() > 24);
            if Layout::<T, K>::MIDDLES == 0 {
                long |= has_middle;
            } else {
                let shared = open % Layout::<T, K>::MIDDLES;
                words[Layout::<T, K>::MIDDLE + shared] |= middle;
                long |= has_more || (needed[shared] && has_middle);
                needed[shared] |= has_middle;
            }
            open += 1;
        }
        if T::FINITE > 1 {
            words[Layout::<T, K>::FINITE] = index as u64;
        }
        let mut hash = hash_of_words::<T, K>(seed, lengths, |at| words[at]);
        if long {
            hash = hash_of_texts::<T>(seed, hash, texts);
        }
        let lengths = u32::try_from(lengths).unwrap_or_default();
        Self { words, lengths, hash, long, texts }
    }

    /// Whether this is the key of a line. While the line changes hands this can be wrong: who asks looks whether it did.
    ///
    /// # Safety
    /// The line is of a family with labels of these types, and its arena is still there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    pub(super) unsafe fn is<T: LabelTuple, K: Kind>(&self, line: NonNull<Line>) -> bool {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        let mut differences = u64::from(header.lengths.load(Relaxed) ^ self.lengths);
        for index in 0..Layout::<T, K>::KEY {
            // SAFETY: the caller says that its keys have so many words.
            differences |= unsafe { word(line, K::FIRST_WORD + index) }.load(Relaxed) ^ self.words[index];
        }
        // SAFETY: the caller says so of the arena.
        differences == 0 && (!self.long || unsafe { is_rest::<T>(header, self.texts) })
    }

    /// What a line has no room for.
    #[cold]
    pub(super) fn rest<T: LabelTuple>(&self) -> Vec<u64> {
        if self.long { rest_of::<T>(self.texts).collect() } else { Vec::new() }
    }

    /// Writes the words into a line.
    ///
    /// # Safety
    /// The line is of a family with labels of these types.
    pub(super) unsafe fn write<T: LabelTuple, K: Kind>(&self, line: NonNull<Line>) {
        // SAFETY: a line is never freed.
        unsafe { line.as_ref() }.lengths.store(self.lengths, Relaxed);
        for index in 0..Layout::<T, K>::KEY {
            // SAFETY: the caller says that its keys have so many words.
            unsafe { word(line, K::FIRST_WORD + index) }.store(self.words[index], Relaxed);
        }
    }
}

/// It takes the texts and not the key, which so stays in registers.
#[cold]
#[inline(never)]
unsafe fn is_rest<T: LabelTuple>(header: &Line, texts: &[&str]) -> bool {
    // SAFETY: the caller says that the arena is there.
    NonNull::new(header.text.load(Acquire)).is_some_and(|entry| unsafe { Entry::holds(entry, rest_of::<T>(texts)) })
}

/// The hash of the key of a line. The caller holds the family's lock.
///
/// # Safety
/// The line is of a family with labels of these types, it has a key, and its arena is still there.
pub(super) unsafe fn hash_of<T: LabelTuple, K: Kind>(seed: u64, line: NonNull<Line>) -> u64 {
    // SAFETY: a line is never freed.
    let header = unsafe { line.as_ref() };
    // SAFETY: the caller says that its keys have so many words.
    let word_at = |at: usize| unsafe { word(line, K::FIRST_WORD + at) }.load(Relaxed);
    let hash = hash_of_words::<T, K>(seed, header.lengths.load(Relaxed).into(), word_at);
    // SAFETY: the caller says that the arena is there; its lock keeps the entry as it is.
    let rest = NonNull::new(header.text.load(Acquire)).and_then(|entry| unsafe { Entry::rest(entry) });
    rest.map_or(hash, |rest| hash_of_rest(seed, hash, rest))
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "in it, all that depends on the types is known")]
fn length_at<T: LabelTuple, K: Kind>(lengths: u64, open: usize, word_at: impl Fn(usize) -> u64) -> u64 {
    let shifted = match open {
        0 => lengths,
        1 => lengths >> 16,
        _ => word_at(Layout::<T, K>::LENGTHS + (open - 2) / 4) >> (16 * ((open - 2) % 4)),
    };
    shifted & KNOWN
}

/// Of what stands in the line.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn hash_of_words<T: LabelTuple, K: Kind>(seed: u64, lengths: u64, word_at: impl Fn(usize) -> u64) -> u64 {
    let mut hash = 0_u64;
    for open in 0..Layout::<T, K>::OPEN {
        let length = length_at::<T, K>(lengths, open, &word_at);
        // Each place has secrets of its own, so texts that change places change the sum.
        let (first, last) = (word_at(2 * open), word_at(2 * open + 1));
        let mixed = mix(first ^ secret(seed, 2 * open), last ^ (length << 32) ^ secret(seed, 2 * open + 1));
        hash = hash.wrapping_add(mixed);
    }
    for shared in 0..Layout::<T, K>::MIDDLES {
        // The upper bits of the product, which an index goes by, depend on all of it.
        let middle = word_at(Layout::<T, K>::MIDDLE + shared);
        hash = hash.wrapping_add(middle.wrapping_mul(secret(seed, 2 * MAX_LABELS + shared) | 1));
    }
    if T::FINITE > 1 {
        let index = word_at(Layout::<T, K>::FINITE);
        hash = hash.wrapping_add(mix(index ^ secret(seed, 3 * MAX_LABELS), secret(seed, 1)));
    }
    hash
}

#[cold]
#[inline(never)]
fn hash_of_texts<T: LabelTuple>(seed: u64, hash: u64, texts: &[&str]) -> u64 {
    hash_of_rest(seed, hash, rest_of::<T>(texts))
}

fn hash_of_rest(seed: u64, hash: u64, rest: impl Iterator<Item = u64>) -> u64 {
    rest.fold(hash, |hash, word| mix(hash ^ secret(seed, 2), word ^ secret(seed, 3)))
}

/// What of a text stands in a line.
struct Pieces {
    first: u64,
    last: u64,
    /// Nothing where the ends are all there is.
    middle: u64,
}

impl Pieces {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let length = bytes.len();
        if length >= 4 {
            // Texts of less than eight bytes and of more than sixteen come among others, so there is no branch, which a
            // processor would guess wrong: of the shorter ones each end is read twice, and there is no middle.
            let step = if length >= 8 { 4 } else { 0 };
            let middle = (length / 2).saturating_sub(4);
            // SAFETY: there are four bytes, and eight where it is said that there are.
            let (first, last, middle) = unsafe {
                (
                    eight(bytes, 0, step),
                    eight(bytes, length - 4 - step, length - 4),
                    eight(bytes, middle, (middle + 4).min(length - 4)),
                )
            };
            let needed = u64::from(length > 16).wrapping_neg();
            Self { first, last, middle: middle & needed }
        } else if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
            let [first, last] = [first, last].map(|byte| u64::from(*byte));
            Self { first: first << 16 | u64::from(bytes[bytes.len() / 2]) << 8 | last, last: 0, middle: 0 }
        } else {
            Self { first: 0, last: 0, middle: 0 }
        }
    }
}

/// Twice four bytes.
///
/// # Safety
/// They are there.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
unsafe fn eight(bytes: &[u8], at: usize, behind: usize) -> u64 {
    debug_assert!(at.max(behind) + 4 <= bytes.len());
    let four = |at: usize| {
        // SAFETY: the caller says so, and nothing is said of how they are aligned.
        u64::from(u32::from_le_bytes(unsafe { bytes.as_ptr().add(at).cast::<[u8; 4]>().read() }))
    };
    four(at) | four(behind) << 32
}

/// All that stands between the ends of the texts, and the whole of their lengths.
#[inline]
fn rest_of<T: LabelTuple>(texts: &[&str]) -> impl Iterator<Item = u64> {
    let open = texts.iter().zip(T::IS_OPEN).filter(|(_, open)| **open);
    open.flat_map(|(text, _)| {
        let bytes = text.as_bytes();
        let middle = bytes.get(8..bytes.len().saturating_sub(8)).unwrap_or_default();
        let (words, left) = middle.as_chunks::<8>();
        // The last word overlaps the one before.
        let last = bytes.get(..bytes.len().saturating_sub(8)).and_then(|before| before.last_chunk::<8>());
        let last = last.filter(|_| !left.is_empty());
        words.iter().chain(last).map(|word| u64::from_ne_bytes(*word)).chain([bytes.len() as u64])
    })
}

/// Both halves of the product.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are meant")]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A secret for each place: the seed, turned, which needs no table and no constant in the code. Without knowing the seed
/// nobody finds texts that collide.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the place is known, so it is one instruction")]
fn secret(seed: u64, place: usize) -> u64 {
    // 29 and 64 have no divisor in common, so no two places of sixty-four turn it alike.
    #[expect(clippy::cast_possible_truncation, reason = "there are not so many places")]
    let place = place as u32;
    seed.rotate_left(29 * place % 64)
}
