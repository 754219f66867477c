//! Labels as messages `LabelPair`, made of how they stand in the text formats; and exemplars, which have such.

use super::Escaping;
use super::buffer::{Buffer, Room};
use super::escaping::label_name;
use super::wire::{LONGEST_VARINT, close, length, open, put_double, put_timestamp, put_varint, varint_length};
use crate::escape::read_labels;
use crate::snapshot::Exemplar;

/// The fields of a `LabelPair`.
const NAME: u8 = 1;
const VALUE: u8 = 2;

/// The fields of an `Exemplar`.
const EXEMPLAR_LABEL: u8 = 1;
const EXEMPLAR_VALUE: u8 = 2;
const EXEMPLAR_TIMESTAMP: u8 = 3;

/// Writes a label as a field with this tag.
pub(super) fn put_pair(out: &mut Buffer, tag: u8, name: &str, value: &str) {
    let field = |text: &str| 1 + varint_length(text.len() as u64) + text.len();
    out.reserve(1 + LONGEST_VARINT + 2 * (1 + LONGEST_VARINT) + name.len() + value.len());
    out.put_few(&[tag]);
    put_varint(out, (field(name) + field(value)) as u64);
    out.put_few(&[length(NAME)]);
    put_varint(out, name.len() as u64);
    out.put(name.as_bytes());
    out.put_few(&[length(VALUE)]);
    put_varint(out, value.len() as u64);
    out.put(value.as_bytes());
}

/// Writes an exemplar as a field with this tag.
pub(super) fn put_exemplar(out: &mut Buffer, tag: u8, exemplar: &Exemplar, escaping: Escaping) {
    let message = open(out, tag, 0);
    for (name, value) in exemplar.labels() {
        put_pair(out, length(EXEMPLAR_LABEL), &label_name(name, escaping), value);
    }
    put_double(out, EXEMPLAR_VALUE, exemplar.value().as_f64());
    if let Some(timestamp) = exemplar.timestamp() {
        put_timestamp(out, EXEMPLAR_TIMESTAMP, timestamp);
    }
    close(out, message);
}

/// Writes rendered labels, each as a field with this tag.
pub(super) fn put_labels(out: &mut Buffer, tag: u8, labels: &str, escaping: Escaping) {
    for (name, value) in read_labels(labels) {
        put_pair(out, tag, &label_name(&name, escaping), &value);
    }
}

/// What the labels of a family's series are called. Those of the next series are mostly called so too, and then it is
/// known where each value begins, and what is to be written before it.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<Name>,
    /// Whether one of them was too long to be kept here.
    too_long: bool,
}

/// The longest name that is kept.
const LONGEST_NAME: usize = 26;

#[derive(Debug)]
struct Name {
    /// What stands before the value in the text, `,name="`, its first sixteen bytes and what follows them, and which of
    /// their bits that are.
    text: [u128; 2],
    mask: [u128; 2],
    text_length: usize,
    /// What stands before it in the message, where the lengths are yet to be written.
    pair: [u8; 32],
    pair_length: usize,
}

impl Name {
    fn new(tag: u8, name: &str, is_first: bool) -> Option<Self> {
        let short = u8::try_from(name.len()).ok().filter(|length| usize::from(*length) <= LONGEST_NAME)?;
        let text = [if is_first { "" } else { "," }, name, "=\""].concat();
        let pair = [&[tag, 0, length(NAME), short], name.as_bytes(), &[length(VALUE), 0]].concat();
        let bits = |length: usize| if length == 0 { 0 } else { u128::MAX >> (8 * (16 - length.min(16))) };
        Some(Self {
            text: halves(&padded(text.as_bytes())),
            mask: [bits(text.len()), bits(text.len().saturating_sub(16))],
            text_length: text.len(),
            pair: padded(&pair),
            pair_length: pair.len(),
        })
    }
}

