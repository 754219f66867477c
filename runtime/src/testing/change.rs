//! By how much a sample changes.

use std::marker::PhantomData;

use super::near;
use crate::escape::push_labels;
use crate::registry::Registry;
use crate::snapshot::{MetricFamily, Number};
use crate::storage::Apart;

/// The value of a sample of the global registry: its name, and exactly its labels in any order. None where there is no
/// such sample. [`Registry::value`] asks another registry.
///
/// ```
/// use tallymark::testing;
///
/// assert_eq!(testing::value("tallymark_collisions", []), Some(0.0));
/// assert_eq!(testing::value("no_such_metric", []), None);
/// ```
#[must_use]
#[inline]
pub fn value<'a>(name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<f64> {
    Registry::global().value(name, labels)
}

/// By how much a sample of the global registry changes while this runs, by what **this thread** does. What that returns
/// is dropped.
///
/// A sample is named as on a page: `x_total`, `x_count`, `x_sum`, `x_bucket` with the label `le`, or a gauge. See
/// [`Change`] for what counts.
///
/// ```
/// # use tallymark::{counter, testing};
/// #[counter(name = "orders_total")]
/// fn place_order() {}
///
/// assert_eq!(testing::change("orders_total", [], || place_order()), 1.0);
/// ```
///
/// # Panics
/// Where there is no such metric, or it has no such label: the message says what is near.
#[track_caller]
#[inline]
pub fn change<'a, R>(
    name: &str,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    block: impl FnOnce() -> R,
) -> f64 {
    let change = Change::of(name, labels);
    block();
    change.on_this_thread()
}

/// By how much a sample of the global registry changes while this runs, by what **all threads** of the process do. What
/// that returns is dropped.
///
/// ```
/// # use tallymark::{counter, testing};
/// #[counter(name = "parcels_total")]
/// fn pack() {}
///
/// let packed = testing::process_change("parcels_total", [], || std::thread::spawn(pack).join());
/// assert_eq!(packed, 1.0);
/// ```
///
/// # Panics
/// As [`change`].
#[track_caller]
#[inline]
pub fn process_change<'a, R>(
    name: &str,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    block: impl FnOnce() -> R,
) -> f64 {
    let change = Change::of(name, labels);
    block();
    change.in_process()
}

/// Makes sure that a sample of the global registry changes by so much while this runs, by what **this thread** does. Gives
/// what that returns.
///
/// Whole numbers must be equal, others to nine digits.
///
/// ```
/// # use tallymark::{count_exceptions, testing};
/// #[count_exceptions(Err, name = "refused_total")]
/// fn place_order(items: u32) -> Result<u32, ()> {
///     if items > 0 { Ok(items) } else { Err(()) }
/// }
///
/// let order = testing::assert_change("refused_total", [], 0, || place_order(3));
/// assert_eq!(order, Ok(3));
/// testing::assert_change("refused_total", [], 1, || place_order(0).unwrap_err());
/// ```
///
/// # Panics
/// Where it changes by anything else, and as [`change`].
#[track_caller]
#[inline]
pub fn assert_change<'a, R>(
    name: &str,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    by: impl Into<Number>,
    block: impl FnOnce() -> R,
) -> R {
    let change = Change::of(name, labels);
    let result = block();
    change.assert_on_this_thread(by);
    result
}

/// Makes sure that a sample of the global registry changes by so much while this runs, by what **all threads** of the
/// process do. Gives what that returns.
///
/// # Panics
/// As [`assert_change`].
#[track_caller]
#[inline]
pub fn assert_process_change<'a, R>(
    name: &str,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    by: impl Into<Number>,
    block: impl FnOnce() -> R,
) -> R {
    let change = Change::of(name, labels);
    let result = block();
    change.assert_in_process(by);
    result
}

