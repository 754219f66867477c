//! Finding bytes, eight at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A bit for each byte that is zero, in the highest place of it. Those above the lowest such byte may be wrong.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// The first place at or behind `from` of a quote or a backslash.
#[inline]
pub(super) fn quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = zeros(word ^ (LOW * u64::from(b'"'))) | zeros(word ^ (LOW * u64::from(b'\\')));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\') {
            return Some(at);
        }
        at += 1;
    }
    None
}

const METRIC_START: u8 = 1;
const METRIC: u8 = 2;
const LABEL_START: u8 = 4;
const LABEL: u8 = 8;

/// What a byte may be in names that aren't quoted (`OpenMetrics` 1.0.0, "ABNF"; the text format has the same).
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => METRIC_START | METRIC | LABEL_START | LABEL,
            b'0'..=b'9' => METRIC | LABEL,
            b':' => METRIC_START | METRIC,
            _ => 0,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// Where the metric's name ends that begins here: here, if none does.
#[inline]
pub(super) fn metric_name(bytes: &[u8], from: usize) -> usize {
    name(bytes, from, METRIC_START, METRIC)
}

/// The same of a label's name.
#[inline]
pub(super) fn label_name(bytes: &[u8], from: usize) -> usize {
    name(bytes, from, LABEL_START, LABEL)
}

#[inline]
fn name(bytes: &[u8], from: usize, start: u8, class: u8) -> usize {
    let mut at = from;
    let mut allowed = start;
    while let Some(&byte) = bytes.get(at)
        && CLASSES[byte as usize] & allowed != 0
    {
        allowed = class;
        at += 1;
    }
    at
}
