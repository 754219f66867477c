//! Counting what fails, by hand.

use std::thread;

use super::counter::{Counter, CounterSeries, CounterValue};

/// What counts calls: a counter without labels, or a series of one.
pub trait Count {
    /// Counts one.
    fn count(&self);
}

impl<T: Count> Count for &T {
    #[inline]
    fn count(&self) {
        T::count(self);
    }
}

/// The same methods on an unlabelled counter, and on a series of a labelled one.
macro_rules! exception_methods {
    ($on:ty, |$this:ident| $series:expr) => {
        impl<V: CounterValue> Count for $on {
            #[inline]
            fn count(&self) {
                self.inc();
            }
        }

        impl<V: CounterValue> $on {
            /// Runs a function, and adds 1 if it returns an `Err`, which goes on to the caller. A panic goes on too, and is
            /// counted by [`count_panics`](Self::count_panics).
            ///
            /// ```
            /// let failures = tallymark::Counter::new("parse_failures_total", "Texts that were no numbers.")?;
            /// let n: Result<u32, _> = failures.count_exceptions(|| "7".parse());
            /// let none: Result<u32, _> = failures.count_exceptions(|| {
            ///     let n: u32 = "seven".parse()?;       // leaves the closure
            ///     Ok::<_, std::num::ParseIntError>(n)
            /// });
            /// assert_eq!((n, none.is_err(), failures.get()), (Ok(7), true, 1));
            /// # Ok::<(), tallymark::Error>(())
            /// ```
            ///
            /// # Errors
            /// Those of the function.
            pub fn count_exceptions<T, E>(&self, run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
                self.count_exceptions_if(|_| true, run)
            }

            /// Runs a function, and adds 1 if it returns an `Err` of which this is true.
            ///
            /// ```
            /// # use std::io::{self, ErrorKind};
            /// # let missing = tallymark::Counter::new("files_missing_total", "Files that were not there.")?;
            /// let text = missing.count_exceptions_if(
            ///     |error: &io::Error| error.kind() == ErrorKind::NotFound,
            ///     || std::fs::read_to_string("/not/there"),
            /// );
            /// # assert_eq!((text.is_err(), missing.get()), (true, 1));
            /// # Ok::<(), tallymark::Error>(())
            /// ```
            ///
            /// # Errors
            /// Those of the function.
            pub fn count_exceptions_if<T, E>(
                &self,
                counts: impl FnOnce(&E) -> bool,
                run: impl FnOnce() -> Result<T, E>,
            ) -> Result<T, E> {
                run().inspect_err(|error| {
                    if counts(error) {
                        self.inc();
                    }
                })
            }

            /// Adds 1 if a future gives an `Err`, which goes on to who awaits it.
            ///
            /// # Errors
            /// Those of the future.
            pub fn count_exceptions_async<T, E, F>(
                &self,
                future: F,
            ) -> impl Future<Output = Result<T, E>> + use<T, E, F, V>
            where
                F: Future<Output = Result<T, E>>,
            {
                self.count_exceptions_if_async(|_| true, future)
            }

            /// Adds 1 if a future gives an `Err` of which this is true.
            ///
            /// # Errors
            /// Those of the future.
            pub fn count_exceptions_if_async<T, E, F, P>(
                &self,
                counts: P,
                future: F,
            ) -> impl Future<Output = Result<T, E>> + use<T, E, F, P, V>
            where
                F: Future<Output = Result<T, E>>,
                P: FnOnce(&E) -> bool,
            {
                let $this = self;
                let series: CounterSeries<V> = $series;
                async move {
                    let result = future.await;
                    series.count_exceptions_if(counts, || result)
                }
            }

            /// Adds 1 if the thread panics before the guard is dropped: where the panic leaves the block in which the
            /// guard stands.
            ///
            /// ```
            /// # fn work() {}
            /// # let panics = tallymark::Counter::new("worker_panics_total", "Panics of workers.")?;
            /// let _guard = panics.count_panics();
            /// work();
            /// # drop(_guard);
            /// # assert_eq!(panics.get(), 0);
            /// # Ok::<(), tallymark::Error>(())
            /// ```
            ///
            /// A guard that is held in a future counts whatever panic drops the future.
            #[inline]
            pub fn count_panics(&self) -> PanicCount<CounterSeries<V>> {
                let $this = self;
                PanicCount::new($series)
            }
        }
    };
}

exception_methods!(Counter<(), V>, |this| this.series());
exception_methods!(CounterSeries<V>, |this| this.clone());

/// Counts a panic that passes: see [`count_panics`](CounterSeries::count_panics).
///
/// One that starts while the thread is unwinding, in a destructor, and panics all the same, is not counted: whoever
/// catches that is in the destructor too.
#[derive(Debug)]
#[must_use = "it counts the panics that happen before it is dropped"]
pub struct PanicCount<C: Count = CounterSeries> {
    counter: C,
    unwinding_before: bool,
}

impl<C: Count> PanicCount<C> {
    #[doc(hidden)]
    #[inline]
    pub fn new(counter: C) -> Self {
        Self { counter, unwinding_before: thread::panicking() }
    }
}

impl<C: Count> Drop for PanicCount<C> {
    #[inline]
    fn drop(&mut self) {
        if thread::panicking() && !self.unwinding_before {
            self.counter.count();
        }
    }
}
