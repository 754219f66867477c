//! Labels as messages `LabelPair`, made of how they stand in the text formats; and exemplars, which have such.

use super::Escaping;
use super::buffer::{Buffer, Place, WINDOW, Window};
use super::escaping::label_name;
use super::wire::{LONGEST_VARINT, close, length, open, put_double, put_timestamp, put_varint, varint_length};
use crate::escape::{NO_LENGTH, read_labels};
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
    each(labels, |name, value| put_pair(out, tag, &label_name(name, escaping), value));
}

/// Calls a function with the name and the value of each of rendered labels.
fn each(labels: &str, mut call: impl FnMut(&str, &str)) {
    let mut rest = labels;
    // As long as nothing is escaped, both stand there as they are.
    while let Some(equals) = rest.bytes().position(|byte| matches!(byte, b'=' | b'"'))
        && let Some(quoted) = rest[equals..].strip_prefix("=\"")
        && let Some(end) = quoted.bytes().position(|byte| matches!(byte, b'"' | b'\\'))
        && let Some(after) = quoted[end..].strip_prefix('"')
    {
        call(&rest[..equals], &quoted[..end]);
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    for (name, value) in read_labels(rest) {
        call(&name, &value);
    }
}

/// What the labels of a family's series are called: what is to be written before each value.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Name>);

/// The longest name that is kept.
const LONGEST_NAME: usize = 58;

// The message of each label is shorter than 128 bytes, so that its length takes one.
const _: () = assert!(2 + LONGEST_NAME + 2 + (NO_LENGTH as usize) < 0x80);

#[derive(Debug)]
struct Name {
    /// How long in the text is what stands before the value, `,name="`.
    text: usize,
    /// What stands before the value in a message, where the lengths are yet to be written.
    pair: [[u8; 32]; 2],
    length: usize,
}

impl Name {
    fn new(tag: u8, name: &str, is_first: bool) -> Option<Self> {
        let short = u8::try_from(name.len()).ok().filter(|length| usize::from(*length) <= LONGEST_NAME)?;
        let text = [&[tag, 0, length(NAME), short], name.as_bytes(), &[length(VALUE), 0]].concat();
        let mut pair = [[0; 32]; 2];
        pair.as_flattened_mut().get_mut(..text.len())?.copy_from_slice(&text);
        Some(Self { text: usize::from(!is_first) + name.len() + 2, pair, length: text.len() })
    }
}

impl Names {
    /// How long labels that are called so are as fields, if the text is so long and nothing in it is escaped.
    #[inline]
    pub(super) fn length(&self, text: usize) -> usize {
        // Of each label, five bytes of the text are no name and no value, of the last four; of a message six are not.
        (text + usize::from(text > 0)) + 2 * self.0.len()
    }

    /// Writes labels, if they are called so and it is known how long each value is; says whether that is so. If it isn't,
    /// what has been written means nothing.
    #[inline]
    pub(super) fn put(&self, out: &mut Window<'_>, labels: &str, lengths: &[u8]) -> bool {
        if lengths.len() != self.0.len() {
            return false;
        }
        let mut at = 0;
        for (name, value) in self.0.iter().zip(lengths) {
            if *value >= NO_LENGTH {
                return false;
            }
            let pair = out.len();
            out.put_first(&name.pair[0], name.length);
            if name.length > 32 {
                out.set(pair + 32, &name.pair[1]);
            }
            out.set(pair + 1, &[(name.length - 2).to_le_bytes()[0] + *value]);
            out.set(pair + name.length - 1, &[*value]);
            at += name.text;
            let value = usize::from(*value);
            out.put_part(labels.as_bytes(), at, value);
            at += value + 1;
        }
        at == labels.len()
    }

    /// Writes labels whose names are plain as fields with this tag, and remembers what they are called.
    pub(super) fn put_and_learn(&mut self, out: &mut Buffer, tag: u8, labels: &str, lengths: &[u8]) {
        if self.length(labels.len()) < WINDOW
            && let Some(mut window) = out.window()
            && self.put(&mut window, labels, lengths)
        {
            let written = window.len();
            out.add(written);
        } else {
            self.learn(out, tag, labels, lengths);
        }
    }

    #[cold]
    #[inline(never)]
    fn learn(&mut self, out: &mut Buffer, tag: u8, labels: &str, lengths: &[u8]) {
        self.0.clear();
        let mut all = true;
        each(labels, |name, value| {
            put_pair(out, tag, name, value);
            if !lengths.is_empty() {
                match Name::new(tag, name, self.0.is_empty()) {
                    Some(name) => self.0.push(name),
                    None => all = false,
                }
            }
        });
        if !all {
            self.0.clear();
        }
    }
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

    /// The labels as they are rendered, and the lengths of their values.
    fn rendered(labels: &[(&str, &str)]) -> (String, Vec<u8>) {
        let mut text = String::new();
        push_labels(&mut text, labels.iter().copied());
        let is_plain = |value: &str| !value.contains(['\\', '"', '\n']);
        let length =
            |value: &str| u8::try_from(value.len()).ok().filter(|length| is_plain(value) && *length < NO_LENGTH);
        (text, labels.iter().map(|(_, value)| length(value).unwrap_or(NO_LENGTH)).collect())
    }

    #[test]
    fn labels_of_every_length_are_pairs_of_what_they_were_rendered_from() {
        let long = "v".repeat(300);
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
                    let (text, values) = rendered(labels);
                    let pairs = written(|out| labels.iter().for_each(|(name, value)| put_pair(out, TAG, name, value)));
                    assert_eq!(written(|out| put_labels(out, TAG, &text, Escaping::default())), pairs, "{text}");
                    let mut names = Names::default();
                    for lengths in [&values, &values, &[][..]] {
                        assert_eq!(written(|out| names.put_and_learn(out, TAG, &text, lengths)), pairs, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn labels_are_written_by_their_lengths_once_their_names_are_known() {
        for length in 1..70 {
            let name = "n".repeat(length);
            let mut names = Names::default();
            for value in ["", "x", "0123456789abcdef", &"v".repeat(32), &"v".repeat(60)] {
                let (text, values) = rendered(&[(&name, value), ("b", value)]);
                let pairs = written(|out| put_labels(out, TAG, &text, Escaping::default()));
                assert_eq!(written(|out| names.put_and_learn(out, TAG, &text, &values)), pairs);
                let mut out = Buffer::default();
                let mut window = out.window().unwrap();
                assert_eq!(names.put(&mut window, &text, &values), length <= LONGEST_NAME, "{length}");
                if length <= LONGEST_NAME {
                    assert_eq!((window.len(), names.length(text.len())), (pairs.len(), pairs.len()));
                    out.add(pairs.len());
                    assert_eq!(out.take(), pairs);
                }
                // Without lengths nothing is known of it.
                let mut window = out.window().unwrap();
                assert!(!names.put(&mut window, &text, &[]));
                assert_eq!(names.put(&mut window, "", &[]), length > LONGEST_NAME);
            }
        }
    }

    #[test]
    fn a_pair_is_a_message_of_two_texts() {
        assert_eq!(written(|out| put_pair(out, TAG, "a", "xy")), b"\x0A\x07\x0A\x01a\x12\x02xy");
    }
}
