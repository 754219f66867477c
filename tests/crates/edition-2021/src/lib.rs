//! Where a temporary at the end of a body is dropped behind the body's locals, as it was before the edition of 2024.

use std::cell::RefCell;
use std::future::Future;

use tallymark::{count_exceptions, counter, gauge, histogram};

/// Says when it is dropped.
pub struct Dropped<'a>(&'a RefCell<Vec<&'static str>>, &'static str);

impl Dropped<'_> {
    fn length(&self) -> usize {
        self.1.len()
    }
}

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

macro_rules! twins {
    ($(#[$mark:meta])* $name:ident) => {
        /// The same function with other marks.
        pub mod $name {
            use super::*;

            /// Its last expression makes a temporary.
            $(#[$mark])*
            pub fn temporaries(log: &RefCell<Vec<&'static str>>, (_argument, _): (Dropped<'_>, Dropped<'_>)) -> usize {
                let _local = Dropped(log, "local");
                Dropped(log, "temporary").length()
            }

            /// Borrows from an argument until its last expression is over.
            $(#[$mark])*
            pub fn borrows(cell: RefCell<String>, _log: &RefCell<Vec<&'static str>>) -> Option<usize> {
                match cell.borrow().chars().next() {
                    None => None,
                    Some(first) => Some(first.len_utf8()),
                }
            }

            /// The same for a future.
            $(#[$mark])*
            pub async fn temporaries_later(log: &RefCell<Vec<&'static str>>, _argument: Dropped<'_>) -> usize {
                let _local = Dropped(log, "local");
                Dropped(log, "temporary").length()
            }

            /// The same for a future by hand.
            $(#[$mark])*
            pub fn temporaries_by_hand<'a>(log: &'a RefCell<Vec<&'static str>>, argument: Dropped<'a>) -> impl Future<Output = usize> + 'a {
                async move {
                    let _argument = argument;
                    let _local = Dropped(log, "local");
                    Dropped(log, "temporary").length()
                }
            }

            /// What it has dropped.
            pub fn dropped() -> Vec<Vec<&'static str>> {
                let log = RefCell::default();
                let mut dropped = Vec::new();
                temporaries(&log, (Dropped(&log, "argument"), Dropped(&log, "rest")));
                dropped.push(log.take());
                borrows(RefCell::new("text".to_owned()), &log);
                run(temporaries_later(&log, Dropped(&log, "argument")));
                dropped.push(log.take());
                run(temporaries_by_hand(&log, Dropped(&log, "argument")));
                dropped.push(log.take());
                dropped
            }
        }
    };
}

fn run<F: Future>(future: F) {
    let mut future = Box::pin(future);
    let waker = std::task::Waker::noop();
    while future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending() {}
}

twins!(unmarked);
twins!(
    #[counter(namespace = "hygiene_plain")]
    #[histogram(namespace = "hygiene_plain")]
    #[gauge(namespace = "hygiene_plain", track_inprogress)]
    plain
);
twins!(
    #[counter(namespace = "hygiene_inspected", outcome)]
    #[histogram(namespace = "hygiene_inspected")]
    #[count_exceptions(namespace = "hygiene_inspected", panic)]
    inspected
);
