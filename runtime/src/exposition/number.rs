//! Numbers as text.

use std::fmt::{self, Write};

use crate::snapshot::Number;

/// Writes a number: integers in full, floats as [`float`] does.
pub(super) fn number(out: &mut String, number: Number) -> fmt::Result {
    match number {
        Number::Unsigned(number) => write!(out, "{number}"),
        Number::Signed(number) => write!(out, "{number}"),
        Number::Float(number) => float(out, number),
    }
}

/// Writes the shortest decimal that reads back as the same `f64`, as Go's `%g` does with `.0` behind whole numbers:
/// `1.0`, `0.25`, `1e+06`, `1e-05`, `+Inf`, `-Inf`, `NaN`. So the bounds of buckets are canonical (`OpenMetrics` 1.0.0,
/// "Considerations: Canonical Numbers").
pub(super) fn float(out: &mut String, number: f64) -> fmt::Result {
    if number.is_nan() {
        return out.write_str("NaN");
    }
    if number.is_infinite() {
        return out.write_str(if number > 0.0 { "+Inf" } else { "-Inf" });
    }
    let shortest = format!("{number:e}");
    let exponent = shortest.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0_i32);
    if (-4..6).contains(&exponent) {
        return write!(out, "{number:?}");
    }
    let mantissa = shortest.split_once('e').map_or(shortest.as_str(), |(mantissa, _)| mantissa);
    write!(out, "{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_in_go_and_python() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.25, "0.25"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e300, "1e+300"),
            (-1e-300, "-1e-300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            let mut out = String::new();
            float(&mut out, number).unwrap();
            assert_eq!(out, text);
        }
    }

    #[test]
    fn every_float_reads_back() {
        let mut bits = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            let mut out = String::new();
            float(&mut out, number).unwrap();
            let back: f64 = out.parse().unwrap();
            assert!(back.to_bits() == number.to_bits() || number.is_nan(), "{out}");
        }
    }
}