/// By how much a sample has changed since this was made: what [`change`] does for a block, for code that is none, such as
/// a test that awaits.
///
/// ```
/// # use tallymark::{counter, testing::Change};
/// #[counter(name = "mails_total")]
/// async fn send() {}
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() {
///     let mails = Change::of("mails_total", []);
///     send().await;
///     send().await;
///     mails.assert_on_this_thread(2);
/// }
/// ```
///
/// # What this thread has counted
///
/// Each thread counts in cells of its own, and [`on_this_thread`](Self::on_this_thread) reads those of the present one
/// alone. So tests that run side by side may each ask what they have counted themselves, although all count in the same
/// series. What a thread that the test has started counts is not among it: [`in_process`](Self::in_process) has that
/// too, and what every other test counts meanwhile.
///
/// These are one number for all threads, and change alike for all of them:
///
/// - a gauge that has been set, and one that shows what a function returns. One that only goes up and down is counted by
///   threads;
/// - a quantile of a summary, whose count and sum are counted by threads;
/// - the states of a state set;
/// - whatever a collector of one's own gives.
///
/// The same holds for all that a thread counts that has no cells of its own: there are 64 threads at once that have some,
/// or four a core where that is more, and a thread that is ending has none any more.
///
/// # What comes and goes
///
/// A series that isn't there reads 0. So one that is made meanwhile changes by all that it has counted; one that is
/// removed, by what it had. Taking a counter back to 0 changes the process's number, and nothing of what a thread has
/// counted.
#[derive(Debug)]
#[must_use = "it says by how much the sample has changed when it is asked"]
pub struct Change {
    registry: Registry,
    name: String,
    labels: Vec<(String, String)>,
    before: Reading,
    /// Whether this thread had cells of its own.
    had_shard: bool,
    _apart: Apart,
    /// It is about the thread that made it.
    _thread: PhantomData<*const ()>,
}

/// What a sample reads.
#[derive(Clone, Copy, Debug)]
struct Reading {
    all: Option<Number>,
    /// What this thread has counted of it.
    own: Option<Number>,
}

impl Reading {
    /// Whether what is not this thread's can be told from what is.
    #[inline]
    fn is_parted(&self) -> bool {
        self.own.is_some() || self.all.is_none()
    }
}

impl Change {
    /// Of a sample of the global registry, by its name and exactly its labels in any order.
    #[inline]
    pub fn of<'a>(name: &str, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::of_registry(Registry::global(), name, labels)
    }

    /// The same of another registry.
    ///
    /// ```
    /// use tallymark::{Gauge, Registry, testing::Change};
    ///
    /// let registry = Registry::new();
    /// let waiting = Gauge::new("waiting", "Who waits.")?;
    /// registry.register(&waiting)?;
    /// let change = Change::of_registry(&registry, "waiting", []);
    /// waiting.inc_by(2.0);
    /// waiting.dec();
    /// assert_eq!(change.on_this_thread(), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn of_registry<'a>(
        registry: &Registry,
        name: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let labels = labels.into_iter().map(|(label, value)| (label.to_owned(), value.to_owned())).collect();
        Self::begin(registry.clone(), name.to_owned(), labels)
    }

    #[inline]
    fn begin(registry: Registry, name: String, labels: Vec<(String, String)>) -> Self {
        // First, so that nothing that is counted from here on is in what all threads share.
        let apart = Apart::begin();
        let had_shard = Apart::has_shard();
        let before = Reading { all: None, own: None };
        let mut change = Self { registry, name, labels, before, had_shard, _apart: apart, _thread: PhantomData };
        change.before = change.read();
        change
    }

    /// By how much the sample has changed by what this thread has done.
    ///
    /// # Panics
    /// Where there is no such metric, or it has no such label: the message says what is near.
    #[must_use]
    #[track_caller]
    #[inline]
    pub fn on_this_thread(&self) -> f64 {
        self.own_difference(self.checked())
    }

    /// By how much the sample has changed by what all threads of the process have done.
    ///
    /// # Panics
    /// As [`on_this_thread`](Self::on_this_thread).
    #[must_use]
    #[track_caller]
    #[inline]
    pub fn in_process(&self) -> f64 {
        difference(self.before.all, self.checked().all)
    }

    /// Makes sure that the sample has changed by so much by what this thread has done. Whole numbers must be equal, others
    /// to nine digits.
    ///
    /// # Panics
    /// Where it has changed by anything else, and as [`on_this_thread`](Self::on_this_thread).
    #[track_caller]
    #[inline]
    pub fn assert_on_this_thread(&self, by: impl Into<Number>) {
        let now = self.checked();
        if let Some(fault) = self.fault(now, self.own_difference(now), by.into(), "on this thread") {
            panic!("{fault}");
        }
    }

    /// Makes sure that the sample has changed by so much by what all threads of the process have done.
    ///
    /// # Panics
    /// As [`assert_on_this_thread`](Self::assert_on_this_thread).
    #[track_caller]
    #[inline]
    pub fn assert_in_process(&self, by: impl Into<Number>) {
        let now = self.checked();
        let change = difference(self.before.all, now.all);
        if let Some(fault) = self.fault(now, change, by.into(), "in the process") {
            panic!("{fault}");
        }
    }

    #[inline]
    fn labels(&self) -> Vec<(&str, &str)> {
        self.labels.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect()
    }

    #[inline]
    fn read(&self) -> Reading {
        let labels = self.labels();
        Reading { all: self.registry.sample(&self.name, &labels), own: self.registry.own_sample(&self.name, &labels) }
    }

    /// What it reads now, if it can read anything.
    #[track_caller]
    #[inline]
    fn checked(&self) -> Reading {
        let now = self.read();
        if self.before.all.is_none()
            && now.all.is_none()
            && let Some(fault) = near::fault(&self.registry, &self.name, &self.labels())
        {
            panic!("{fault}");
        }
        now
    }

    #[inline]
    fn own_difference(&self, now: Reading) -> f64 {
        if self.had_shard && Apart::has_shard() && self.before.is_parted() && now.is_parted() {
            difference(self.before.own, now.own)
        } else {
            difference(self.before.all, now.all)
        }
    }

    /// Says that it has not changed by so much.
    #[inline]
    fn fault(&self, now: Reading, change: f64, by: Number, by_whom: &str) -> Option<String> {
        let by = by.as_f64();
        let read = |number: Option<Number>| number.map_or(0.0, Number::as_f64);
        let (before, after) = (read(self.before.all), read(now.all));
        if is_near(change, by, &[before, after, read(self.before.own), read(now.own)]) {
            return None;
        }
        let sample = rendered(&self.name, self.labels().into_iter());
        let mut fault =
            format!("`{sample}` changed by {change} {by_whom}, not by {by}; it read {before}, and reads {after}");
        if now.all.is_none() {
            let others = others(&self.registry, &self.name);
            let near = near::series(&sample, &others);
            fault.push_str("; there is no such series");
            if !near.is_empty() {
                fault.push_str(", but ");
                fault.push_str(&near::listed(&near));
            }
        } else if !is_near(change, after - before, &[before, after]) {
            fault.push_str("; the rest is what other threads counted");
        }
        Some(fault)
    }
}

