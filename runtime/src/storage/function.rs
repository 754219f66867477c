//! Gauges that show what a function returns.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::beside::Beside;
use super::line::Series;
use crate::snapshot::Number;

/// What a gauge shows.
pub(crate) type Function = dyn Fn() -> Number + Send + Sync;

static FUNCTIONS: Beside<Arc<Function>> = Beside::new();

pub(super) fn keep(series: Series, function: Arc<Function>) {
    FUNCTIONS.put(series, || Some(function));
}

/// Drops the function of a series that has gone.
pub(crate) fn forget_function(series: Series) {
    drop(FUNCTIONS.take(series));
}

/// Drops the functions of all series that have gone.
pub(crate) fn forget_functions() {
    FUNCTIONS.forget();
}

/// What the function of a series returns now; none where it panics. It may take long, and change other functions.
pub(super) fn called(series: Series) -> Option<Number> {
    let function = FUNCTIONS.get(series)?;
    catch_unwind(AssertUnwindSafe(|| function())).map_err(drop_harmlessly).ok()
}

/// Drops what a panic carried, which may panic itself.
fn drop_harmlessly(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}
