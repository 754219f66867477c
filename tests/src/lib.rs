//! What the tests share: reading values out of the global registry, and functions that carry every mark.

#![allow(clippy::float_cmp, reason = "counts are whole numbers")]

use std::panic;
use std::sync::Once;

use tallymark::{Number, Registry, Value};

/// Its code runs.
#[cfg(doctest)]
#[doc = include_str!("../../docs/FROM_PYTHON.md")]
mod from_python {}

/// The value of a counter or gauge in the global registry, or the count of a histogram; none where there is no such
/// series.
#[must_use]
pub fn value(name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name)?;
    Some(number(family.find(labels)?.value()))
}

/// The sum of all series of a counter or gauge in the global registry, or of the counts of a histogram; 0 where there
/// is no such family.
#[must_use]
pub fn family_total(name: &str) -> f64 {
    let families = Registry::global().gather();
    let family = families.iter().find(|family| family.name() == name);
    family.map_or(0.0, |family| family.series().iter().map(|series| number(series.value())).sum())
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Histogram(histogram) => Number::from(histogram.count()).as_f64(),
        _ => f64::NAN,
    }
}

/// The names of the families of the global registry that begin so.
#[must_use]
pub fn names(prefix: &str) -> Vec<String> {
    let families = Registry::global().gather();
    families.iter().map(|family| family.name().to_owned()).filter(|name| name.starts_with(prefix)).collect()
}

/// Puts every mark on a function that returns this `Result`: what they count, [`Ends::of`] reads.
#[macro_export]
macro_rules! fully_marked {
    ($result:ty; $($function:tt)*) => {
        #[tallymark::counter(namespace = "entered")]
        #[tallymark::counter(namespace = "ended", outcome)]
        #[tallymark::counter(namespace = "returned", labels(ok: bool = |result: &$result| result.is_ok()))]
        #[tallymark::histogram(namespace = "timed")]
        #[tallymark::histogram(namespace = "timed_by_outcome", outcome)]
        #[tallymark::gauge(namespace = "running", track_inprogress)]
        #[tallymark::count_exceptions(namespace = "failed", Err)]
        #[tallymark::count_exceptions(namespace = "panicked", panic)]
        $($function)*
    };
}

/// How the calls of a [`fully_marked!`] function have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ends {
    /// With `Ok`.
    pub ok: f64,
    /// With `Err`.
    pub error: f64,
    /// By a panic.
    pub panic: f64,
    /// Dropped.
    pub cancelled: f64,
    /// Not yet.
    pub running: f64,
}

impl Ends {
    /// Reads them.
    ///
    /// # Panics
    /// Where two of the marks disagree.
    #[must_use]
    #[track_caller]
    pub fn of(function: &str) -> Self {
        let of_outcome = |family: &str, outcome| value(family, &[("outcome", outcome)]).unwrap_or(0.0);
        let calls = format!("ended_{function}_calls_total");
        let ends = Self {
            ok: of_outcome(&calls, "ok"),
            error: of_outcome(&calls, "error"),
            panic: of_outcome(&calls, "panic"),
            cancelled: of_outcome(&calls, "cancelled"),
            running: family_total(&format!("running_{function}_inprogress")),
        };
        let ended = ends.ok + ends.error + ends.panic + ends.cancelled;
        let exceptions = |namespace: &str| family_total(&format!("{namespace}_{function}_exceptions_total"));
        let returned = |ok| value(&format!("returned_{function}_calls_total"), &[("ok", ok)]).unwrap_or(0.0);
        let timed = format!("timed_by_outcome_{function}_duration_seconds");
        assert_eq!(
            family_total(&format!("entered_{function}_calls_total")),
            ended + ends.running,
            "{function}: entered"
        );
        assert_eq!(family_total(&format!("timed_{function}_duration_seconds")), ended, "{function}: timed");
        assert_eq!((returned("true"), returned("false")), (ends.ok, ends.error), "{function}: returned");
        assert_eq!((exceptions("failed"), exceptions("panicked")), (ends.error, ends.panic), "{function}: exceptions");
        for (outcome, count) in
            [("ok", ends.ok), ("error", ends.error), ("panic", ends.panic), ("cancelled", ends.cancelled)]
        {
            assert_eq!(of_outcome(&timed, outcome), count, "{function}: timed, {outcome}");
        }
        ends
    }
}

/// What a test panics with on purpose.
pub const ON_PURPOSE: &str = "on purpose";

/// Panics that are [`ON_PURPOSE`] print nothing from now on.
pub fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&ON_PURPOSE) {
                hook(info);
            }
        }));
    });
}