fn padded(bytes: &[u8]) -> [u8; 32] {
    let mut padded = [0; 32];
    for (place, byte) in padded.iter_mut().zip(bytes) {
        *place = *byte;
    }
    padded
}

fn halves(bytes: &[u8; 32]) -> [u128; 2] {
    let half = |bytes: Option<&[u8; 16]>| bytes.map_or(0, |bytes| u128::from_le_bytes(*bytes));
    [half(bytes.first_chunk()), half(bytes.last_chunk())]
}

impl Names {
    /// How long labels are in messages, if they are called so, nothing in them is escaped, and the text is so long.
    #[inline]
    pub(super) fn length(&self, text: usize) -> usize {
        // Of each label, five bytes of the text are no name and no value, of the last four; of a message six are not.
        (text + usize::from(text > 0)) + 2 * self.names.len()
    }

    /// Writes labels, if they are called so, nothing in them is escaped, and each is shorter than 128 bytes; says whether
    /// that is so. If it isn't, what has been written means nothing.
    #[inline]
    pub(super) fn put(&self, out: &mut Room<'_>, labels: &str) -> bool {
        let text = Text::new(labels.as_bytes());
        if text.has_escapes() {
            return false;
        }
        let mut at = 0;
        for name in &self.names {
            if (text.sixteen(at) ^ name.text[0]) & name.mask[0] != 0
                || (name.mask[1] != 0 && (text.sixteen(at + 16) ^ name.text[1]) & name.mask[1] != 0)
            {
                return false;
            }
            at += name.text_length;
            let pair = out.len();
            out.put_first(&name.pair, name.pair_length);
            let mut value = 0;
            loop {
                let part = text.sixteen(at + value);
                let plain = before_quote(part);
                out.put_first(&part.to_le_bytes(), plain);
                value += plain;
                if plain < 16 || value > 0x7F {
                    break;
                }
            }
            at += value + 1;
            let length = out.len() - pair - 2;
            if length > 0x7F {
                return false;
            }
            out.set(pair + 1, &[length.to_le_bytes()[0]]);
            out.set(pair + name.pair_length - 1, &[value.to_le_bytes()[0]]);
        }
        at == text.bytes.len()
    }

    /// Writes labels whose names are plain as fields with this tag, and remembers what they are called.
    pub(super) fn put_and_learn(&mut self, out: &mut Buffer, tag: u8, labels: &str) {
        let mut room = out.room(self.length(labels.len()));
        if self.put(&mut room, labels) {
            let written = room.len();
            out.add(written);
        } else {
            self.learn(out, tag, labels);
        }
    }

    #[cold]
    #[inline(never)]
    fn learn(&mut self, out: &mut Buffer, tag: u8, labels: &str) {
        self.names.clear();
        for (name, value) in read_labels(labels) {
            put_pair(out, tag, &name, &value);
            match Name::new(tag, &name, self.names.is_empty()) {
                Some(name) if !self.too_long => self.names.push(name),
                _ => self.too_long = true,
            }
        }
        if self.too_long {
            self.names.clear();
        }
    }
}

/// A text of which sixteen bytes are read at a time, also past its end, where there are zeros.
struct Text<'a> {
    bytes: &'a [u8],
    /// The last sixteen, or, behind zeros, all of a shorter text.
    last: u128,
}

impl<'a> Text<'a> {
    #[inline]
    fn new(bytes: &'a [u8]) -> Self {
        let missing = 8 * 16_usize.saturating_sub(bytes.len());
        let last = if let Some(last) = bytes.last_chunk::<16>() {
            u128::from_le_bytes(*last)
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            u128::from(u64::from_le_bytes(*first)) << missing | u128::from(u64::from_le_bytes(*last)) << 64
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            u128::from(u32::from_le_bytes(*first)) << missing | u128::from(u32::from_le_bytes(*last)) << 96
        } else {
            0
        };
        Self { bytes, last }
    }

