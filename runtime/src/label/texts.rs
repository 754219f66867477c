//! The texts of a set of labels.

use std::fmt::{self, Write as _};

use super::value::LabelValue;

/// The texts of a label set, one behind the other; short ones without an allocation.
///
/// Texts are UTF-8, in which the byte `0xFF` never stands: behind each text it keeps `("ab", "c")` and `("a", "bc")`
/// apart.
#[doc(hidden)]
#[derive(Debug)]
pub struct LabelTexts {
    inline: [u8; INLINE],
    length: usize,
    spilled: Vec<u8>,
}

/// What the open labels of the series past `max_series` read.
const OVERFLOW: &str = "other";

pub(super) const INLINE: usize = 192;
const END: u8 = 0xFF;

impl LabelTexts {
    pub(crate) fn of(write: impl FnOnce(&mut Self)) -> Self {
        let mut texts = Self { inline: [0; INLINE], length: 0, spilled: Vec::new() };
        write(&mut texts);
        texts
    }

    pub(super) fn value<T: LabelValue + ?Sized>(&mut self, value: &T) {
        // A `Display` of the user's that fails leaves the text that it wrote until then.
        let _ = value.write(self);
        self.push(&[END]);
    }

    pub(super) fn value_at<T: LabelValue + ?Sized>(&mut self, index: usize) {
        let _ = match T::CARDINALITY {
            Some(_) => T::write_index(index, self),
            None => self.write_str(OVERFLOW),
        };
        self.push(&[END]);
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.spilled.is_empty() {
            if let Some(room) = self.inline.get_mut(self.length..self.length + bytes.len()) {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
                return;
            }
            self.spilled.extend_from_slice(&self.inline[..self.length]);
        }
        self.spilled.extend_from_slice(bytes);
    }

    /// The texts, each with its end: different for different label sets.
    pub(crate) fn key(&self) -> &[u8] {
        if self.spilled.is_empty() { &self.inline[..self.length] } else { &self.spilled }
    }

    pub(crate) fn texts(&self) -> Box<[Box<str>]> {
        let key = self.key();
        let key = key.strip_suffix(&[END]).unwrap_or(key);
        if self.key().is_empty() {
            return Box::default();
        }
        key.split(|&byte| byte == END).map(|text| String::from_utf8_lossy(text).into()).collect()
    }
}

impl fmt::Write for LabelTexts {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}
