//! Marked functions that are polled: how they end, what they are made of, and that their futures stay `Send`.

#![allow(clippy::float_cmp, reason = "counts are whole numbers")]
#![allow(
    clippy::manual_async_fn,
    clippy::needless_pass_by_value,
    clippy::unused_async,
    reason = "how a future is written, and holds its arguments, is what is tested"
)]

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tallymark::{Counter, Histogram, LabelValue, Labels, count_exceptions, counter, gauge, histogram};
use tallymark_tests::{Ends, ON_PURPOSE, family_total, fully_marked, quiet_panics, value};
use tokio::sync::{Barrier, Notify};
use tokio::task::yield_now;

type Answer = Result<u32, String>;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn on_purpose() -> ! {
    panic_any(ON_PURPOSE)
}

/// Polls a future once.
fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

mod ends {
    use super::*;

    fully_marked! { Answer;
        async fn answers(n: u32) -> Answer {
            if n == 0 {
                return Err("none".to_owned());
            }
            yield_now().await;
            let m = n.checked_sub(2).ok_or("small")?;
            yield_now().await;
            Ok(m)
        }
    }

    #[tokio::test]
    async fn a_future_ends_by_its_result() {
        assert_eq!(answers(0).await, Err("none".to_owned()));
        assert_eq!(answers(1).await, Err("small".to_owned()));
        assert_eq!(answers(2).await, Ok(0));
        assert_eq!(Ends::of("answers"), Ends { ok: 1.0, error: 2.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn is_never_polled(n: u32) -> Answer {
            Ok(n)
        }
    }

    #[test]
    fn a_future_that_is_never_polled_counts_nowhere() {
        drop(is_never_polled(1));
        let future = is_never_polled(1);
        assert_eq!(Ends::of("is_never_polled"), Ends::default());
        drop(future);
        assert_eq!(Ends::of("is_never_polled"), Ends::default());
    }

    fully_marked! { Answer;
        async fn waits(n: u32) -> Answer {
            let _guard = String::from("held over the await");
            pending::<()>().await;
            Ok(n)
        }
    }

    #[tokio::test]
    async fn a_future_that_is_dropped_at_an_await_is_cancelled() {
        {
            let mut future = pin!(waits(1));
            assert!(poll_once(future.as_mut()).is_pending());
            assert!(poll_once(future.as_mut()).is_pending());
            assert_eq!(Ends::of("waits"), Ends { running: 1.0, ..Ends::default() });
        }
        assert_eq!(Ends::of("waits"), Ends { cancelled: 1.0, ..Ends::default() });
        tokio::select! {
            biased;
            _ = waits(1) => unreachable!(),
            () = yield_now() => {}
        }
        assert_eq!(Ends::of("waits"), Ends { cancelled: 2.0, ..Ends::default() });
        tokio::time::timeout(Duration::ZERO, waits(1)).await.unwrap_err();
        assert_eq!(Ends::of("waits"), Ends { cancelled: 3.0, ..Ends::default() });
        let task = tokio::spawn(waits(1));
        while Ends::of("waits").running == 0.0 {
            yield_now().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(Ends::of("waits"), Ends { cancelled: 4.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn may_panic(panics: bool) -> Answer {
            yield_now().await;
            if panics {
                on_purpose();
            }
            yield_now().await;
            Ok(1)
        }
    }

    #[tokio::test]
    async fn a_future_that_panics_ends_in_a_panic() {
        quiet_panics();
        assert!(tokio::spawn(may_panic(true)).await.unwrap_err().is_panic());
        assert_eq!(tokio::spawn(may_panic(false)).await.unwrap(), Ok(1));
        assert_eq!(Ends::of("may_panic"), Ends { ok: 1.0, panic: 1.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn is_kept(panics: bool) -> Answer {
            if panics {
                on_purpose();
            }
            Ok(1)
        }
    }

    #[test]
    fn a_future_ends_when_it_ends_and_not_when_it_is_dropped() {
        quiet_panics();
        let mut panicked = Box::pin(is_kept(true));
        catch_unwind(AssertUnwindSafe(|| poll_once(panicked.as_mut()))).unwrap_err();
        assert_eq!(Ends::of("is_kept"), Ends { panic: 1.0, ..Ends::default() });
        let mut ready = Box::pin(is_kept(false));
        assert_eq!(poll_once(ready.as_mut()), Poll::Ready(Ok(1)));
        assert_eq!(Ends::of("is_kept"), Ends { ok: 1.0, panic: 1.0, ..Ends::default() });
        drop((panicked, ready));
        assert_eq!(Ends::of("is_kept"), Ends { ok: 1.0, panic: 1.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn is_dropped_while_unwinding(n: u32) -> Answer {
            pending::<()>().await;
            Ok(n)
        }
    }

    #[count_exceptions(panic)]
    async fn is_dropped_while_unwinding_too() {
        pending::<()>().await;
    }

    #[test]
    fn a_future_that_is_dropped_by_the_panic_of_another_is_cancelled() {
        quiet_panics();
        let unwound = catch_unwind(|| {
            let mut future = pin!(is_dropped_while_unwinding(1));
            let mut other = pin!(is_dropped_while_unwinding_too());
            assert!(poll_once(future.as_mut()).is_pending() && poll_once(other.as_mut()).is_pending());
            on_purpose();
        });
        unwound.unwrap_err();
        assert_eq!(Ends::of("is_dropped_while_unwinding"), Ends { cancelled: 1.0, ..Ends::default() });
        assert_eq!(value("async_functions_is_dropped_while_unwinding_too_exceptions_total", &[]), Some(0.0));
    }

    fully_marked! { Answer;
        async fn runs_within(inner: u32) -> Answer {
            if inner > 0 {
                return Box::pin(runs_within(inner - 1)).await;
            }
            poll_fn(|_| -> Poll<()> { on_purpose() }).await;
            Ok(1)
        }
    }

    #[tokio::test]
    async fn a_panic_counts_in_each_future_that_it_leaves() {
        quiet_panics();
        assert!(tokio::spawn(runs_within(3)).await.unwrap_err().is_panic());
        assert_eq!(Ends::of("runs_within"), Ends { panic: 4.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn recurses(n: u32) -> Answer {
            yield_now().await;
            if n == 0 {
                return Err("bottom".to_owned());
            }
            Box::pin(recurses(n - 1)).await.or(Ok(n))
        }
    }

    #[tokio::test]
    async fn each_future_of_a_recursion_counts() {
        assert_eq!(recurses(5).await, Ok(1));
        assert_eq!(Ends::of("recurses"), Ends { ok: 5.0, error: 1.0, ..Ends::default() });
        let mut halfway = Box::pin(recurses(5));
        assert!(poll_once(halfway.as_mut()).is_pending());
        assert!(poll_once(halfway.as_mut()).is_pending());
        assert_eq!(Ends::of("recurses"), Ends { ok: 5.0, error: 1.0, running: 2.0, ..Ends::default() });
        drop(halfway);
        assert_eq!(Ends::of("recurses"), Ends { ok: 5.0, error: 1.0, cancelled: 2.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn meets(barrier: Arc<Barrier>) -> Answer {
            barrier.wait().await;
            barrier.wait().await;
            Err("met".to_owned())
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn futures_in_many_threads_count_together() {
        let barrier = Arc::new(Barrier::new(101));
        let tasks: Vec<_> = (0..100).map(|_| tokio::spawn(meets(Arc::clone(&barrier)))).collect();
        barrier.wait().await;
        assert_eq!(Ends::of("meets"), Ends { running: 100.0, ..Ends::default() });
        barrier.wait().await;
        for task in tasks {
            task.await.unwrap().unwrap_err();
        }
        assert_eq!(Ends::of("meets"), Ends { error: 100.0, ..Ends::default() });
    }

    fully_marked! { Answer;
        async fn ends_in_four_ways(n: u32, notify: &Notify) -> Answer {
            if n.is_multiple_of(8) {
                on_purpose();
            }
            yield_now().await;
            match n % 8 {
                1 => on_purpose(),
                2 => return Err("early".to_owned()),
                3 => Ok(n),
                _ => {
                    notify.notified().await;
                    Ok(n)
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_cancelled_and_panicked_calls_leave_nothing_in_progress() {
        quiet_panics();
        let notify = Notify::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..100_000 {
                        let mut future = pin!(ends_in_four_ways(n, &notify));
                        for _ in 0..3 {
                            let poll = catch_unwind(AssertUnwindSafe(|| poll_once(future.as_mut())));
                            if !matches!(poll, Ok(Poll::Pending)) {
                                break;
                            }
                        }
                    }
                });
            }
        });
        let eighth = 50_000.0;
        let ends = Ends { ok: eighth, error: eighth, panic: 2.0 * eighth, cancelled: 4.0 * eighth, running: 0.0 };
        assert_eq!(Ends::of("ends_in_four_ways"), ends);
    }

    #[gauge(track_inprogress)]
    #[histogram]
    #[counter]
    async fn is_not_inspected() {
        pending::<()>().await;
    }

    #[test]
    fn what_is_not_inspected_comes_down_too() {
        {
            let mut future = pin!(is_not_inspected());
            assert!(poll_once(future.as_mut()).is_pending());
            assert_eq!(value("async_functions_is_not_inspected_inprogress", &[]), Some(1.0));
        }
        drop(is_not_inspected());
        assert_eq!(value("async_functions_is_not_inspected_inprogress", &[]), Some(0.0));
        assert_eq!(value("async_functions_is_not_inspected_calls_total", &[]), Some(1.0));
        assert_eq!(value("async_functions_is_not_inspected_duration_seconds", &[]), Some(1.0));
    }

    #[counter(outcome)]
    #[count_exceptions(panic)]
    #[gauge(track_inprogress)]
    async fn never_returns(panics: bool) -> ! {
        yield_now().await;
        if panics {
            on_purpose();
        }
        pending().await
    }

    #[tokio::test]
    async fn a_future_that_never_returns_panics_or_is_cancelled() {
        quiet_panics();
        assert!(tokio::spawn(async { never_returns(true).await }).await.unwrap_err().is_panic());
        tokio::time::timeout(Duration::ZERO, never_returns(false)).await.unwrap_err();
        let count = |outcome| value("async_functions_never_returns_calls_total", &[("outcome", outcome)]);
        assert_eq!((count("panic"), count("cancelled"), count("ok")), (Some(1.0), Some(1.0), Some(0.0)));
        assert_eq!(value("async_functions_never_returns_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("async_functions_never_returns_inprogress", &[]), Some(0.0));
    }
}

mod by_hand {
    use super::*;

    fully_marked! { Answer;
        fn as_impl(text: &str) -> impl Future<Output = Answer> + Send + '_ {
            async move {
                yield_now().await;
                Ok(text.parse().map_err(|_| "no number")?)
            }
        }
    }

    fully_marked! { Answer;
        fn as_impl_without_move() -> impl Future<Output = Answer> {
            async {
                if std::env::args().count() == 0 {
                    return Err("no program".to_owned());
                }
                yield_now().await;
                Ok(1)
            }
        }
    }

    fully_marked! { Answer;
        fn as_boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
            Box::pin(async move {
                yield_now().await;
                Ok(text.parse().map_err(|_| "no number")?)
            })
        }
    }

    fully_marked! { Answer;
        fn as_alias(text: &str) -> BoxFuture<'_, Answer> {
            Box::pin(async move {
                yield_now().await;
                let n: u32 = text.parse().map_err(|_| "no number")?;
                Ok(n)
            })
        }
    }

    /// The name that the crate `futures` gives to `Box::pin`.
    trait FutureExt: Future + Sized {
        fn boxed<'a>(self) -> BoxFuture<'a, Self::Output>
        where
            Self: Send + 'a,
        {
            Box::pin(self)
        }
    }

    impl<F: Future> FutureExt for F {}

    fully_marked! { Answer;
        fn as_boxed_behind(text: &str) -> BoxFuture<'_, Answer> {
            async move {
                yield_now().await;
                let n: u32 = text.parse().map_err(|_| "no number")?;
                Ok(n)
            }
            .boxed()
        }
    }

    type Unseen = Pin<Box<dyn Future<Output = Answer>>>;

    fully_marked! { Answer;
        fn as_unseen(text: &'static str) -> Unseen {
            Box::pin(async move {
                yield_now().await;
                let n: u32 = text.parse().map_err(|_| "no number".to_owned())?;
                Ok(n)
            })
        }
    }

    #[tokio::test]
    async fn a_function_whose_whole_body_is_an_async_block_is_measured_as_its_future() {
        macro_rules! check {
            ($($name:ident($($argument:expr)?);)*) => {$(
                drop($name($($argument)?));
                assert_eq!(Ends::of(stringify!($name)), Ends::default());
                assert_eq!($name($($argument)?).await, Ok(1));
                {
                    let mut future = pin!($name($($argument)?));
                    assert!(poll_once(future.as_mut()).is_pending());
                    assert_eq!(Ends::of(stringify!($name)), Ends { ok: 1.0, running: 1.0, ..Ends::default() });
                }
                assert_eq!(Ends::of(stringify!($name)), Ends { ok: 1.0, cancelled: 1.0, ..Ends::default() });
            )*};
        }
        check! { as_impl("1"); as_impl_without_move(); as_boxed("1"); as_alias("1"); as_boxed_behind("1"); as_unseen("1"); }
        as_impl("x").await.unwrap_err();
        as_boxed("x").await.unwrap_err();
        assert_eq!(Ends::of("as_impl"), Ends { ok: 1.0, error: 1.0, cancelled: 1.0, ..Ends::default() });
        assert_eq!(Ends::of("as_boxed"), Ends { ok: 1.0, error: 1.0, cancelled: 1.0, ..Ends::default() });
    }

    #[counter(outcome)]
    #[gauge(track_inprogress)]
    fn makes_a_future(n: u32) -> impl Future<Output = Result<u32, ()>> {
        let n = n + 1;
        async move { if n == 0 { Err(()) } else { Ok(n) } }
    }

    #[tokio::test]
    async fn a_function_that_does_more_than_its_async_block_is_measured_as_it_runs() {
        let future = makes_a_future(1);
        assert_eq!(value("async_functions_makes_a_future_calls_total", &[("outcome", "ok")]), Some(1.0));
        assert_eq!(value("async_functions_makes_a_future_inprogress", &[]), Some(0.0));
        assert_eq!(future.await, Ok(2));
    }
}

mod async_traits {
    use super::*;

    #[async_trait::async_trait]
    trait Shop {
        async fn sell(&mut self, book: &str, copies: u32) -> Result<u32, String>;

        #[counter(outcome, labels(title, copies: u32))]
        #[count_exceptions(labels(title))]
        #[histogram(labels(title))]
        #[gauge(track_inprogress, labels(title))]
        async fn buy(&mut self, title: &str, mut copies: u32, _: u8) -> Result<&mut u32, String> {
            copies += 1;
            self.restock(title.to_owned(), copies).await
        }

        async fn restock(&mut self, title: String, copies: u32) -> Result<&mut u32, String>;
    }

    #[derive(Clone, Copy, LabelValue)]
    enum Kind {
        Small,
        Large,
    }

    struct Bookshop {
        kind: Kind,
        stock: u32,
    }

    #[async_trait::async_trait]
    impl Shop for Bookshop {
        #[counter(outcome, labels(kind: Kind = self.kind, book))]
        #[histogram]
        #[count_exceptions(Err(error) if error == "sold out")]
        #[gauge(track_inprogress, labels(kind: Kind = self.kind))]
        async fn sell(&mut self, book: &str, copies: u32) -> Result<u32, String> {
            yield_now().await;
            if book.is_empty() {
                return Err("no book".to_owned());
            }
            self.stock = self.stock.checked_sub(copies).ok_or("sold out")?;
            Ok(self.stock)
        }

        #[counter(outcome)]
        #[allow(clippy::needless_return)]
        async fn restock(&mut self, title: String, copies: u32) -> Result<&mut u32, String> {
            if title.is_empty() {
                return Err(title);
            }
            self.stock += copies;
            return Ok(&mut self.stock);
        }
    }

    #[tokio::test]
    async fn marks_stand_on_the_functions_of_async_trait() {
        let mut shop = Bookshop { kind: Kind::Large, stock: 3 };
        assert_eq!(shop.sell("emma", 2).await, Ok(1));
        assert_eq!(shop.sell("emma", 2).await, Err("sold out".to_owned()));
        assert_eq!(shop.sell("", 2).await, Err("no book".to_owned()));
        drop(shop.sell("emma", 1));
        assert!(poll_once(shop.sell("emma", 1).as_mut()).is_pending());
        let sold = |book, outcome| {
            value("async_functions_sell_calls_total", &[("kind", "large"), ("book", book), ("outcome", outcome)])
        };
        assert_eq!((sold("emma", "ok"), sold("emma", "error"), sold("", "error")), (Some(1.0), Some(1.0), Some(1.0)));
        assert_eq!(sold("emma", "cancelled"), Some(1.0));
        assert_eq!(value("async_functions_sell_duration_seconds", &[]), Some(4.0));
        assert_eq!(value("async_functions_sell_exceptions_total", &[]), Some(1.0));
        assert_eq!(value("async_functions_sell_inprogress", &[("kind", "large")]), Some(0.0));
        assert_eq!(value("async_functions_sell_inprogress", &[("kind", "small")]), Some(0.0));
        let _ = Kind::Small;

        *shop.buy("emma", 4, 0).await.unwrap() += 1;
        assert_eq!(shop.stock, 7);
        shop.buy("", 4, 0).await.unwrap_err();
        let bought = |title, outcome| {
            value("async_functions_buy_calls_total", &[("title", title), ("copies", "4"), ("outcome", outcome)])
        };
        assert_eq!((bought("emma", "ok"), bought("", "error")), (Some(1.0), Some(1.0)));
        assert_eq!(value("async_functions_buy_exceptions_total", &[("title", "")]), Some(1.0));
        assert_eq!(family_total("async_functions_restock_calls_total"), 2.0);
    }

    #[async_trait::async_trait(?Send)]
    trait Local {
        #[counter(outcome)]
        #[count_exceptions(None)]
        async fn get(&self, cell: Rc<Cell<u32>>) -> Option<u32> {
            let n = cell.get();
            yield_now().await;
            n.checked_sub(1)
        }
    }

    struct Here;

    #[async_trait::async_trait(?Send)]
    impl Local for Here {}

    #[tokio::test]
    async fn futures_of_async_trait_need_not_be_send() {
        assert_eq!((Here.get(Rc::new(Cell::new(1))).await, Here.get(Rc::default()).await), (Some(0), None));
        assert_eq!(value("async_functions_get_calls_total", &[("outcome", "ok")]), Some(2.0));
        assert_eq!(value("async_functions_get_exceptions_total", &[]), Some(1.0));
    }
}

mod send {
    use super::*;

    fn is_send<T: Send>(value: T) -> T {
        value
    }

    fn is_send_and_sync<T: Send + Sync>(value: T) -> T {
        value
    }

    #[derive(Labels)]
    struct Route<'a> {
        route: &'a str,
    }

    #[counter]
    static REQUESTS: Counter<Route<'static>>;

    #[histogram]
    static LATENCY: Histogram;

    struct Server {
        name: String,
        latency: Histogram,
    }

    /// Neither `Send` nor able to live over an await in a future that is.
    struct Text(Rc<str>);

    impl LabelValue for Text {
        fn write(&self, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
            out.write_str(&self.0)
        }
    }

    #[counter(labels(name, text: Text = Text(name.as_str().into())))]
    #[histogram(labels(text: Text = Text(name.as_str().into())))]
    #[gauge(track_inprogress, labels(text: Text = Text(name.as_str().into())))]
    async fn labelled(name: String) -> usize {
        yield_now().await;
        name.len()
    }

    #[counter(outcome, labels(name, length: usize = name.len()))]
    #[histogram(outcome)]
    #[histogram(name = "send_bytes", observe = |result: &Result<String, String>| result.as_ref().map_or(0, String::len))]
    #[count_exceptions(Err(error) if error.is_empty())]
    #[count_exceptions(name = "send_panics_total", panic, labels(name))]
    #[counter(name = "send_results_total", labels(name, text: Text = |result: &Result<String, String>| Text(result.clone().unwrap_or_default().into())))]
    async fn inspected(name: String) -> Result<String, String> {
        yield_now().await;
        if name.is_empty() { Err(name) } else { Ok(name) }
    }

    impl Server {
        #[counter(into = REQUESTS.with(&Route { route: &self.name }))]
        #[histogram(into = self.latency)]
        #[histogram(name = "send_serve_seconds", outcome)]
        async fn serve(&mut self, (route, _): (&str, u32)) -> Result<&mut String, String> {
            yield_now().await;
            self.name.push_str(route);
            Ok(&mut self.name)
        }

        #[counter(into = REQUESTS.with(&Route { route }))]
        #[histogram(into = LATENCY)]
        fn boxed<'a>(&'a self, route: &'a str) -> BoxFuture<'a, usize> {
            Box::pin(async move {
                yield_now().await;
                route.len() + self.name.len()
            })
        }
    }

    #[counter(outcome)]
    async fn generic<T: Clone + Sync>(value: &T) -> Result<T, ()> {
        yield_now().await;
        Ok(value.clone())
    }

    #[tokio::test]
    async fn futures_are_send_where_they_were() {
        assert_eq!(is_send_and_sync(labelled("ab".to_owned())).await, 2);
        assert_eq!(value("async_functions_labelled_calls_total", &[("name", "ab"), ("text", "ab")]), Some(1.0));
        assert_eq!(is_send_and_sync(inspected("ab".to_owned())).await, Ok("ab".to_owned()));
        assert_eq!(value("send_results_total", &[("name", "ab"), ("text", "ab")]), Some(1.0));
        let mut server = Server { name: "server".to_owned(), latency: LATENCY.clone() };
        is_send_and_sync(server.serve(("/", 1))).await.unwrap().push('!');
        assert_eq!(server.name, "server/!");
        assert_eq!(is_send(server.boxed("x")).await, 9);
        assert_eq!(REQUESTS.with(&Route { route: "server" }).get() + REQUESTS.with(&Route { route: "x" }).get(), 2);
        assert_eq!(value("async_functions_latency", &[]), Some(2.0));
        assert_eq!(is_send(generic(&1)).await, Ok(1));
    }

    #[counter(outcome)]
    #[histogram]
    #[count_exceptions(Err)]
    async fn local(cell: Rc<Cell<u32>>) -> Result<Rc<Cell<u32>>, Rc<str>> {
        yield_now().await;
        cell.set(cell.get() + 1);
        Ok(cell)
    }

    #[tokio::test]
    async fn futures_that_are_not_send_compile() {
        assert_eq!(local(Rc::default()).await.unwrap().get(), 1);
        assert_eq!(value("async_functions_local_calls_total", &[("outcome", "ok")]), Some(1.0));
    }
}

mod returned {
    use super::*;

    #[counter(outcome)]
    async fn coerces(n: u32) -> Result<Box<dyn Iterator<Item = u32>>, Box<dyn std::error::Error + Send + Sync>> {
        if n == 0 {
            return Ok(Box::new(std::iter::empty()));
        }
        let m: u32 = "1".parse()?;
        if n == m {
            Err("one")?;
        }
        Ok(Box::new(0..n))
    }

    #[counter(outcome)]
    async fn diverges(n: u32) -> u32 {
        yield_now().await;
        panic_any(if n == 0 { "zero" } else { ON_PURPOSE })
    }

    #[counter(outcome)]
    async fn ends_in_return(n: u32) -> Result<u32, ()> {
        return Ok(n);
    }

    #[counter(outcome)]
    async fn infers(n: u32) -> Result<impl Iterator<Item = u32>, std::num::ParseIntError> {
        let m: u32 = "1".parse()?;
        Ok(n..n + m)
    }

    #[counter(outcome)]
    async fn borrows<'a>(numbers: &'a mut Vec<u32>, _more: &mut Vec<u32>) -> Option<&'a mut u32> {
        yield_now().await;
        numbers.push(0);
        let last = numbers.last_mut()?;
        Some(last)
    }

    #[counter(outcome)]
    #[histogram]
    async fn nothing(flag: &Cell<bool>) {
        if flag.get() {
            return;
        }
        flag.set(true);
    }

    #[tokio::test]
    async fn bodies_give_what_they_gave() {
        quiet_panics();
        assert_eq!(coerces(0).await.unwrap().count() + coerces(2).await.unwrap().count(), 2);
        assert!(coerces(1).await.is_err());
        assert!(tokio::spawn(diverges(1)).await.unwrap_err().is_panic());
        assert_eq!(ends_in_return(1).await, Ok(1));
        assert_eq!(infers(1).await.unwrap().sum::<u32>(), 1);
        let (mut numbers, mut more) = (vec![], vec![]);
        *borrows(&mut numbers, &mut more).await.unwrap() += 1;
        assert_eq!(numbers, [1]);
        let flag = Cell::new(false);
        nothing(&flag).await;
        nothing(&flag).await;
        assert!(flag.get());
        for (function, calls) in [
            ("coerces", 3.0),
            ("diverges", 1.0),
            ("ends_in_return", 1.0),
            ("infers", 1.0),
            ("borrows", 1.0),
            ("nothing", 2.0),
        ] {
            assert_eq!(family_total(&format!("async_functions_{function}_calls_total")), calls, "{function}");
        }
    }
}

#[allow(clippy::large_types_passed_by_value, reason = "their size is what is measured")]
mod sizes {
    use tallymark::{counter, gauge, histogram};

    pub(super) async fn unmarked(bytes: [u8; 1000]) -> usize {
        tokio::task::yield_now().await;
        bytes.len()
    }

    #[counter]
    #[histogram]
    #[gauge(track_inprogress)]
    pub(super) async fn marked(bytes: [u8; 1000]) -> usize {
        tokio::task::yield_now().await;
        bytes.len()
    }

    #[counter(outcome)]
    pub(super) async fn inspected(bytes: [u8; 1000]) -> usize {
        tokio::task::yield_now().await;
        bytes.len()
    }
}

#[test]
fn a_future_does_not_grow_out_of_proportion() {
    let bytes = [0; 1000];
    let unmarked = size_of_val(&sizes::unmarked(bytes));
    assert!(size_of_val(&sizes::marked(bytes)) <= unmarked + 100);
    // The body's future stands within the function's, and each holds the arguments twice: as they came, and as locals.
    assert!(size_of_val(&sizes::inspected(bytes)) <= 2 * unmarked + 200, "{}", size_of_val(&sizes::inspected(bytes)));
}
