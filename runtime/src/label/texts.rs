//! The texts of a set of labels.

use super::value::LabelValue;

/// The texts of a label set, as a series is made of them.
#[doc(hidden)]
#[derive(Debug)]
pub struct LabelTexts(Vec<Box<str>>);

/// What the open labels of the series past `max_series` read.
const OVERFLOW: &str = "other";

impl LabelTexts {
    pub(crate) fn of(write: impl FnOnce(&mut Self)) -> Box<[Box<str>]> {
        let mut texts = Self(Vec::new());
        write(&mut texts);
        texts.0.into()
    }

    pub(super) fn value<T: LabelValue + ?Sized>(&mut self, value: &T) {
        let mut text = String::new();
        // A `Display` of the user's that fails leaves the text that it wrote until then.
        let _ = value.write(&mut text);
        self.0.push(text.into());
    }

    pub(super) fn value_at<T: LabelValue + ?Sized>(&mut self, index: usize) {
        if T::CARDINALITY.is_none() {
            return self.0.push(OVERFLOW.into());
        }
        let mut text = String::new();
        // As above.
        let _ = T::write_index(index, &mut text);
        self.0.push(text.into());
    }
}
