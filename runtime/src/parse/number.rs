//! Numbers and instants.

use crate::snapshot::{Number, Timestamp};

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoNumber {
    Syntax,
    /// No `f64` is as large (`OpenMetrics` 1.0.0, "Numbers": it must fit).
    TooLarge,
}

impl NoNumber {
    #[inline]
    pub(super) fn message(self, what: &str, text: &str) -> String {
        match self {
            Self::Syntax => format!(
                "{what} is to be a number like `17`, `-0.5`, `1e-3`, `+Inf` or `NaN`, not `{}`",
                super::label::shown(text)
            ),
            Self::TooLarge => format!("{what} `{}` is beyond what 64 bits hold of a number", super::label::shown(text)),
        }
    }
}

/// Reads a number: decimal, or +Inf, -Inf and NaN however they are capitalised (`OpenMetrics` 1.0.0, "ABNF", `number`;
/// Prometheus reads the same in the text format). An integer stays exact if 64 bits hold it.
#[inline]
pub(super) fn number(text: &str) -> Result<Number, NoNumber> {
    match digits(text.as_bytes()) {
        Some(number) => Ok(Number::Unsigned(number)),
        None => other_number(text),
    }
}

/// A number that is not negative and has digits alone, if 19 hold it, which no `u64` is too small for.
#[inline]
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut number = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

#[inline]
fn other_number(text: &str) -> Result<Number, NoNumber> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if let Ok(number) = text.parse::<i64>() {
            return Ok(if number < 0 || text.starts_with('-') {
                Number::Signed(number)
            } else {
                Number::Unsigned(number.unsigned_abs())
            });
        }
        if let Ok(number) = text.parse::<u64>() {
            return Ok(Number::Unsigned(number));
        }
    }
    float(text).map(Number::Float)
}

/// Reads a number to the nearest `f64`.
#[inline]
pub(super) fn float(text: &str) -> Result<f64, NoNumber> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        // What is left of such beginnings are words that the standard library has for infinities and NaN.
        let number = text.parse::<f64>().map_err(|_| NoNumber::Syntax)?;
        return if number.is_finite() { Ok(number) } else { Err(NoNumber::TooLarge) };
    }
    let infinite = unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity");
    match text.as_bytes().first() {
        Some(b'-') if infinite => Ok(f64::NEG_INFINITY),
        _ if infinite => Ok(f64::INFINITY),
        _ if text.eq_ignore_ascii_case("nan") => Ok(f64::NAN),
        _ => Err(NoNumber::Syntax),
    }
}

/// Numbers that were read, in their order: bounds and quantiles come again in it with each series.
#[derive(Debug, Default)]
pub(super) struct Recurring {
    read: Vec<(Box<str>, f64)>,
    /// Which comes next, if they do.
    next: usize,
}

impl Recurring {
    /// What is kept: so many texts of so many bytes.
    const MOST: usize = 64;
    const LONGEST: usize = 32;

    /// Reads a number to the nearest `f64`.
    #[inline]
    pub(super) fn float(&mut self, text: &str) -> Result<f64, NoNumber> {
        for place in [self.next, 0] {
            if let Some((known, number)) = self.read.get(place)
                && known.as_bytes() == text.as_bytes()
            {
                self.next = place + 1;
                return Ok(*number);
            }
        }
        let number = float(text)?;
        self.read.truncate(self.next);
        if self.next < Self::MOST && text.len() <= Self::LONGEST {
            self.read.push((text.into(), number));
            self.next += 1;
        }
        Ok(number)
    }
}

/// How often something was counted: a number that has no fraction and is not negative, in whatever way it is written.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are checked")]
#[inline]
pub(super) fn count(number: Number) -> Option<u64> {
    match number {
        Number::Unsigned(count) => Some(count),
        Number::Signed(count) => u64::try_from(count).ok(),
        Number::Float(count) => {
            let fits = (0.0..18_446_744_073_709_551_616.0).contains(&count);
            (fits && count.fract() == 0.0).then_some(count as u64)
        }
    }
}

/// Reads milliseconds since the epoch, as the text format has them.
#[inline]
pub(super) fn millis(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(Timestamp::from_millis)
}

/// Reads seconds since the epoch, as `OpenMetrics` has them ("ABNF", `timestamp`): exact to the nanosecond, of which
/// further digits are dropped, in any notation. Instants that no [`Timestamp`] holds become the first or the last one.
#[inline]
pub(super) fn seconds(text: &str) -> Option<Timestamp> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    let decimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !decimal(whole) || !decimal(fraction) {
        return None;
    }
    // How many digits stand in front of the point.
    let point = i64::try_from(whole.len()).ok()?.saturating_add(exponent);
    let mut nanos = 0_i128;
    let mut taken = 0;
    let wanted = point.saturating_add(9);
    for digit in whole.bytes().chain(fraction.bytes()) {
        if taken == wanted || wanted <= 0 {
            break;
        }
        nanos = nanos.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
        taken += 1;
    }
    while taken < wanted && nanos != 0 && nanos != i128::MAX {
        nanos = nanos.saturating_mul(10);
        taken += 1;
    }
    Some(of_nanos(if negative { -nanos } else { nanos }))
}

#[inline]
fn of_nanos(nanos: i128) -> Timestamp {
    const SECOND: i128 = 1_000_000_000;
    let seconds = i64::try_from(nanos.div_euclid(SECOND));
    let rest = u32::try_from(nanos.rem_euclid(SECOND)).unwrap_or_default();
    let (seconds, rest) = match seconds {
        Ok(seconds) => (seconds, rest),
        Err(_) if nanos < 0 => (i64::MIN, 0),
        Err(_) => (i64::MAX, 999_999_999),
    };
    Timestamp::new(seconds, rest).unwrap_or_else(|| Timestamp::from_millis(0))
}