    #[inline]
    fn sixteen(&self, at: usize) -> u128 {
        if let Some(bytes) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            return u128::from_le_bytes(*bytes);
        }
        let past = (at + 16).saturating_sub(self.bytes.len());
        if past < 16 { self.last >> (8 * past) } else { 0 }
    }

    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "without a branch a few instructions compare all bytes")]
    fn has_escapes(&self) -> bool {
        let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | (*byte == b'\\'));
        // In moves of a known length, which are a few instructions: the first bytes and the last ones, which overlap.
        match (self.bytes.first_chunk::<32>(), self.bytes.last_chunk::<32>()) {
            (Some(first), Some(last)) if self.bytes.len() <= 64 => any(first) | any(last),
            _ => self.bytes.contains(&b'\\'),
        }
    }
}

/// How many of sixteen bytes stand before the first quote, or zero byte, which no text has but behind its end.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves are taken one by one")]
fn before_quote(bytes: u128) -> usize {
    // A byte that is zero has its highest bit set; others have that may stand behind it.
    let zeros = |word: u64| word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080;
    let quotes = |word: u64| zeros(word ^ 0x2222_2222_2222_2222);
    let (low, high) = (quotes(bytes as u64), quotes((bytes >> 64) as u64));
    let bits = if low != 0 { low.trailing_zeros() } else { 64 + high.trailing_zeros() };
    bits as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::push_labels;

    const TAG: u8 = length(1);

    fn written(put: impl FnOnce(&mut Buffer)) -> Vec<u8> {
        let mut out = Buffer::default();
        put(&mut out);
        out.take()
    }

    #[test]
    fn labels_of_every_length_are_pairs_of_what_they_were_rendered_from() {
        let long = "v".repeat(300);
        let mut names = Names::default();
        for special in ["", "\\", "\"", "\n", ",", "=", "=\"", "\",b=\"", "ß"] {
            for length in 0..150 {
                let value = [special, &long[..length]].concat();
                for labels in [
                    &[][..],
                    &[("a", value.as_str())],
                    &[("a", special), ("tenant", value.as_str())],
                    &[("a", value.as_str()), ("b", ""), ("c", special)],
                    &[("a", ""), ("b", ""), ("c", ""), ("d", ""), ("e", ""), ("f", value.as_str())],
                ] {
                    let mut text = String::new();
                    push_labels(&mut text, labels.iter().copied());
                    let pairs = written(|out| labels.iter().for_each(|(name, value)| put_pair(out, TAG, name, value)));
                    assert_eq!(written(|out| put_labels(out, TAG, &text, Escaping::default())), pairs, "{text}");
                    for _ in 0..2 {
                        assert_eq!(written(|out| names.put_and_learn(out, TAG, &text)), pairs, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_known_whatever_their_length() {
        for length in 1..40 {
            let name = "n".repeat(length);
            let mut names = Names::default();
            for value in ["", "x", "0123456789abcdef"] {
                let text = format!("{name}=\"{value}\",b{name}=\"{value}\"");
                let pairs = written(|out| put_labels(out, TAG, &text, Escaping::default()));
                assert_eq!(written(|out| names.put_and_learn(out, TAG, &text)), pairs);
                let mut out = Buffer::default();
                let mut room = out.room(400);
                assert_eq!(names.put(&mut room, &text), length < LONGEST_NAME, "{length}");
                if length < LONGEST_NAME {
                    assert_eq!(names.length(text.len()), pairs.len());
                }
                // Others are not taken for these.
                let other = text.replace("n=", "m=");
                let pairs = written(|out| put_labels(out, TAG, &other, Escaping::default()));
                assert_eq!(written(|out| names.put_and_learn(out, TAG, &other)), pairs);
                names.put_and_learn(&mut out, TAG, &text);
            }
        }
    }

    #[test]
    fn a_pair_is_a_message_of_two_texts() {
        assert_eq!(written(|out| put_pair(out, TAG, "a", "xy")), b"\x0A\x07\x0A\x01a\x12\x02xy");
    }
}
