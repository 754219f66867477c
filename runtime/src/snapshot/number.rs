//! Numbers.

use std::time::Duration;

/// A number as it was counted: an integer stays exact.
///
/// A [`Duration`] becomes seconds, a `bool` 0 or 1. Numbers are equal if they are the same number, whatever their types.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Number {
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer.
    Signed(i64),
    /// A floating-point number.
    Float(f64),
}

impl Number {
    /// The nearest `f64`; integers above 2^53 lose their last digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the documented loss")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Signed(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    fn whole(self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some(number.into()),
            Self::Signed(number) => Some(number.into()),
            Self::Float(_) => None,
        }
    }
}

impl PartialEq for Number {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "they are compared exactly")]
    fn eq(&self, other: &Self) -> bool {
        let (one, another) = (self.whole(), other.whole());
        match (one, another) {
            (Some(one), Some(another)) => one == another,
            (None, None) => self.as_f64() == other.as_f64(),
            (Some(whole), None) | (None, Some(whole)) => {
                let float = if one.is_none() { self.as_f64() } else { other.as_f64() };
                // No integer here is beyond what an `i128` holds of a float.
                float == whole as f64 && float as i128 == whole
            }
        }
    }
}

macro_rules! number_from {
    ($($variant:ident: $($from:ty),* => $as:ident;)*) => {$($(
        impl From<$from> for Number {
            fn from(number: $from) -> Self {
                Self::$variant($as(number))
            }
        }
    )*)*};
}

fn unsigned(number: impl Into<u64>) -> u64 {
    number.into()
}

fn signed(number: impl Into<i64>) -> i64 {
    number.into()
}

fn float(number: impl Into<f64>) -> f64 {
    number.into()
}

number_from! {
    Unsigned: u8, u16, u32, u64, bool => unsigned;
    Signed: i8, i16, i32, i64 => signed;
    Float: f32, f64 => float;
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        // No platform has a `usize` of more than 64 bits.
        Self::Unsigned(number as u64)
    }
}

impl From<isize> for Number {
    fn from(number: isize) -> Self {
        Self::Signed(number as i64)
    }
}

impl From<Duration> for Number {
    fn from(duration: Duration) -> Self {
        Self::Float(duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_whatever_their_types() {
        let number = Number::from;
        assert_eq!(number(1_u64), Number::from(1_i32));
        assert_eq!(Number::from(1.0), number(1_u64));
        assert_eq!(Number::from(-2_i64), Number::from(-2.0));
        assert_ne!(number(u64::MAX), Number::from(-1_i64));
        assert_ne!(number(u64::MAX), Number::from(18_446_744_073_709_551_616.0));
        assert_ne!(number((1 << 53) + 1), Number::from(9_007_199_254_740_992.0));
        assert_ne!(number(0), Number::from(f64::NAN));
        assert_ne!(Number::from(f64::NAN), Number::from(f64::NAN));
    }
}
