//! Numbers as people read them.

use tallymark::Number;

/// A number with all its digits.
pub(crate) fn exact(number: Number) -> String {
    match number {
        Number::Unsigned(number) => number.to_string(),
        Number::Signed(number) => number.to_string(),
        other => plain(other.as_f64()),
    }
}

/// Six digits of a number that was computed, of which more would say nothing.
pub(crate) fn rounded(number: f64) -> String {
    plain(format!("{number:.5e}").parse().unwrap_or(number))
}

/// The shortest text that reads back as the number.
pub(crate) fn plain(number: f64) -> String {
    let size = number.abs();
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else if size != 0.0 && !(1e-5..1e17).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// What a number has become more, with its sign.
pub(crate) fn difference(before: Number, now: Number) -> String {
    let text = match (whole(before), whole(now)) {
        (Some(before), Some(now)) => (now - before).to_string(),
        _ => rounded(now.as_f64() - before.as_f64()),
    };
    if text.starts_with(['-', '+', 'N']) { text } else { format!("+{text}") }
}

fn whole(number: Number) -> Option<i128> {
    match number {
        Number::Unsigned(number) => Some(number.into()),
        Number::Signed(number) => Some(number.into()),
        _ => None,
    }
}

/// How much it was in each of so many seconds.
pub(crate) fn rate(difference: f64, seconds: f64) -> String {
    if seconds > 0.0 { format!("{}/s", rounded(difference / seconds)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(exact(u64::MAX.into()), "18446744073709551615");
        assert_eq!(exact((-3_i64).into()), "-3");
        assert_eq!(exact(0.1.into()), "0.1");
        assert_eq!(exact(1e300.into()), "1e300");
        assert_eq!(exact(1e-9.into()), "1e-9");
        assert_eq!(exact(f64::NAN.into()), "NaN");
        assert_eq!(exact(f64::NEG_INFINITY.into()), "-Inf");
    }

    #[test]
    fn what_was_computed_has_six_digits() {
        assert_eq!(rounded(0.1 + 0.2), "0.3");
        assert_eq!(rounded(2.0 / 3.0), "0.666667");
        assert_eq!(rounded(123_456_789.0), "123457000");
        assert_eq!(rounded(f64::INFINITY), "+Inf");
        assert_eq!(rate(3.0, 2.0), "1.5/s");
    }

    #[test]
    fn differences_of_integers_are_exact() {
        assert_eq!(difference(1_u64.into(), u64::MAX.into()), "+18446744073709551614");
        assert_eq!(difference(i64::MIN.into(), u64::MAX.into()), "+27670116110564327423");
        assert_eq!(difference(3_u64.into(), 1_u64.into()), "-2");
        assert_eq!(difference(0.1.into(), 0.3.into()), "+0.2");
        assert_eq!(difference(f64::NAN.into(), 0.3.into()), "NaN");
        assert_eq!(difference(0.0.into(), f64::INFINITY.into()), "+Inf");
    }
}
