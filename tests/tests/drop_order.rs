//! A marked function drops its arguments, its locals and its temporaries in the order in which the same function
//! without marks does.

#![allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    unused_assignments,
    unused_mut,
    unused_variables,
    reason = "what is taken, bound and dropped is what is tested, also where it is used nowhere"
)]

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tallymark::{count_exceptions, counter, gauge, histogram};

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(text: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(text.into()));
}

/// What an action logs.
fn logged<T>(action: impl FnOnce() -> T) -> Vec<String> {
    LOG.take();
    let result = catch_unwind(AssertUnwindSafe(action));
    log(if result.is_ok() { "returned" } else { "panicked" });
    drop(result);
    LOG.take()
}

/// Says when it is dropped.
struct D(&'static str);

impl D {
    fn same(&self) -> &Self {
        self
    }

    fn text(&self) -> &'static str {
        self.0
    }
}

impl Drop for D {
    fn drop(&mut self) {
        log(self.0);
    }
}

struct Pair {
    a: D,
    b: D,
}

fn pair(a: &'static str, b: &'static str) -> Pair {
    Pair { a: D(a), b: D(b) }
}

/// Goes on at the second poll.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls a future so often, and drops it then.
fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            log("ready");
            return Some(output);
        }
        log("pending");
    }
    None
}

/// The function without marks, measured on entry, inspected, and with a label from what the arguments bind, known on
/// entry and on return.
macro_rules! in_five_ways {
    ($a:ident $($function:tt)*) => {
        mod unmarked {
            #[allow(unused_imports)]
            use super::*;
            $($function)*
        }
        mod plain {
            #[allow(unused_imports)]
            use super::*;
            #[counter(namespace = "plain")]
            #[histogram(namespace = "plain")]
            #[gauge(namespace = "plain", track_inprogress)]
            $($function)*
        }
        mod inspected {
            #[allow(unused_imports)]
            use super::*;
            #[counter(namespace = "inspected", outcome)]
            #[histogram(namespace = "inspected")]
            #[gauge(namespace = "inspected", track_inprogress)]
            #[count_exceptions(namespace = "inspected", panic)]
            $($function)*
        }
        mod labelled {
            #[allow(unused_imports)]
            use super::*;
            #[counter(namespace = "labelled", labels(text: &str = $a.text()))]
            #[histogram(namespace = "labelled", labels(text: &str = $a.text()))]
            $($function)*
        }
        mod inspected_labelled {
            #[allow(unused_imports)]
            use super::*;
            #[counter(namespace = "inspected_labelled", outcome, labels(text: &str = $a.text()))]
            #[histogram(namespace = "inspected_labelled", labels(text: &str = $a.text()))]
            #[gauge(namespace = "inspected_labelled", track_inprogress, labels(text: &str = $a.text()))]
            #[count_exceptions(namespace = "inspected_labelled", panic, labels(text: &str = $a.text()))]
            $($function)*
        }
    };
}

