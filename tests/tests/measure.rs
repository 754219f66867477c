//! Functions that are measured in one word, and whole `impl`s.

#![allow(clippy::float_cmp, reason = "counts are whole numbers")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Waker};

use tallymark::{LabelValue, Value, count_exceptions, counter, measure};
use tallymark_tests::{ON_PURPOSE, names, quiet_panics, value};

/// Calls with each outcome, in the order `ok`, `error`, `panic`, `cancelled`.
fn outcomes(function: &str) -> [f64; 4] {
    ["ok", "error", "panic", "cancelled"].map(|outcome| {
        let name = format!("{function}_calls_total");
        value(&name, &[("outcome", outcome)]).unwrap_or_else(|| panic!("{name}"))
    })
}

fn running(function: &str) -> f64 {
    value(&format!("{function}_inprogress"), &[]).unwrap_or_else(|| panic!("{function}"))
}

fn timed(function: &str) -> f64 {
    value(&format!("{function}_duration_seconds"), &[]).unwrap_or_else(|| panic!("{function}"))
}

/// Checks that a function was called so often, each time with `Ok`.
#[track_caller]
fn is_called(function: &str, times: f64) {
    assert_eq!((outcomes(function), timed(function)), ([times, 0.0, 0.0, 0.0], times), "{function}");
    assert_eq!(running(function), 0.0, "{function}");
}

/// Does what it is asked to.
#[measure]
fn does(what: &str) -> Result<u32, String> {
    assert_eq!(running("measure_does"), 1.0);
    if what == "early" {
        return Ok(1);
    }
    if what == "panic" {
        panic_any(ON_PURPOSE);
    }
    let n = what.parse::<u32>().map_err(|error| error.to_string())?;
    Ok(n)
}

#[test]
fn every_way_out_is_counted_and_timed() {
    quiet_panics();
    for what in ["early", "7", "x", "panic"] {
        let _ = catch_unwind(|| does(what));
    }
    assert_eq!(outcomes("measure_does"), [2.0, 1.0, 1.0, 0.0]);
    assert_eq!((timed("measure_does"), running("measure_does")), (4.0, 0.0));
    let families = tallymark::Registry::global().gather();
    for family in families.iter().filter(|family| family.name().starts_with("measure_does")) {
        assert_eq!(family.help(), "Does what it is asked to.");
    }
    let all = ["measure_does_calls_total", "measure_does_duration_seconds", "measure_does_inprogress"];
    assert_eq!(names("measure_does"), all);
}

#[measure]
async fn waits(forever: bool) -> Result<(), ()> {
    if forever { pending().await } else { Err(()) }
}

#[tokio::test]
async fn a_future_is_measured_while_it_runs() {
    drop(waits(true));
    assert_eq!((outcomes("measure_waits"), timed("measure_waits")), ([0.0; 4], 0.0), "never polled");
    {
        let mut future = pin!(waits(true));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(running("measure_waits"), 1.0);
    }
    waits(false).await.unwrap_err();
    assert_eq!(outcomes("measure_waits"), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!((timed("measure_waits"), running("measure_waits")), (2.0, 0.0));
}

#[derive(Clone, Copy, LabelValue)]
enum Size {
    Small,
    Big,
}

impl From<usize> for Size {
    fn from(size: usize) -> Self {
        if size < 10 { Self::Small } else { Self::Big }
    }
}

#[measure(
    namespace = "measured",
    labels(size: Size = text.len().into(), kind),
    buckets = [1.0, 60.0],
    const_labels(zone = "eu"),
    help = "Texts.",
    max_series = 8
)]
fn labelled(text: String, kind: &str) -> usize {
    drop(text);
    kind.len()
}

