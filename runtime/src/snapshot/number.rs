//! Numbers.

use std::time::Duration;

/// A number as it was counted: an integer stays exact.
///
/// A [`Duration`] becomes seconds, a `bool` 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
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
