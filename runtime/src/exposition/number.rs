//! Numbers as text.

use super::buffer::{Buffer, Place};
use crate::snapshot::{Number, Timestamp};

/// The most bytes that a number reads.
pub(super) const LONGEST: usize = 32;

/// Writes a number, for which there is room: integers in full, floats as [`float`] does.
#[inline]
pub(super) fn number(out: &mut Buffer, number: Number) {
    match number {
        Number::Unsigned(number) => unsigned(out, number),
        Number::Signed(number) => signed(out, number),
        Number::Float(number) => float(out, number),
    }
}

#[inline]
pub(super) fn unsigned(out: &mut impl Place, number: u64) {
    // As most series read that are there from the first scrape.
    if number < 10 {
        out.put_few(&[b'0' + number.to_le_bytes()[0]]);
    } else {
        out.put(itoa::Buffer::new().format(number).as_bytes());
    }
}

pub(super) fn signed(out: &mut Buffer, number: i64) {
    out.put(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes an instant in seconds, exactly.
pub(super) fn seconds(out: &mut Buffer, timestamp: Timestamp) {
    let (mut seconds, mut nanos) = (i128::from(timestamp.seconds()), timestamp.nanos());
    if seconds < 0 {
        // Nanoseconds count upwards from the whole second before.
        out.put_few(b"-");
        seconds = -seconds;
        if nanos > 0 {
            seconds -= 1;
            nanos = 1_000_000_000 - nanos;
        }
    }
    unsigned(out, u64::try_from(seconds).unwrap_or(u64::MAX));
    fraction(out, nanos);
}

/// Writes nanoseconds behind a second.
#[inline]
pub(super) fn fraction(out: &mut Buffer, nanos: u32) {
    if nanos > 0 {
        // With a digit in front, so that none of those behind is left out.
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(1_000_000_000 + nanos).as_bytes();
        let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        out.put_few(b".");
        out.put(digits.get(1..digits.len() - zeros).unwrap_or_default());
    }
}

/// Writes the shortest decimal that reads back as the same `f64`, as Go's `%g` does with `.0` behind whole numbers:
/// `1.0`, `0.25`, `1e+06`, `1e-05`, `+Inf`, `-Inf`, `NaN`. So the bounds of buckets are canonical (`OpenMetrics` 1.0.0,
/// "Considerations: Canonical Numbers").
pub(super) fn float(out: &mut Buffer, number: f64) {
    if !number.is_finite() {
        let text = match number {
            f64::INFINITY => "+Inf",
            f64::NEG_INFINITY => "-Inf",
            _ => "NaN",
        };
        out.put(text.as_bytes());
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(number);
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-4..1e6).contains(&magnitude) {
        out.put(shortest.as_bytes());
    } else {
        with_exponent(out, shortest);
    }
}

/// Writes digits, in whatever form they are, with one of them before the point and an exponent.
fn with_exponent(out: &mut Buffer, text: &str) {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut power = 0;
    for digit in exponent.bytes().filter(u8::is_ascii_digit) {
        power = 10 * power + i32::from(digit - b'0');
    }
    let exponent = if exponent.starts_with('-') { -power } else { power };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches('0');
    let leading = i32::try_from(all.len() - significant.len()).unwrap_or_default();
    let exponent = exponent + i32::try_from(whole.len()).unwrap_or_default() - 1 - leading;
    let (first, rest) = significant.split_at(1);
    let rest = rest.trim_end_matches('0');
    out.put(sign.as_bytes());
    out.put(first.as_bytes());
    if !rest.is_empty() {
        out.put_few(b".");
        out.put(rest.as_bytes());
    }
    out.put_few(if exponent < 0 { b"e-" } else { b"e+" });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.put_few(b"0");
    }
    unsigned(out, exponent.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: f64) -> String {
        let mut out = Buffer::default();
        out.reserve(LONGEST);
        float(&mut out, number);
        String::from_utf8(out.take()).unwrap()
    }

    #[test]
    fn floats_read_as_in_go_and_python() {
        for (number, read) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.25, "0.25"),
            (100_000.0, "100000.0"),
            (999_999.5, "999999.5"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (12_345_678_900.0, "1.23456789e+10"),
            (0.0001, "0.0001"),
            (0.000_099, "9.9e-05"),
            (0.00001, "1e-05"),
            (1e15, "1e+15"),
            (1e16, "1e+16"),
            (1.5e17, "1.5e+17"),
            (1e300, "1e+300"),
            (-1e-300, "-1e-300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(text(number), read);
        }
    }

    #[test]
    fn instants_read_in_seconds() {
        for (seconds_, nanos, read) in [
            (0, 0, "0"),
            (1_520_879_607, 789_000_000, "1520879607.789"),
            (1_520_879_607, 1, "1520879607.000000001"),
            (1, 999_999_999, "1.999999999"),
            (-1, 500_000_000, "-0.5"),
            (-2, 0, "-2"),
            (-2, 999_000_000, "-1.001"),
            (i64::MIN, 1, "-9223372036854775807.999999999"),
            (i64::MAX, 10, "9223372036854775807.00000001"),
        ] {
            let mut out = Buffer::default();
            out.reserve(LONGEST);
            seconds(&mut out, Timestamp::new(seconds_, nanos).unwrap());
            assert_eq!(String::from_utf8(out.take()).unwrap(), read);
        }
    }

    /// The form that the standard library's shortest digits have in it.
    fn of_the_standard_library(number: f64) -> String {
        let shortest = format!("{number:e}");
        let (mantissa, exponent) = shortest.split_once('e').unwrap();
        let exponent: i32 = exponent.parse().unwrap();
        if (-4..6).contains(&exponent) {
            return format!("{number:?}");
        }
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }

    #[test]
    fn every_float_reads_back_and_is_as_short_as_can_be() {
        let mut bits = 0x9E37_79B9_7F4A_7C15_u64;
        for turn in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Half of them of everyday size.
            let exponent = if turn % 2 == 0 { (bits >> 52) & 0x7FF } else { 1023 - 20 + (bits >> 52) % 60 };
            let number = f64::from_bits((bits & !(0x7FF << 52)) | (exponent << 52));
            if number.is_finite() {
                let read = text(number);
                assert_eq!(read.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{read}");
                // Of two that are as near, each may take another.
                assert_eq!(read.len(), of_the_standard_library(number).len(), "{read}");
            }
        }
    }
}