#[test]
fn arguments_go_to_all_three() {
    labelled("a text that is long".to_owned(), "b");
    let labels = [("size", "big"), ("kind", "b"), ("zone", "eu")];
    assert_eq!(value("measured_labelled_inprogress", &labels), Some(0.0));
    let of_ok = [labels[0], labels[1], labels[2], ("outcome", "ok")];
    assert_eq!(value("measured_labelled_calls_total", &of_ok), Some(1.0));
    let families = tallymark::Registry::global().gather();
    let family = families.iter().find(|family| family.name() == "measured_labelled_duration_seconds").unwrap();
    assert_eq!((family.help(), family.unit()), ("Texts.", Some("seconds")));
    let Some(Value::Histogram(histogram)) = family.find(&labels).map(|series| series.value().clone()) else { panic!() };
    assert_eq!(histogram.buckets().map(|(bound, _)| bound).collect::<Vec<_>>(), [1.0, 60.0, f64::INFINITY]);
}

fn asked() -> u32 {
    static TIMES: AtomicU32 = AtomicU32::new(0);
    TIMES.fetch_add(1, Relaxed)
}

#[measure(labels(times: u32 = asked(), text: String, kind: &'static str = "x"))]
async fn asks((text, n): (String, u8)) -> (String, u8) {
    (text, n)
}

#[tokio::test]
async fn an_expression_of_a_label_runs_once() {
    asks(("a".to_owned(), 1)).await;
    let labels = [("times", "0"), ("text", "a"), ("kind", "x")];
    assert_eq!(value("measure_asks_inprogress", &labels), Some(0.0));
    assert_eq!(value("measure_asks_duration_seconds", &labels), Some(1.0));
    assert_eq!(value("measure_asks_calls_total", &[labels[0], labels[1], labels[2], ("outcome", "ok")]), Some(1.0));
}

#[measure(labels(kind: &'static str = "one"))]
#[measure(namespace = "measure_second", labels(n))]
fn twice(n: u8) -> u8 {
    n
}

#[test]
fn a_function_is_measured_twice_under_two_names() {
    twice(3);
    assert_eq!(value("measure_twice_duration_seconds", &[("kind", "one")]), Some(1.0));
    assert_eq!(value("measure_second_twice_duration_seconds", &[("n", "3")]), Some(1.0));
}

#[measure]
#[counter(name = "measure_beside_by_total", labels(n))]
#[counter(name = "measure_beside_total")]
#[count_exceptions(None)]
#[counter(namespace = "measure_other")]
fn beside(n: u8) -> Option<u8> {
    n.checked_sub(1)
}

struct HttpShop<T, const N: usize>(T);

#[measure]
impl<T: Clone, const N: usize> HttpShop<T, N>
where
    T: PartialEq,
{
    const MOST: usize = { N + 1 };

    #[measure(skip)]
    const fn new(of: T) -> Self {
        Self(of)
    }

    /// Opens.
    fn open(&self) -> Result<T, usize> {
        if self.0 == self.0.clone() { Ok(self.0.clone()) } else { Err(Self::MOST) }
    }

    #[counter(name = "measure_kept_total")]
    #[count_exceptions]
    async fn kept(self, fails: bool) -> Result<T, usize> {
        if fails { Err(Self::MOST) } else { Ok(self.0) }
    }

    #[measure(buckets = [1.0], labels(kind))]
    fn of_its_own<'a>(&mut self, kind: &'a str) -> &'a str {
        self.0 = self.0.clone();
        kind
    }

    #[cfg_attr(all(), measure(skip))]
    fn left_out(&self) -> usize {
        size_of_val(self)
    }

    #[measure(skip)]
    #[counter(name = "measure_skipped_total")]
    fn skipped() {}

    #[cfg(any())]
    fn not_there(&self) -> Nothing {}
}

#[measure(namespace = "second")]
impl HttpShop<u8, 3> {
    fn open_again(&self) -> u8 {
        self.0
    }
}

