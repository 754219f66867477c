//! Gauges that show what a function returns. Storage holds numbers: the function stands beside it, where whoever reads
//! such a gauge finds it.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use super::line::Series;
use super::sync::{GlobalUsize, Ordering::Relaxed};
use crate::snapshot::Number;

/// What a gauge shows.
pub(crate) type Function = dyn Fn() -> Number + Send + Sync;

type Functions = BTreeMap<(usize, u64), (Series, Arc<Function>)>;

static FUNCTIONS: RwLock<Functions> = RwLock::new(BTreeMap::new());

/// How many there are: as long as there are none, nobody looks whether one has lost its series.
static COUNT: GlobalUsize = GlobalUsize::new(0);

fn key(series: Series) -> (usize, u64) {
    (series.pointer().addr().get(), series.id)
}

/// Runs this on the functions. What it gives is dropped by the caller, once nobody holds the lock: a function may own
/// what has metrics of its own.
fn change<R>(change: impl FnOnce(&mut Functions) -> R) -> R {
    let mut functions = FUNCTIONS.write().unwrap_or_else(PoisonError::into_inner);
    let changed = change(&mut functions);
    COUNT.store(functions.len(), Relaxed);
    changed
}

pub(super) fn keep(series: Series, function: Arc<Function>) {
    let replaced = change(|functions| functions.insert(key(series), (series, function)));
    drop(replaced);
}

/// Drops the functions of series that have gone.
pub(crate) fn forget_functions() {
    if COUNT.load(Relaxed) > 0 {
        let mut gone = Vec::new();
        change(|functions| {
            functions.retain(|_, (series, function)| {
                let there = series.still();
                gone.extend((!there).then(|| Arc::clone(function)));
                there
            });
        });
    }
}

/// What the function of a series returns now; none where it panics.
pub(super) fn called(series: Series) -> Option<Number> {
    let functions = FUNCTIONS.read().unwrap_or_else(PoisonError::into_inner);
    let function = functions.get(&key(series)).map(|(_, function)| Arc::clone(function));
    // It may take long, and set another's.
    drop(functions);
    let function = function?;
    catch_unwind(AssertUnwindSafe(|| function())).map_err(drop_harmlessly).ok()
}

/// Drops what a panic carried, which may panic itself.
fn drop_harmlessly(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}
