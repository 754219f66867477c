//! A name as its parts stand in the program, and the stem that it shares with all names it could collide with.

use std::borrow::Cow;
use std::fmt;

use super::underscored;

/// What samples add to the name of their family, in any format. None of these ends in another.
pub(crate) const SAMPLE_SUFFIXES: [&str; 8] =
    ["_total", "_created", "_bucket", "_sum", "_count", "_info", "_gsum", "_gcount"];

/// The name of a metric: of a mark, its crate and what follows an underscore, which nobody has put together yet.
#[derive(Clone, Copy)]
pub(crate) struct NameParts<'a> {
    /// What stands in front of an underscore, or nothing.
    head: &'a str,
    rest: &'a str,
    /// How much of both counts.
    length: usize,
}

impl<'a> NameParts<'a> {
    pub(crate) const fn whole(name: &'a str) -> Self {
        Self { head: "", rest: name, length: name.len() }
    }

    /// A head, an underscore and the rest; the rest alone where there is no head.
    pub(crate) const fn joined(head: &'a str, rest: &'a str) -> Self {
        let joint = if head.is_empty() { 0 } else { head.len() + 1 };
        Self { head, rest, length: joint + rest.len() }
    }

    /// The name in front of a suffix, if it ends in that.
    pub(crate) const fn without(self, suffix: &str) -> Option<Self> {
        self.without_alike(suffix, false)
    }

    /// The same, where a `:` may be taken for a `_`.
    const fn without_alike(self, suffix: &str, folded: bool) -> Option<Self> {
        let suffix = suffix.as_bytes();
        if suffix.len() > self.length {
            return None;
        }
        let length = self.length - suffix.len();
        let mut at = suffix.len();
        while at > 0 {
            at -= 1;
            let byte = self.byte(length + at);
            if (if folded { fold(byte) } else { byte }) != suffix[at] {
                return None;
            }
        }
        Some(Self { length, ..self })
    }

    /// Whether the name is this one.
    pub(crate) const fn is(self, text: &str) -> bool {
        match self.without(text) {
            Some(rest) => rest.length == 0,
            None => false,
        }
    }

    pub(crate) const fn has(self, byte: u8) -> bool {
        let mut at = 0;
        while at < self.length {
            if self.byte(at) == byte {
                return true;
            }
            at += 1;
        }
        false
    }

    const fn byte(&self, at: usize) -> u8 {
        let head = self.head.len();
        if head == 0 {
            self.rest.as_bytes()[at]
        } else if at < head {
            self.head.as_bytes()[at]
        } else if at == head {
            b'_'
        } else {
            self.rest.as_bytes()[at - head - 1]
        }
    }

    /// Whether both read alike, as names of labels, for a scraper that doesn't ask for UTF-8: with `_` in the place of each character
    /// that isn't plain.
    pub(crate) const fn reads_as(self, other: NameParts<'_>) -> bool {
        let (mut at, mut there) = (self.character(0), other.character(0));
        while at < self.length && there < other.length {
            if self.label_byte(at) != other.label_byte(there) {
                return false;
            }
            at = self.character(at + 1);
            there = other.character(there + 1);
        }
        at >= self.length && there >= other.length
    }

    /// Where the next character begins.
    const fn character(self, mut at: usize) -> usize {
        while at < self.length && self.byte(at) & 0b1100_0000 == 0b1000_0000 {
            at += 1;
        }
        at
    }

    const fn label_byte(self, at: usize) -> u8 {
        let byte = self.byte(at);
        if byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit()) { byte } else { b'_' }
    }

    /// The name as a scraper that doesn't ask for UTF-8 reads it, by which it is told from others: as a metric's, or as
    /// a label's, which has no `:`.
    pub(crate) fn underscored(self, metric: bool) -> Underscored<'a> {
        if !self.head.is_empty() {
            // A crate's name never stands before one that isn't plain.
            return Underscored::Plain(self);
        }
        match underscored(&self.rest[..self.length], metric) {
            Cow::Borrowed(_) => Underscored::Plain(self),
            Cow::Owned(read) => Underscored::Other(read),
        }
    }

    /// Whether two names are the same when each has its suffix.
    pub(crate) fn same(self, suffix: &str, other: NameParts<'_>, other_suffix: &str) -> bool {
        let length = self.length + suffix.len();
        length == other.length + other_suffix.len()
            && (0..length).all(|at| self.byte_with(suffix, at) == other.byte_with(other_suffix, at))
    }

    /// Of the name with a suffix.
    fn byte_with(self, suffix: &str, at: usize) -> u8 {
        if at < self.length { self.byte(at) } else { suffix.as_bytes()[at - self.length] }
    }

    pub(crate) fn text(self) -> Cow<'a, str> {
        if self.head.is_empty() {
            return Cow::Borrowed(&self.rest[..self.length]);
        }
        let mut text = format!("{}_{}", self.head, self.rest);
        text.truncate(self.length);
        Cow::Owned(text)
    }
}

