//! Calls of marked functions: how they run and how they end.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::label::Outcome;
use crate::snapshot::Number;

/// Runs the body of a function in a closure, where `return` and `?` end. The bound makes the closure own what it
/// captures, so that it may return what it borrows from its arguments.
#[inline]
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Gives a closure its argument's type.
#[inline]
pub fn read<T: ?Sized, R>(result: &T, read: impl FnOnce(&T) -> R) -> R {
    read(result)
}

/// No value, of the type that a body returns: it tells the compiler that type.
#[inline]
#[must_use]
pub fn no_value<T>() -> Option<T> {
    None
}

/// Whether a future is being polled: one that is dropped then has panicked, one that is dropped otherwise was
/// cancelled.
#[derive(Debug, Default)]
pub struct Polled(AtomicBool);

impl Polled {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn is_now(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// Runs the body of an `async fn`, and notes while it is being polled. The body stays where the caller has pinned it: a
/// future of its own would hold it once more.
pub fn watch<'a, F: Future>(
    polled: &'a Polled,
    mut body: Pin<&'a mut F>,
) -> impl Future<Output = F::Output> + use<'a, F> {
    poll_fn(move |context| {
        polled.0.store(true, Relaxed);
        let poll = body.as_mut().poll(context);
        polled.0.store(false, Relaxed);
        poll
    })
}

/// What a call gave.
#[derive(Debug)]
pub struct Ended<'a, T>(pub &'a T);

/// The outcome of a `Result`: found before [`AnyOutcome`], which needs one reference more. The method is called with
/// the user's traits in scope, so its name is one that theirs don't have.
pub trait ResultOutcome {
    fn outcome_of_call(&self) -> Outcome;
}

impl<T, E> ResultOutcome for Ended<'_, Result<T, E>> {
    fn outcome_of_call(&self) -> Outcome {
        if self.0.is_err() { Outcome::Error } else { Outcome::Ok }
    }
}

/// The outcome of what is no `Result`.
pub trait AnyOutcome {
    fn outcome_of_call(&self) -> Outcome;
}

impl<T> AnyOutcome for &Ended<'_, T> {
    fn outcome_of_call(&self) -> Outcome {
        Outcome::Ok
    }
}

/// What `count_exceptions(Err)` reads.
#[diagnostic::on_unimplemented(
    message = "`count_exceptions(Err)` needs a function that returns a `Result`, and this one returns `{Self}`",
    label = "counts the `Err` of a `Result`",
    note = "count `None`, a pattern of the returned value, for example `count_exceptions(Response::Failed)`, or `panic`"
)]
pub trait Fallible {
    fn is_err(&self) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible for Result<T, E> {
    fn is_err(&self) -> bool {
        self.is_err()
    }
}

/// What `count_exceptions(None)` reads.
#[diagnostic::on_unimplemented(
    message = "`count_exceptions(None)` needs a function that returns an `Option`, and this one returns `{Self}`",
    label = "counts the `None` of an `Option`",
    note = "count `Err`, a pattern of the returned value, for example `count_exceptions(Response::Failed)`, or `panic`"
)]
pub trait Optional {
    fn is_none(&self) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T> Optional for Option<T> {
    fn is_none(&self) -> bool {
        self.is_none()
    }
}

/// A number that a metric can show or observe.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number that a metric can show",
    label = "is no number",
    note = "give an integer of up to 64 bits, `f32`, `f64`, `bool`, or a `Duration`, which counts in seconds"
)]
pub trait Measurable {
    fn number(self) -> Number;
}

macro_rules! measurable {
    ($($ty:ty),*) => {
        $(#[diagnostic::do_not_recommend]
        impl Measurable for $ty {
            fn number(self) -> Number {
                self.into()
            }
        })*
    };
}

measurable!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64, bool, Duration, Number);

#[diagnostic::do_not_recommend]
impl<T: Measurable + Copy> Measurable for &T {
    fn number(self) -> Number {
        (*self).number()
    }
}