/// An exponent; one that is beyond all numbers is as good as another such.
#[inline]
fn power(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power = digits.parse().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if negative { -power } else { power })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stay_exact() {
        for (text, expected) in [
            ("0", Number::Unsigned(0)),
            ("0042", Number::Unsigned(42)),
            ("18446744073709551615", Number::Unsigned(u64::MAX)),
            ("+18446744073709551615", Number::Unsigned(u64::MAX)),
            ("9999999999999999999", Number::Unsigned(9_999_999_999_999_999_999)),
            ("-9223372036854775808", Number::Signed(i64::MIN)),
            ("+7", Number::Unsigned(7)),
            ("-0", Number::Signed(0)),
            ("00000000000000000000000000000000000001", Number::Unsigned(1)),
        ] {
            assert_eq!(format!("{:?}", number(text).unwrap()), format!("{expected:?}"), "{text}");
        }
        assert_eq!(number("18446744073709551616"), Ok(Number::Float(18_446_744_073_709_551_616.0)));
        assert_eq!(number("-9223372036854775809"), Ok(Number::Float(-9_223_372_036_854_775_809.0)));
    }

    #[test]
    fn floats_are_the_nearest() {
        for text in ["1.", ".5", "-.5", "1.e5", "0.1", "1E+5", "1e-5", "5e-324", "1e-400", "1.7976931348623157e308"] {
            assert_eq!(number(text), Ok(Number::Float(text.parse().unwrap())), "{text}");
        }
        for (text, expected) in [
            ("inf", f64::INFINITY),
            ("+Inf", f64::INFINITY),
            ("-INFINITY", f64::NEG_INFINITY),
            ("Infinity", f64::INFINITY),
        ] {
            assert_eq!(number(text), Ok(Number::Float(expected)));
        }
        assert!(number("nAn").unwrap().as_f64().is_nan());
    }

    #[test]
    fn recurring_numbers_are_read_as_others() {
        let mut recurring = Recurring::default();
        let long = format!("0.{}5", "0".repeat(Recurring::LONGEST));
        let many: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let texts =
            ["0.1", "1", "+Inf", "0.1", "1", "+Inf", "0.1", "0.10", "2", "0.1", "0.10", "1", "-Inf", &long, "1"];
        for text in texts.into_iter().chain(many.iter().map(String::as_str)).chain(texts) {
            assert_eq!(recurring.float(text), float(text), "{text}");
            assert!(recurring.read.len() <= Recurring::MOST && recurring.next <= recurring.read.len());
            assert_eq!(recurring.float("1x"), Err(NoNumber::Syntax));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "-",
            ".",
            "e5",
            "1e",
            "1e+",
            "--1",
            "0x1",
            "0x1p-3",
            "0b1",
            "0o1",
            "1_2",
            "1z",
            " 1",
            "1 ",
            "nan1",
            "-nan",
            "+nan",
            "infinit",
            "i",
            "n",
            "1.1.1",
            "١",
            "+.e1",
            "1,5",
            "infinity1",
        ] {
            assert_eq!(number(text), Err(NoNumber::Syntax), "{text}");
        }
        assert_eq!(number("1e400"), Err(NoNumber::TooLarge));
        assert_eq!(number(&"9".repeat(400)), Err(NoNumber::TooLarge));
        assert!(NoNumber::TooLarge.message("a value", "1e400").contains("`1e400`"));
    }

    #[test]
    fn counts_are_whole() {
        for (text, expected) in [
            ("7", Some(7)),
            ("7476.0", Some(7476)),
            ("1e3", Some(1000)),
            ("-0", Some(0)),
            ("-1", None),
            ("0.5", None),
            ("NaN", None),
            ("+Inf", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
        ] {
            assert_eq!(count(number(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn seconds_are_exact() {
        for (text, expected) in [
            ("0", (0, 0)),
            ("000", (0, 0)),
            ("1.1", (1, 100_000_000)),
            ("-1.1", (-2, 900_000_000)),
            ("-1", (-1, 0)),
            ("1.", (1, 0)),
            (".5", (0, 500_000_000)),
            ("1604676851.123456789", (1_604_676_851, 123_456_789)),
            ("1604676851.1234567899", (1_604_676_851, 123_456_789)),
            ("1.5e3", (1500, 0)),
            ("+1.5E-3", (0, 1_500_000)),
            ("1520879607789e-3", (1_520_879_607, 789_000_000)),
            ("1e-99999999999999999999", (0, 0)),
            ("0e99999999999999999999", (0, 0)),
            ("9223372036854775807.999999999", (i64::MAX, 999_999_999)),
            ("9223372036854775808", (i64::MAX, 999_999_999)),
            ("12345678901234567890.1234567890", (i64::MAX, 999_999_999)),
            ("1e99999999999999999999", (i64::MAX, 999_999_999)),
            ("-1e30", (i64::MIN, 0)),
            ("-9223372036854775808", (i64::MIN, 0)),
        ] {
            let read = seconds(text).map(|at| (at.seconds(), at.nanos()));
            assert_eq!(read, Some(expected), "{text}");
        }
        for text in ["", "-", ".", "e3", "1e", "1e+", "NaN", "Inf", "1_2", "0x1p-3", "1.1.1", "1z", "--1", "1e1.5"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(millis("-2"), Some(Timestamp::from_millis(-2)));
        assert_eq!(millis("1.5"), None);
        assert_eq!(millis("9223372036854775808"), None);
    }
}
