//! The key of a series with open labels: a few words, by which a line is recognised without touching its texts.

use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

use super::line::{Line, word};
use super::text::{Entry, LONG_FROM};
use crate::label::{LabelTuple, MAX_LABELS};

/// The most words that a key can have: two for each text, the lengths beyond the first two in sixteen bits each, and the
/// number of the combination of the finite labels.
const MOST_WORDS: usize = 2 * MAX_LABELS + MAX_LABELS.div_ceil(4) + 1;

/// How the key of a set of labels is laid out.
pub(super) struct Layout<T>(std::marker::PhantomData<T>);

impl<T: LabelTuple> Layout<T> {
    const OPEN: usize = {
        let (mut open, mut at) = (0, 0);
        while at < T::IS_OPEN.len() {
            open += T::IS_OPEN[at] as usize;
            at += 1;
        }
        open
    };
    const LENGTHS: usize = 2 * Self::OPEN;
    const FINITE: usize = Self::LENGTHS + Self::OPEN.saturating_sub(2).div_ceil(4);
    pub(super) const WORDS: usize = Self::FINITE + (T::FINITE > 1) as usize;
}

/// The key of one label set.
pub(super) struct Key<'a> {
    words: [u64; MOST_WORDS],
    lengths: u32,
    pub(super) hash: u64,
    long: bool,
    texts: &'a [&'a str],
}

impl<'a> Key<'a> {
    /// `texts` are the values of all labels, of which those of finite ones don't matter, and `index` the number of the
    /// combination of these.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in it, all that depends on the types is known")]
    pub(super) fn of<T: LabelTuple>(seed: u64, texts: &'a [&'a str], index: usize) -> Self {
        let mut key = Self { words: [0; MOST_WORDS], lengths: 0, hash: seed, long: false, texts };
        let mut open = 0;
        for (at, text) in texts.iter().enumerate() {
            if !T::IS_OPEN[at] {
                continue;
            }
            let [first, last] = ends(text);
            let short = text.len().min(0xFFFF) as u64;
            key.words[2 * open] = first;
            key.words[2 * open + 1] = last;
            match open {
                0 => key.lengths |= short as u32,
                1 => key.lengths |= (short as u32) << 16,
                _ => key.words[Layout::<T>::LENGTHS + (open - 2) / 4] |= short << (16 * ((open - 2) % 4)),
            }
            // The secrets of each place differ, so texts that change places change the sum.
            let mixed = mix(first ^ SECRETS[2 * open] ^ seed, last ^ SECRETS[2 * open + 1] ^ (short << 32));
            key.hash = key.hash.wrapping_add(mixed);
            if text.len() >= LONG_FROM {
                key.long = true;
                key.hash = mix_middle(key.hash, text);
            }
            open += 1;
        }
        if T::FINITE > 1 {
            key.words[Layout::<T>::FINITE] = index as u64;
            key.hash = key.hash.wrapping_add(mix(index as u64 ^ SECRETS[0] ^ seed, SECRETS[1]));
        }
        key
    }

    /// Whether this is the key of a line, whose words begin at `first`. While the line changes hands this can be wrong: who asks looks whether it did.
    ///
    /// # Safety
    /// The line is of a family with labels of these types, and its arena is still there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "as above")]
    pub(super) unsafe fn is<T: LabelTuple>(&self, line: NonNull<Line>, first: usize) -> bool {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        let mut differences = u64::from(header.lengths.load(Relaxed) ^ self.lengths);
        for index in 0..Layout::<T>::WORDS {
            // SAFETY: the caller says that its keys have so many words.
            differences |= unsafe { word(line, first + index) }.load(Relaxed) ^ self.words[index];
        }
        // SAFETY: the caller says so of the arena.
        differences == 0 && (!self.long || unsafe { self.long_is::<T>(header) })
    }

    #[cold]
    #[inline(never)]
    unsafe fn long_is<T: LabelTuple>(&self, header: &Line) -> bool {
        let Some(entry) = NonNull::new(header.text.load(std::sync::atomic::Ordering::Acquire)) else { return false };
        // SAFETY: the caller says that the arena is there.
        unsafe { Entry::holds(entry, self.long_texts::<T>()) }
    }

    /// The texts for which the words have no room.
    pub(super) fn long_texts<T: LabelTuple>(&self) -> impl Iterator<Item = &'a str> {
        let open = self.texts.iter().zip(T::IS_OPEN).filter(|(_, open)| **open);
        open.map(|(text, _)| *text).filter(|text| text.len() >= LONG_FROM)
    }

    /// Writes the words into a line.
    ///
    /// # Safety
    /// The line is of a family with labels of these types.
    pub(super) unsafe fn write<T: LabelTuple>(&self, line: NonNull<Line>, first: usize) {
        // SAFETY: a line is never freed.
        let header = unsafe { line.as_ref() };
        header.lengths.store(self.lengths, Relaxed);
        header.hash.store(self.hash, Relaxed);
        for index in 0..Layout::<T>::WORDS {
            // SAFETY: the caller says that its keys have so many words.
            unsafe { word(line, first + index) }.store(self.words[index], Relaxed);
        }
    }
}

/// The first and the last eight bytes: of a text of up to sixteen they are, with its length, all there is of it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn ends(text: &str) -> [u64; 2] {
    let bytes = text.as_bytes();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        [u64::from_ne_bytes(*first), u64::from_ne_bytes(*last)]
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        [u64::from(u32::from_ne_bytes(*first)), u64::from(u32::from_ne_bytes(*last))]
    } else if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
        [u64::from(*first) << 16 | u64::from(bytes[bytes.len() / 2]) << 8 | u64::from(*last), 0]
    } else {
        [0, 0]
    }
}

/// All of a long text between its ends, so that nobody finds texts that collide without the seed.
#[cold]
#[inline(never)]
fn mix_middle(hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let middle = &bytes[8..bytes.len() - 8];
    middle.chunks(8).fold(hash, |hash, part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        mix(hash ^ SECRETS[2], u64::from_ne_bytes(word) ^ SECRETS[3])
    })
}

/// Both halves of the product.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are meant")]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Odd numbers without a pattern, from `SplitMix64` (Steele, Lea, Flood 2014).
const SECRETS: [u64; 2 * MAX_LABELS] = {
    let mut secrets = [0; 2 * MAX_LABELS];
    let (mut at, mut state) = (0, 0_u64);
    while at < secrets.len() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        secrets[at] = (z ^ (z >> 31)) | 1;
        at += 1;
    }
    secrets
};