/// What there isn't is 0.
#[inline]
fn difference(before: Option<Number>, after: Option<Number>) -> f64 {
    let integer = |number: Option<Number>| match number {
        None => Some(0),
        Some(Number::Unsigned(number)) => Some(i128::from(number)),
        Some(Number::Signed(number)) => Some(i128::from(number)),
        Some(Number::Float(_)) => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "the change is an `f64`")]
    if let (Some(before), Some(after)) = (integer(before), integer(after)) {
        return (after - before) as f64;
    }
    let float = |number: Option<Number>| number.map_or(0.0, Number::as_f64);
    let (before, after) = (float(before), float(after));
    // Of what has reached infinity nothing can be subtracted.
    if before.to_bits() == after.to_bits() { 0.0 } else { after - before }
}

/// Whole numbers are equal, others to nine digits, as far as the numbers whose difference it is have so many.
#[inline]
fn is_near(change: f64, by: f64, read: &[f64]) -> bool {
    let off = (change - by).abs();
    let largest = read.iter().map(|number| number.abs()).fold(0.0, f64::max);
    let whole = [change, by].iter().chain(read).all(|number| number.fract() == 0.0);
    off == 0.0 || change.to_bits() == by.to_bits() || (!whole && off <= by.abs() * 1e-9 + largest * 64.0 * f64::EPSILON)
}

/// A sample as it stands on a page.
#[inline]
fn rendered<'a>(name: &str, labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    push_labels(&mut text, labels);
    if text.is_empty() { name.to_owned() } else { format!("{name}{{{text}}}") }
}

/// The series of the family of a sample.
#[inline]
fn others(registry: &Registry, name: &str) -> Vec<String> {
    let families = registry.gather();
    let of_sample = |family: &&MetricFamily| {
        let suffix = name.strip_prefix(family.name());
        suffix.is_some_and(|suffix| family.kind().sample_suffixes().contains(&suffix))
    };
    let series = families.iter().find(of_sample).map_or(&[][..], MetricFamily::series);
    series.iter().map(|series| rendered(name, series.labels())).collect()
}
