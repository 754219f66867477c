//! Options of native histograms.

use syn::Expr;

use super::buckets::number;
use crate::args::{Arg, Native};
use crate::errors::Errors;

/// What can be read here is checked here, where the message can point at the number; the rest is checked by the
/// compiler, in `Spec::native`.
pub(super) fn check_native(native: &Native, errors: &mut Errors) {
    let mut refuse = |arg: &Option<Arg<Expr>>, wrong: fn(f64) -> bool, message: &str| {
        if let Some(Arg { value, .. }) = arg
            && number(value).is_some_and(wrong)
        {
            errors.on(value, message);
        }
    };
    refuse(
        &native.factor,
        |factor| factor.is_nan() || factor <= 1.0,
        "the factor must be above 1, since each bucket ends above the one before it; write for example `1.1`",
    );
    refuse(
        &native.factor,
        |factor| factor > 65_536.0,
        "the greatest factor that there is is 65536; write that, or for example `1.1`",
    );
    refuse(
        &native.max_buckets,
        |most| most < 1.0,
        "each observation is in a bucket, so there must be at least 1; raise `max_buckets`",
    );
    refuse(
        &native.max_buckets,
        |most| most > 4096.0,
        "each thread that observes keeps 16 bytes and more for each bucket that there may be, so `max_buckets` goes up to \
         4096; lower it, or raise the `factor`",
    );
    refuse(
        &native.min_reset,
        |seconds| seconds < 0.0,
        "`min_reset` takes seconds from 0 up, and 0 for never; raise it",
    );
    for (threshold, message) in [
        (
            &native.zero_threshold,
            "`zero_threshold` says how far from zero the zero bucket reaches; write a number from 0 up",
        ),
        (
            &native.max_zero_threshold,
            "`max_zero_threshold` says how far from zero the zero bucket may come to reach; write a number from 0 up",
        ),
    ] {
        refuse(threshold, |threshold| threshold < 0.0 || !threshold.is_finite(), message);
    }
}