/// A name as a scraper that doesn't ask for UTF-8 reads it.
pub(crate) enum Underscored<'a> {
    /// As it is.
    Plain(NameParts<'a>),
    Other(String),
}

impl Underscored<'_> {
    pub(crate) fn parts(&self) -> NameParts<'_> {
        match self {
            Self::Plain(name) => *name,
            Self::Other(read) => NameParts::whole(read),
        }
    }
}

impl PartialEq<str> for NameParts<'_> {
    fn eq(&self, text: &str) -> bool {
        self.same("", NameParts::whole(text), "")
    }
}

impl fmt::Display for NameParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A number for a name without any suffix of samples. Families of which one takes a name of the other have the same
/// stem, since all that a family takes is its base with such a suffix or without. A `:` is the same as a `_` here, as
/// which it is read in the name of a state set.
///
/// It is known when the program is compiled for what is marked, so finding collisions reads no name but those with the
/// same stem. Names come from the program's author, so it is no keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stem(u32);

impl Stem {
    pub(crate) const fn of(mut name: NameParts<'_>) -> Self {
        let mut index = 0;
        while index < SAMPLE_SUFFIXES.len() {
            match name.without_alike(SAMPLE_SUFFIXES[index], true) {
                None => index += 1,
                Some(shorter) => {
                    name = shorter;
                    index = 0;
                }
            }
        }
        let mut hash = FNV_OFFSET;
        let head = name.head.len();
        let mut left = name.length;
        if head > 0 {
            hash = fnv(hash, name.head.as_bytes(), left);
            left = left.saturating_sub(head);
            hash = fnv(hash, b"_", left);
            left = left.saturating_sub(1);
        }
        Self::folded(fnv(hash, name.rest.as_bytes(), left))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the upper half goes into the lower")]
    const fn folded(hash: u64) -> Self {
        Self((hash ^ (hash >> 32)) as u32)
    }

    pub(crate) fn numbered(number: u32) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// The same for a `:` as for a `_`.
const fn fold(byte: u8) -> u8 {
    if byte == b':' { b'_' } else { byte }
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>) over up to so many bytes, folded.
const fn fnv(mut hash: u64, bytes: &[u8], most: usize) -> u64 {
    let mut at = 0;
    while at < bytes.len() && at < most {
        hash = (hash ^ fold(bytes[at]) as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_suffix_ends_in_another() {
        for suffix in SAMPLE_SUFFIXES {
            assert!(!SAMPLE_SUFFIXES.iter().any(|other| *other != suffix && suffix.ends_with(other)), "{suffix}");
        }
    }

    #[test]
    fn parts_are_the_name_that_they_make() {
        for (head, rest) in
            [("", "x"), ("", "total"), ("shop", "x_total"), ("shop", "total"), ("x_sum", "count"), ("_", "sum")]
        {
            let text = if head.is_empty() { rest.to_owned() } else { format!("{head}_{rest}") };
            let (parts, whole) = (NameParts::joined(head, rest), NameParts::whole(&text));
            assert_eq!(parts.text(), text);
            assert!(parts == *text && parts != *"y" && parts != *format!("{text}_"));
            assert_eq!(Stem::of(parts), Stem::of(whole));
            for suffix in SAMPLE_SUFFIXES {
                let without = parts.without(suffix).map(NameParts::text);
                assert_eq!(without.as_deref(), text.strip_suffix(suffix));
                assert!(parts.same(suffix, NameParts::whole(&format!("{text}{suffix}")), ""));
                assert_eq!(Stem::of(NameParts::whole(&format!("{text}{suffix}"))), Stem::of(whole), "{text}{suffix}");
            }
        }
    }

    #[test]
    fn a_stem_has_no_suffix() {
        let stem = |name| Stem::of(NameParts::whole(name));
        assert_eq!(stem("x_sum_total_created"), stem("x"));
        assert_eq!(stem("_total"), stem("_sum"));
        assert_eq!((stem("x:y"), stem("x:total")), (stem("x_y"), stem("x")));
        assert_ne!(stem("x_seconds"), stem("x"));
        assert_ne!(stem("xtotal"), stem("x"));
    }
}
