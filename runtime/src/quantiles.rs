//! Quantiles of summaries, each with how far its rank may be off.

use crate::error::Error;

/// The median within 5 % of all ranks, the 90th percentile within 1 %, and the 99th within 0.1 %: what aioprometheus
/// has by default, and what `client_golang` had before it left quantiles to be asked for.
pub const DEFAULT: &[(f64, f64)] = &[(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)];

/// What is wrong with quantiles and their errors.
#[expect(clippy::float_cmp, reason = "quantiles are the same only if they are the same number")]
pub(crate) const fn fault(targets: &[(f64, f64)]) -> Option<&'static str> {
    if targets.is_empty() {
        return Some("no quantile is listed; write for example `[(0.5, 0.05), (0.99, 0.001)]`, or leave the list out");
    }
    let mut index = 0;
    while index < targets.len() {
        let (quantile, error) = targets[index];
        if !(quantile >= 0.0 && quantile <= 1.0) {
            return Some("a quantile is not within 0 to 1; write the 99th percentile as `0.99`");
        }
        if !(error > 0.0 && error < 1.0) {
            return Some(
                "a quantile's error is not above 0 and below 1; it is the part of all ranks by which the quantile may \
                 be off, so write for example `(0.99, 0.001)`",
            );
        }
        if index > 0 && quantile == targets[index - 1].0 {
            return Some("two quantiles are the same; drop one of them");
        }
        if index > 0 && quantile < targets[index - 1].0 {
            return Some("the quantiles don't rise; sort them");
        }
        index += 1;
    }
    None
}

/// Checks quantiles and their errors.
pub(crate) fn check(targets: &[(f64, f64)]) -> Result<(), Error> {
    match fault(targets) {
        None => Ok(()),
        Some(fault) => Err(Error::new(format!("the quantiles {targets:?}: {fault}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_rise_within_0_to_1_and_their_errors_are_between_them() {
        const NAN: f64 = f64::NAN;
        for bad in [
            &[][..],
            &[(-0.1, 0.1)],
            &[(1.1, 0.1)],
            &[(99.0, 0.1)],
            &[(NAN, 0.1)],
            &[(0.5, 0.0)],
            &[(0.5, -0.1)],
            &[(0.5, 1.0)],
            &[(0.5, NAN)],
            &[(0.5, 0.1), (0.5, 0.2)],
            &[(0.9, 0.1), (0.5, 0.1)],
        ] {
            let error = check(bad).unwrap_err().to_string();
            assert!(error.contains(&format!("{bad:?}")), "{error}");
        }
        for good in [DEFAULT, &[(0.0, 0.1)], &[(0.0, 0.1), (1.0, 0.999)]] {
            assert!(check(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_known_when_the_program_is_compiled() {
        const { assert!(fault(DEFAULT).is_none() && fault(&[(0.5, 1.0)]).is_some()) };
    }
}
