//! Upper bounds of histogram buckets.

use crate::error::Error;

/// The bounds that a histogram has unless it states others: 5 ms to 10 s, for the seconds that a request takes.
///
/// They are those of `client_golang` and aioprometheus.
pub const DEFAULT: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The bounds that Python's client has unless a histogram states others.
pub const PYTHON: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// `N` bounds: `start`, `start + width`, `start + 2 × width`, …
///
/// ```
/// assert_eq!(tallymark::buckets::linear::<3>(10.0, 5.0), [10.0, 15.0, 20.0]);
/// ```
///
/// # Panics
/// Where `N` is 0, a number is not finite, or `width` is not above 0; in a `const` or in an attribute that is when the program is compiled.
#[must_use]
#[track_caller]
pub const fn linear<const N: usize>(start: f64, width: f64) -> [f64; N] {
    assert!(N > 0, "`linear` needs at least 1 bucket; raise its count");
    assert!(start.is_finite(), "the start of `linear` must be a finite number");
    assert!(
        width.is_finite() && width > 0.0,
        "the width of `linear` must be above 0, since the bounds must rise; raise it"
    );
    let mut bounds = [start; N];
    let mut index = 0;
    let mut steps = 0.0;
    while index < N {
        bounds[index] = start + steps * width;
        index += 1;
        steps += 1.0;
    }
    bounds
}

/// `N` bounds: `start`, `start × factor`, `start × factor²`, …
///
/// ```
/// assert_eq!(tallymark::buckets::exponential::<4>(0.5, 2.0), [0.5, 1.0, 2.0, 4.0]);
/// ```
///
/// # Panics
/// Where `N` is 0, `start` is not above 0, `factor` is not above 1, or a bound is not finite; in a `const` or in an attribute that is when the program
/// is compiled.
#[must_use]
#[track_caller]
pub const fn exponential<const N: usize>(start: f64, factor: f64) -> [f64; N] {
    assert!(N > 0, "`exponential` needs at least 1 bucket; raise its count");
    assert!(
        start.is_finite() && start > 0.0,
        "the start of `exponential` must be above 0, since it is multiplied; raise it"
    );
    assert!(
        factor.is_finite() && factor > 1.0,
        "the factor of `exponential` must be above 1, since the bounds must rise; raise it"
    );
    let mut bounds = [start; N];
    let mut index = 1;
    while index < N {
        bounds[index] = bounds[index - 1] * factor;
        assert!(bounds[index].is_finite(), "the bounds of `exponential` grow beyond all numbers; ask for fewer");
        index += 1;
    }
    bounds
}

/// `N` bounds from `start` to `end`, each the same factor above the one before.
///
/// ```
/// assert_eq!(tallymark::buckets::exponential_range::<4>(1.0, 1000.0), [1.0, 10.0, 100.0, 1000.0]);
/// ```
///
/// # Panics
/// Where `N` is below 2, `start` is not above 0, or `end` is not above `start` or more than `f64::MAX` times that; in a
/// `const` or in an attribute that is when the program is compiled.
#[must_use]
#[track_caller]
pub const fn exponential_range<const N: usize>(start: f64, end: f64) -> [f64; N] {
    assert!(N > 1, "`exponential_range` needs at least 2 buckets, for its start and its end; raise its count");
    assert!(
        start.is_finite() && start > 0.0,
        "the start of `exponential_range` must be above 0, since it is multiplied; raise it"
    );
    assert!(
        end.is_finite() && end > start,
        "the end of `exponential_range` must be above its start, since the bounds must rise; raise it"
    );
    assert!(
        (end / start).is_finite(),
        "the end of `exponential_range` is so far above its start that no number says how far; lower it"
    );
    let mut steps = 0.0;
    let mut index = 1;
    while index < N {
        steps += 1.0;
        index += 1;
    }
    let factor = root(end / start, steps);
    let mut bounds = [start; N];
    index = 1;
    while index < N {
        bounds[index] = bounds[index - 1] * factor;
        index += 1;
    }
    bounds[N - 1] = end;
    bounds
}

/// The number that gives a number above 1 when it is multiplied with itself so many times: by Newton's method, from
/// above, where it never rises until it is there.
const fn root(of: f64, degree: f64) -> f64 {
    let mut root = of;
    loop {
        let mut power = 1.0;
        let mut times = 1.0;
        while times < degree {
            power *= root;
            times += 1.0;
        }
        let next = root - (root - of / power) / degree;
        if next >= root {
            return root;
        }
        root = next;
    }
}

/// What is wrong with bounds that have no +Inf at their end.
#[expect(clippy::float_cmp, reason = "bounds are the same bucket only if they are the same number")]
pub(crate) const fn fault(bounds: &[f64]) -> Option<&'static str> {
    if bounds.is_empty() {
        return Some("a histogram needs at least one bucket besides +Inf; write for example `[0.1, 1.0, 10.0]`");
    }
    let mut index = 0;
    while index < bounds.len() {
        if bounds[index].is_nan() {
            return Some("a bucket's bound is NaN, and nothing is below or above that; drop it");
        }
        if bounds[index].is_infinite() {
            return Some(
                "a bucket's bound is infinite; +Inf is always there as the last one, and the others must be numbers",
            );
        }
        if index > 0 && bounds[index] == bounds[index - 1] {
            return Some("two buckets have the same bound; drop one of them");
        }
        if index > 0 && bounds[index] < bounds[index - 1] {
            return Some("the buckets' bounds don't rise; sort them");
        }
        index += 1;
    }
    None
}

/// The bounds without the +Inf that may be written at their end.
pub(crate) const fn without_infinity(bounds: &[f64]) -> &[f64] {
    match bounds {
        [rest @ .., last] if last.is_infinite() && *last > 0.0 => rest,
        all => all,
    }
}

/// Checks bounds without +Inf.
pub(crate) fn check(bounds: &[f64]) -> Result<(), Error> {
    match fault(bounds) {
        None => Ok(()),
        Some(fault) => Err(Error::new(format!("the buckets {bounds:?}: {fault}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_must_rise_and_be_numbers() {
        for bad in
            [&[][..], &[f64::NAN], &[1.0, 1.0], &[2.0, 1.0], &[f64::NEG_INFINITY, 1.0], &[1.0, f64::INFINITY, 2.0]]
        {
            assert!(check(without_infinity(bad)).is_err(), "{bad:?}");
        }
        assert!(check(without_infinity(&[f64::INFINITY])).is_err());
        for good in [&[1.0][..], &[-1.0, 0.0, 1.0, f64::INFINITY]] {
            assert!(check(without_infinity(good)).is_ok(), "{good:?}");
        }
        assert_eq!(fault(DEFAULT), None);
        assert_eq!(fault(PYTHON), None);
    }
}