macro_rules! alike {
    ($($name:ident($a:ident): { $($function:tt)* } => $call:expr;)*) => {$(
        mod $name {
            use super::*;

            in_five_ways! {
                $a pub(super) $($function)*
            }

            #[test]
            fn drops_alike() {
                let expected = { #[allow(unused_imports)] use unmarked::*; logged(|| $call) };
                assert!(expected.len() > 2, "{expected:?}");
                assert_eq!({ #[allow(unused_imports)] use plain::*; logged(|| $call) }, expected, "plain");
                assert_eq!({ #[allow(unused_imports)] use inspected::*; logged(|| $call) }, expected, "inspected");
                assert_eq!({ #[allow(unused_imports)] use labelled::*; logged(|| $call) }, expected, "labelled");
                assert_eq!({ #[allow(unused_imports)] use inspected_labelled::*; logged(|| $call) }, expected, "inspected, labelled");
            }
        }
    )*};
}

/// The same for futures: never polled, dropped at an await, and run to the end.
macro_rules! futures_alike {
    ($($name:ident($a:ident): { $($function:tt)* } => $call:expr;)*) => {$(
        mod $name {
            use super::*;

            in_five_ways! {
                $a pub(super) $($function)*
            }

            #[test]
            fn drops_alike() {
                for times in 0..3 {
                    let expected = { #[allow(unused_imports)] use unmarked::*; logged(|| polled($call, times)) };
                    assert!(expected.len() > 2, "{expected:?}");
                    assert_eq!({ #[allow(unused_imports)] use plain::*; logged(|| polled($call, times)) }, expected, "plain, polled {times} times");
                    assert_eq!({ #[allow(unused_imports)] use inspected::*; logged(|| polled($call, times)) }, expected, "inspected, polled {times} times");
                    assert_eq!({ #[allow(unused_imports)] use labelled::*; logged(|| polled($call, times)) }, expected, "labelled, polled {times} times");
                    assert_eq!(
                        { #[allow(unused_imports)] use inspected_labelled::*; logged(|| polled($call, times)) }, expected, "inspected, labelled, polled {times} times"
                    );
                }
            }
        }
    )*};
}

alike! {
    nothing_used(a): { fn nothing_used(a: D, b: D) {} } => nothing_used(D("a"), D("b"));
    locals(a): { fn locals(a: D, b: D) { let c = D("c"); let d = D("d"); log("body"); } } => locals(D("a"), D("b"));
    moved(a): { fn moved(a: D, b: D, c: D) -> D { drop(b); let d = D("d"); c } } => moved(D("a"), D("b"), D("c"));
    moved_in_order(a): { fn moved_in_order(mut a: D, b: D, mut c: D) { let one = c; let two = a; } } => moved_in_order(D("a"), D("b"), D("c"));
    used_backwards(a): { fn used_backwards(a: D, b: D, c: D) { log(c.0); log(a.0); } } => used_backwards(D("a"), D("b"), D("c"));
    assigned(a): { fn assigned(mut a: D, mut b: D) { b = D("b2"); a = D("a2"); log("body"); } } => assigned(D("a"), D("b"));
    shadowed(a): { fn shadowed(a: D, b: D) { let b = D("b2"); let a = D("a2"); } } => shadowed(D("a"), D("b"));
    wild(a): { fn wild(_: D, a: D, _: D, b: D) { log("body"); } } => wild(D("1"), D("a"), D("2"), D("b"));
    underscored(a): { fn underscored(a: D, _b: D, _c: D) { log("body"); } } => underscored(D("a"), D("b"), D("c"));
    tuples(a): { fn tuples((a, b): (D, D), c: D) { log("body"); } } => tuples((D("a"), D("b")), D("c"));
    partly(a): { fn partly((a, _): (D, D), (_, b): (D, D)) { log("body"); } } => partly((D("a"), D("1")), (D("2"), D("b")));
    partly_nested(a): {
        fn partly_nested(((a, _), mut b): ((D, D), D), (_, (c, _)): (D, (D, D)), d: D) { drop(c); }
    } => partly_nested(((D("a"), D("1")), D("b")), (D("2"), (D("c"), D("3"))), D("d"));
    structure(a): { fn structure(Pair { a, b }: Pair, c: D) { log("body"); } } => structure(pair("a", "b"), D("c"));
    structure_backwards(a): { fn structure_backwards(Pair { b, a }: Pair, c: D) { log("body"); } } => structure_backwards(pair("a", "b"), D("c"));
    structure_partly(a): { fn structure_partly(c: D, Pair { a, .. }: Pair, d: D) { log("body"); } } => structure_partly(D("c"), pair("a", "b"), D("d"));
    arrays(a): { fn arrays([a, .., b]: [D; 4], c: D) { log("body"); } } => arrays([D("a"), D("1"), D("2"), D("b")], D("c"));
    arrays_rest(a): { fn arrays_rest([a, rest @ ..]: [D; 3], c: D) { log("body"); } } => arrays_rest([D("a"), D("1"), D("2")], D("c"));
    refs(a): { fn refs(b: D, ref a: D, c: D) { log("body"); } } => refs(D("b"), D("a"), D("c"));
    refs_partly(a): { fn refs_partly((ref a, ref mut b): (D, D), c: D) { log("body"); } } => refs_partly((D("a"), D("b")), D("c"));
    early(a): { fn early(a: D, b: D) -> Result<D, D> { let c = D("c"); if b.0 == "b" { return Err(b); } let d = D("d"); Ok(a) } } => early(D("a"), D("b"));
    question_mark(a): {
        fn question_mark(a: D, (b, _): (D, D)) -> Option<D> { let c = D("c"); None::<()>?; Some(b) }
    } => question_mark(D("a"), (D("b"), D("1")));
    panics(a): { fn panics(a: D, (b, _): (D, D), _: D) -> D { let c = D("c"); panic!("on purpose") } } => panics(D("a"), (D("b"), D("1")), D("2"));
    temporaries(a): { fn temporaries(a: D, b: D) -> usize { let c = D("c"); D("t").same().text().len() + a.text().len() } } => temporaries(D("a"), D("b"));
    temporaries_of_arguments(a): {
        fn temporaries_of_arguments(a: D, (b, _): (D, D)) -> usize { match (D("t"), b.same()) { (t, b) => t.text().len() } }
    } => temporaries_of_arguments(D("a"), (D("b"), D("1")));
}

futures_alike! {
    future_nothing_used(a): { async fn future_nothing_used(a: D, b: D) { pause().await; } } => future_nothing_used(D("a"), D("b"));
    future_locals(a): { async fn future_locals(a: D, b: D) { let c = D("c"); pause().await; let d = D("d"); } } => future_locals(D("a"), D("b"));
    future_moved(a): { async fn future_moved(a: D, b: D, mut c: D) -> D { drop(b); let d = D("d"); pause().await; c } } => future_moved(D("a"), D("b"), D("c"));
    future_used_backwards(a): { async fn future_used_backwards(a: D, b: D, c: D) { log(c.0); pause().await; log(a.0); } } => future_used_backwards(D("a"), D("b"), D("c"));
    future_wild(a): { async fn future_wild(_: D, a: D, _: D, b: D) { pause().await; } } => future_wild(D("1"), D("a"), D("2"), D("b"));
    future_partly(a): {
        async fn future_partly((a, _): (D, D), (_, b): (D, D), Pair { b: c, .. }: Pair) { pause().await; log("body"); }
    } => future_partly((D("a"), D("1")), (D("2"), D("b")), pair("3", "c"));
    future_tuples(a): { async fn future_tuples((a, b): (D, D), [c, .., d]: [D; 3]) { pause().await; } } => future_tuples((D("a"), D("b")), [D("c"), D("1"), D("d")]);
    future_refs(a): { async fn future_refs(b: D, ref a: D, (ref mut c, d): (D, D)) { pause().await; } } => future_refs(D("b"), D("a"), (D("c"), D("d")));
    future_early(a): { async fn future_early(a: D, (b, _): (D, D)) -> Result<D, D> { let c = D("c"); pause().await; Err(b)?; Ok(a) } } => future_early(D("a"), (D("b"), D("1")));
    future_panics(a): { async fn future_panics(a: D, (b, _): (D, D)) -> D { let c = D("c"); pause().await; panic!("on purpose") } } => future_panics(D("a"), (D("b"), D("1")));
    future_temporaries(a): { async fn future_temporaries(a: D, b: D) -> usize { pause().await; D("t").same().text().len() + a.text().len() } } => future_temporaries(D("a"), D("b"));
    future_by_hand(a): { fn future_by_hand(a: D, b: D, c: D) -> impl Future<Output = D> { async move { let _ = &a; let _ = &c; pause().await; log("body"); b } } } => future_by_hand(D("a"), D("b"), D("c"));
    future_boxed(a): {
        fn future_boxed(a: D, b: D) -> Pin<Box<dyn Future<Output = Option<D>>>> { Box::pin(async move { let c = D("c"); let _ = &a; pause().await; None::<()>?; Some(b) }) }
    } => future_boxed(D("a"), D("b"));
}

/// Methods that take `self` by value, of a type that stands for how they are marked.
macro_rules! consumers {
    ($a:ident; $($(#[$mark:meta])* $how:literal;)*) => {
        struct Consumed<const HOW: u8> {
            one: D,
            two: D,
        }

        /// Has a destructor of its own, so that nothing can be moved out of it.
        struct Whole<const HOW: u8>(D);

        impl<const HOW: u8> Drop for Whole<HOW> {
            fn drop(&mut self) {
                log("whole");
            }
        }

        fn consumed<const HOW: u8>() -> Consumed<HOW> {
            Consumed { one: D("one"), two: D("two") }
        }

        trait Consume {
            fn ways() -> Vec<Vec<String>>;
        }

        $(
            impl Consumed<$how> {
                consumers! { @ [$(#[$mark])*] fn unused(self, $a: D) { let b = D("b"); } }
                consumers! { @ [$(#[$mark])*] fn one(self, _: D, $a: D) -> D { let b = D("b"); self.one } }
                consumers! { @ [$(#[$mark])*] fn two(mut self, $a: D, (b, _): (D, D)) -> D { self.one = D("new"); drop($a); self.two } }
                consumers! { @ [$(#[$mark])*] fn both(self, $a: D) -> (D, D) { (self.two, self.one) } }
                consumers! { @ [$(#[$mark])*] fn boxed(self: Box<Self>, $a: D) -> D { let b = D("b"); self.two } }
                consumers! { @ [$(#[$mark])*] async fn later(self, $a: D, _: D) -> D { let b = D("b"); pause().await; self.two } }
                consumers! { @ [$(#[$mark])*] async fn later_unused(self, $a: D) { pause().await; } }
            }

            impl Whole<$how> {
                consumers! { @ [$(#[$mark])*] fn unused_whole(self, $a: D) { log("body"); } }
                consumers! { @ [$(#[$mark])*] fn used_whole(self, $a: D) { log(self.0.text()); } }
                consumers! { @ [$(#[$mark])*] fn dropped_whole(self, $a: D, b: D) { drop(self); log("body"); } }
            }

            impl Consume for Consumed<$how> {
                fn ways() -> Vec<Vec<String>> {
                    let mut ways = vec![
                        logged(|| consumed::<$how>().unused(D("a"))),
                        logged(|| consumed::<$how>().one(D("1"), D("a"))),
                        logged(|| consumed::<$how>().two(D("a"), (D("b"), D("1")))),
                        logged(|| consumed::<$how>().both(D("a"))),
                        logged(|| Box::new(consumed::<$how>()).boxed(D("a"))),
                        logged(|| Whole::<$how>(D("inner")).unused_whole(D("a"))),
                        logged(|| Whole::<$how>(D("inner")).used_whole(D("a"))),
                        logged(|| Whole::<$how>(D("inner")).dropped_whole(D("a"), D("b"))),
                    ];
                    for times in 0..3 {
                        ways.push(logged(|| polled(consumed::<$how>().later(D("a"), D("1")), times)));
                        ways.push(logged(|| polled(consumed::<$how>().later_unused(D("a")), times)));
                    }
                    ways
                }
            }
        )*
    };
    (@ [$(#[$mark:meta])*] $($function:tt)*) => { $(#[$mark])* $($function)* };
}

consumers! {
    a;
    0;
    #[counter(namespace = "plain")] #[histogram(namespace = "plain")] #[gauge(namespace = "plain", track_inprogress)] 1;
    #[counter(namespace = "inspected", outcome)] #[histogram(namespace = "inspected")] #[count_exceptions(namespace = "inspected", panic)] 2;
    #[counter(namespace = "labelled", outcome, labels(text: &str = a.text()))] #[histogram(namespace = "labelled", labels(text: &str = a.text()))] 3;
}

#[test]
fn self_by_value_is_dropped_alike() {
    let expected = Consumed::<0>::ways();
    assert!(expected.iter().all(|way| way.len() > 3), "{expected:?}");
    assert_eq!(Consumed::<1>::ways(), expected, "plain");
    assert_eq!(Consumed::<2>::ways(), expected, "inspected");
    assert_eq!(Consumed::<3>::ways(), expected, "inspected, labelled");
}

/// Of the two attributes of a function by `#[async_trait]` the marks come second, and see what that has made of it.
mod async_traits {
    use super::*;

    #[async_trait::async_trait(?Send)]
    trait Consume {
        async fn consume(self, _: D, a: D, (b, _): (D, D), mut c: D) -> Option<D>;
    }

    struct Consumer<const HOW: u8>(D);

    macro_rules! consumer {
        ($a:ident; $($(#[$mark:meta])* $how:literal;)*) => {$(
            #[async_trait::async_trait(?Send)]
            impl Consume for Consumer<$how> {
                $(#[$mark])*
                async fn consume(self, _: D, $a: D, (b, _): (D, D), mut c: D) -> Option<D> {
                    let d = D("d");
                    pause().await;
                    None::<()>?;
                    Some(b)
                }
            }
        )*};
    }

    consumer! {
        a;
        0;
        #[counter(namespace = "plain")] #[histogram(namespace = "plain")] #[gauge(namespace = "plain", track_inprogress)] 1;
        #[counter(namespace = "inspected", outcome)] #[histogram(namespace = "inspected")] #[count_exceptions(namespace = "inspected", None)] 2;
        #[counter(namespace = "labelled", outcome, labels(text: &str = a.text()))] 3;
    }

    fn ways<const HOW: u8>() -> Vec<Vec<String>>
    where
        Consumer<HOW>: Consume,
    {
        let future = || Consumer::<HOW>(D("self")).consume(D("1"), D("a"), (D("b"), D("2")), D("c"));
        (0..3).map(|times| logged(|| polled(future(), times))).collect()
    }

    #[test]
    fn arguments_are_dropped_alike() {
        let expected = ways::<0>();
        assert_eq!(ways::<1>(), expected, "plain");
        assert_eq!(ways::<2>(), expected, "inspected");
        // Its first poll reads the label: the block names that argument first, and so a future that is never polled
        // drops it first.
        assert_eq!(ways::<3>()[1..], expected[1..], "labelled");
    }
}
