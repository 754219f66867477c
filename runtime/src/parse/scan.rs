//! Finding bytes, eight at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A bit for each byte that is zero, in the highest place of it. Those above the lowest such byte may be wrong.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// The first place of a line feed.
#[inline]
pub(super) fn line_feed(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        let (low, high) = block.split_at(8);
        let [low, high] = [low, high].map(|half| half.first_chunk().map_or(0, |word| u64::from_le_bytes(*word)));
        let [low, high] = [low, high].map(|word| zeros(word ^ (LOW * u64::from(b'\n'))));
        if low | high != 0 {
            let at = if low != 0 { low.trailing_zeros() } else { high.trailing_zeros() + 64 };
            return Some(index * 16 + at as usize / 8);
        }
    }
    rest.iter().position(|byte| *byte == b'\n').map(|at| blocks.len() * 16 + at)
}

/// The first place at or behind `from` of a quote or a backslash.
#[inline]
pub(super) fn quote_or_backslash(bytes: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = bytes.get(from..)?.as_chunks::<8>();
    let mut at = from;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ (LOW * u64::from(b'"'))) | zeros(word ^ (LOW * u64::from(b'\\')));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).map(|behind| at + behind)
}

/// With how many bytes both begin.
#[inline]
pub(super) fn common(one: &[u8], other: &[u8]) -> usize {
    let (words, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    let mut at = 0;
    for (word, other) in words.iter().zip(others) {
        let different = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if different != 0 {
            return at + different.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let (Some(byte), Some(other)) = (one.get(at), other.get(at))
        && byte == other
    {
        at += 1;
    }
    at
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_wherever_they_stand() {
        for length in 0..40 {
            let mut bytes = vec![b'\x0b'; length];
            assert_eq!(line_feed(&bytes), None);
            assert_eq!(quote_or_backslash(&bytes, 0), None);
            assert_eq!(common(&bytes, &[b'\x0b'; 20]), length.min(20));
            for at in 0..length {
                // What is one above what is looked for, behind it, isn't taken for it.
                bytes[at..].fill(b'\x0b');
                bytes[at] = b'\n';
                assert_eq!(line_feed(&bytes), Some(at));
                assert_eq!(common(&bytes, &vec![b'\x0b'; length]), at);
                for (found, above) in [(b'"', b'#'), (b'\\', b']')] {
                    bytes[at..].fill(above);
                    bytes[at] = found;
                    for from in 0..=at {
                        assert_eq!(quote_or_backslash(&bytes, from), Some(at));
                    }
                    assert_eq!(quote_or_backslash(&bytes, at + 1), None);
                }
                bytes[at] = b'\x0b';
            }
        }
        assert_eq!(quote_or_backslash(b"a", 2), None);
    }
}