#[tokio::test]
async fn every_function_of_an_impl_is_measured_by_the_name_of_its_type() {
    let mut shop = HttpShop::<u8, 3>::new(4);
    assert_eq!((shop.open(), shop.of_its_own("a"), shop.left_out(), shop.open_again()), (Ok(4), "a", 1, 4));
    HttpShop::<u8, 3>::skipped();
    is_called("measure_http_shop_open", 1.0);
    is_called("second_http_shop_open_again", 1.0);
    assert_eq!(value("measure_http_shop_of_its_own_duration_seconds", &[("kind", "a")]), Some(1.0));
    assert_eq!(value("measure_skipped_total", &[]), Some(1.0));
    for fails in [true, false] {
        let _ = HttpShop::<u8, 3>::new(4).kept(fails).await;
    }
    assert_eq!(outcomes("measure_http_shop_kept"), [1.0, 1.0, 0.0, 0.0]);
    assert_eq!(value("measure_kept_total", &[]), Some(2.0));
    assert_eq!(value("measure_kept_exceptions_total", &[]), Some(1.0));
    for none in ["measure_http_shop_new", "measure_http_shop_left_out", "measure_http_shop_skipped"] {
        assert_eq!(names(none), [] as [&str; 0]);
    }
    assert_eq!(beside(0), None);
    assert_eq!(outcomes("measure_beside"), [1.0, 0.0, 0.0, 0.0]);
}

trait Orders {
    type Order;

    fn place(&self, fails: bool) -> Result<Self::Order, ()>;

    fn boxed(self: Box<Self>) -> impl Future<Output = u8> + Send;

    fn default(&self) -> u8 {
        1
    }
}

struct Shop;

#[measure]
impl Orders for &Shop {
    type Order = u8;

    fn place(&self, fails: bool) -> Result<Self::Order, ()> {
        if fails { Err(()) } else { Ok(1) }
    }

    async fn boxed(self: Box<Self>) -> u8 {
        2
    }
}

#[measure]
#[async_trait::async_trait]
impl Fetch for Shop {
    async fn fetch(self: Arc<Self>, n: u8) -> u8 {
        tokio::task::yield_now().await;
        n
    }
}

#[async_trait::async_trait]
trait Fetch {
    async fn fetch(self: Arc<Self>, n: u8) -> u8;
}

struct Depot;

#[async_trait::async_trait]
#[measure]
impl Fetch for Depot {
    async fn fetch(self: Arc<Self>, n: u8) -> u8 {
        tokio::task::yield_now().await;
        n
    }
}

#[tokio::test]
async fn impls_of_traits_are_measured() {
    let shop = &Shop;
    shop.place(false).unwrap();
    shop.place(true).unwrap_err();
    assert_eq!((Box::new(shop).boxed().await, shop.default()), (2, 1));
    assert_eq!(outcomes("measure_shop_place"), [1.0, 1.0, 0.0, 0.0]);
    is_called("measure_shop_boxed", 1.0);
    assert_eq!((Arc::new(Shop).fetch(3).await, Arc::new(Depot).fetch(4).await), (3, 4));
    drop(Arc::new(Depot).fetch(4));
    is_called("measure_shop_fetch", 1.0);
    is_called("measure_depot_fetch", 1.0);
}

macro_rules! made {
    ($type:ident, $($name:ident: $body:block)*) => {
        struct $type;

        #[measure]
        impl $type {
            $(fn $name() -> u32 $body)*
        }
    };
}

made! { Made, one: { 1 } two: { 2 } }

mod elsewhere {
    pub(super) struct Inner;
}

#[cfg_attr(all(), measure(labels(way: &'static str = self.way())))]
impl elsewhere::Inner {
    fn labelled(&self) -> u8 {
        3
    }

    #[cfg_attr(all(), measure(skip))]
    fn way(&self) -> &'static str {
        if size_of_val(self) == 0 { "in" } else { "out" }
    }
}

#[test]
fn impls_of_macros_and_of_types_elsewhere_are_measured() {
    assert_eq!((Made::one(), Made::two(), Made::two()), (1, 2, 2));
    is_called("measure_made_one", 1.0);
    is_called("measure_made_two", 2.0);
    assert_eq!(elsewhere::Inner.labelled(), 3);
    let labels = [("way", "in"), ("outcome", "ok")];
    assert_eq!(value("measure_inner_labelled_calls_total", &labels), Some(1.0));
}

#[test]
fn a_panic_leaves_nothing_in_progress() {
    struct Bomb;
    #[measure]
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(ON_PURPOSE);
        }
    }
    quiet_panics();
    catch_unwind(AssertUnwindSafe(|| drop(Bomb))).unwrap_err();
    assert_eq!((outcomes("measure_bomb_drop"), running("measure_bomb_drop")), ([0.0, 0.0, 1.0, 0.0], 0.0));
}
