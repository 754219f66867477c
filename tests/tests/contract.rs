//! The whole surface in one program, as a first user writes it.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::error::Error;
use std::sync::Mutex;

use tallymark::{Counter, Gauge, Histogram, LabelValue, Labels, Registry, count_exceptions, counter, gauge, histogram};
use tallymark_tests::{names, value};

#[derive(Clone, Copy, LabelValue)]
enum Method {
    Get,
    Post,
    #[label("DELETE")]
    Delete,
}

#[derive(Labels)]
struct HttpLabels {
    method: Method,
    #[label("path")]
    route: &'static str,
}

#[derive(Labels)]
struct Tenant<'a> {
    tenant: &'a str,
}

#[derive(Debug)]
struct Cart(Vec<&'static str>);
#[derive(Debug)]
struct Order(usize);
#[derive(Debug, PartialEq)]
enum OrderError {
    Empty,
}

/// Orders placed.
///
/// This paragraph is no help text.
#[counter]
#[histogram(buckets = [0.005, 0.05, 0.5, 5.0])]
#[gauge(track_inprogress)]
#[count_exceptions(Err)]
async fn place_order(cart: Cart) -> Result<Order, OrderError> {
    let items = cart.0;
    if items.is_empty() { Err(OrderError::Empty) } else { Ok(Order(items.len())) }
}

#[derive(Clone, Copy, LabelValue)]
enum StatusClass {
    Success,
    ClientError,
}

struct Status(u16);

impl From<Status> for StatusClass {
    fn from(status: Status) -> Self {
        if status.0 < 400 { Self::Success } else { Self::ClientError }
    }
}

struct Response(u16);

impl Response {
    fn status(&self) -> Status {
        Status(self.0)
    }
}

#[counter(name = "http_requests_total",
          labels(method, route, status: StatusClass = |resp: &Response| resp.status().into()))]
async fn handle(method: Method, route: &'static str, body: Vec<u8>) -> Response {
    drop(body);
    Response(if matches!(method, Method::Delete) || route != "/" { 404 } else { 200 })
}

#[derive(Debug)]
enum StoreError {
    Timeout { after: u32 },
    Missing,
}

impl StoreError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Timeout { .. })
    }
}

struct Store {
    metrics: Metrics,
    data: Mutex<Vec<(String, Vec<u8>)>>,
}

struct Metrics {
    latency: Histogram,
}

impl Store {
    #[count_exceptions(name = "store_timeouts_total", Err(StoreError::Timeout { .. }))]
    #[count_exceptions(name = "store_retryable_total", Err(e) if e.is_retryable())]
    #[count_exceptions(name = "store_panics_total", panic)]
    #[histogram(name = "store_read_bytes", unit = "bytes", observe = |r: &Result<Vec<u8>, StoreError>| r.as_ref().map_or(0, Vec::len))]
    fn read(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        if key == "slow" {
            return Err(StoreError::Timeout { after: 5 });
        }
        assert!(key != "broken", "broken on purpose");
        let data = self.data.lock().unwrap();
        data.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()).ok_or(StoreError::Missing)
    }

    #[counter(into = REQUESTS.with(&HttpLabels { method, route }))]
    #[histogram(into = self.metrics.latency)]
    fn handle(&self, method: Method, route: &'static str) {}
}

static QUEUE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Jobs waiting in the queue.
#[gauge(callback)]
fn queue_depth() -> usize {
    QUEUE.lock().unwrap().len()
}

/// Requests served.
#[counter(name = "http_requests_served_total")]
pub static REQUESTS: Counter<HttpLabels>;

/// Time to first byte.
#[histogram(buckets = exponential(0.001, 2.0, 12))]
static TTFB: Histogram;

/// Requests in flight.
#[gauge]
static IN_FLIGHT: Gauge;

/// By tenant.
#[counter(max_series = 3)]
static TENANTS: Counter<Tenant<'static>>;

/// Bytes sent.
#[counter(unit = "bytes", const_labels(region = "eu"))]
static SENT: Counter<(), f64>;

#[tokio::test]
async fn a_marked_function_has_four_metrics() -> Result<(), Box<dyn Error>> {
    assert_eq!(place_order(Cart(vec!["book"])).await.unwrap().0, 1);
    assert_eq!(place_order(Cart(Vec::new())).await.unwrap_err(), OrderError::Empty);
    assert_eq!(
        names("contract_place_order"),
        [
            "contract_place_order_calls_total",
            "contract_place_order_duration_seconds",
            "contract_place_order_exceptions_total",
            "contract_place_order_inprogress"
        ]
    );
    assert_eq!(value("contract_place_order_calls_total", &[]), Some(2.0));
    assert_eq!(value("contract_place_order_exceptions_total", &[]), Some(1.0));
    assert_eq!(value("contract_place_order_inprogress", &[]), Some(0.0));
    let families = Registry::global().gather();
    let calls = families.iter().find(|family| family.name() == "contract_place_order_calls_total").ok_or("missing")?;
    assert_eq!(calls.help(), "Orders placed.");
    Ok(())
}

#[tokio::test]
async fn labels_come_from_arguments_and_from_the_result() {
    handle(Method::Get, "/", vec![1]).await;
    handle(Method::Delete, "/", vec![1]).await;
    let count =
        |method, status| value("http_requests_total", &[("method", method), ("route", "/"), ("status", status)]);
    assert_eq!((count("get", "success"), count("DELETE", "client_error")), (Some(1.0), Some(1.0)));
    assert_eq!(count("get", "client_error"), None);
    let _ = Method::Post;
}

#[test]
fn exceptions_are_what_the_pattern_says() {
    let store = Store {
        metrics: Metrics { latency: Histogram::new("store_latency_seconds", "Time to handle.").unwrap() },
        data: Mutex::new(vec![("key".to_owned(), vec![0; 7])]),
    };
    store.read("key").unwrap();
    assert!(matches!(store.read("slow"), Err(StoreError::Timeout { after: 5 })));
    store.read("none").unwrap_err();
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.read("broken"))).unwrap_err();
    for (name, count) in [("store_timeouts_total", 1.0), ("store_retryable_total", 1.0), ("store_panics_total", 1.0)] {
        assert_eq!(value(name, &[]), Some(count), "{name}");
    }
    assert_eq!(value("store_read_bytes", &[]), Some(3.0));

    let registry = Registry::new();
    registry.register(&store.metrics.latency).unwrap();
    store.handle(Method::Post, "/fed");
    assert_eq!(value("http_requests_served_total", &[("method", "post"), ("path", "/fed")]), Some(1.0));
    let families = registry.gather();
    assert!(
        matches!(families[0].series()[0].value(), tallymark::Value::Histogram(histogram) if histogram.count() == 1)
    );
}

#[tokio::test]
async fn statics_are_used_by_hand() {
    REQUESTS.with(&HttpLabels { method: Method::Get, route: "/hand" }).inc();
    let labels = HttpLabels { method: Method::Get, route: "/kept" };
    let hot = REQUESTS.with(&labels);
    hot.inc();
    hot.inc_by(3);
    assert_eq!(value("http_requests_served_total", &[("method", "get"), ("path", "/kept")]), Some(4.0));
    let timer = TTFB.start_timer();
    timer.stop();
    TTFB.start_timer().discard();
    assert_eq!(TTFB.time(|| 7), 7);
    assert_eq!(TTFB.time_async(async { 8 }).await, 8);
    assert_eq!(value("contract_ttfb", &[]), Some(3.0));
    {
        let _g = IN_FLIGHT.track_inprogress();
        assert_eq!(value("contract_in_flight", &[]), Some(1.0));
    }
    IN_FLIGHT.set_to_current_time();
    assert!(value("contract_in_flight", &[]).unwrap() > 1.7e9);
    SENT.inc_by(0.5);
    assert_eq!(value("contract_sent_bytes_total", &[("region", "eu")]), Some(0.5));
    QUEUE.lock().unwrap().extend([1, 2, 3]);
    assert_eq!(value("contract_queue_depth", &[]), Some(3.0));
    assert_eq!(queue_depth(), 3);
}

#[test]
fn an_open_family_takes_labels_of_any_lifetime_and_is_bounded() {
    for tenant in 0..5 {
        let tenant = format!("tenant-{tenant}");
        TENANTS.with(&Tenant { tenant: &tenant }).inc();
    }
    assert_eq!(value("contract_tenants_total", &[("tenant", "other")]), Some(2.0));
    assert_eq!(value("tallymark_series_overflow_total", &[("metric", "contract_tenants_total")]), Some(2.0));
    assert!(TENANTS.remove(&Tenant { tenant: "tenant-1" }));
    assert_eq!(value("contract_tenants_total", &[("tenant", "tenant-1")]), None);
}

#[test]
fn metrics_are_made_at_run_time_too() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    let counter = Counter::new("things_total", "Things.")?;
    let histogram = Histogram::builder("sizes", "Sizes.").buckets([1.0, 2.0])?.labels::<HttpLabels>().build()?;
    registry.register(&counter)?;
    let registered = registry.register(&histogram)?;
    counter.inc();
    histogram.with(&HttpLabels { method: Method::Get, route: "/" }).observe(1.5);
    assert_eq!(registry.gather().len(), 2);
    assert!(registry.unregister(registered));
    assert_eq!(registry.restricted(["things_total"]).gather().len(), 1);
    Ok(())
}

#[count_exceptions(Err, Err(code) if *code > 3)]
fn fails(code: u8) -> Result<(), u8> {
    Err(code)
}

#[test]
fn a_call_counts_once_however_many_patterns_match() {
    fails(5).unwrap_err();
    assert_eq!(value("contract_fails_exceptions_total", &[]), Some(1.0));
}

#[allow(clippy::manual_async_fn, reason = "it is marked as people write it by hand")]
#[counter(labels(shelf: u8))]
fn borrowed(shelf: u8) -> impl Future<Output = u8> {
    async { 7 }
}

#[tokio::test]
async fn a_future_owns_the_arguments_that_its_labels_name() {
    assert_eq!(borrowed(3).await, 7);
    assert_eq!(value("contract_borrowed_calls_total", &[("shelf", "3")]), Some(1.0));
}

/// The body uses no argument: only the labels do.
#[counter(labels(method, route, size: usize = route.len(), status: StatusClass = |resp: &Response| resp.status().into()))]
#[counter(name = "contract_untouched_outcome_total", outcome, labels(route))]
async fn untouched(method: Method, route: &'static str) -> Response {
    Response(200)
}

/// What labels borrow, the body consumes and changes.
#[counter(labels(key: &str = key.as_str(), ok: bool = |result: &Result<usize, String>| result.is_ok()))]
#[histogram(outcome, labels(first: &str = &key[..1]))]
fn store(mut key: String) -> Result<usize, String> {
    key.push('!');
    if key.len() > 4 { Err(key) } else { Ok(key.len()) }
}

/// Labels that are written out, in functions that are made more than once.
#[counter(labels(kind: &'static str = "bulk", express: bool = false, retries: i8 = -1))]
#[histogram(labels(size: u64 = 1_000))]
#[gauge(track_inprogress, labels(kind: &str = "bulk"))]
#[count_exceptions(None, panic, labels(code: u16 = 404))]
fn sent<T>(value: Option<T>) -> Option<T> {
    value
}

struct Shelf {
    name: String,
    books: u32,
}

#[derive(LabelValue)]
enum NotCloned {
    Yes,
    No,
}

impl Shelf {
    #[counter(outcome, labels(name: &str = &self.name, cloned: NotCloned = if self.books == 0 { NotCloned::Yes } else { NotCloned::No }))]
    async fn renamed(&mut self, name: String) -> Result<u32, String> {
        self.name = name;
        self.books += 1;
        Ok(self.books)
    }
}

#[count_exceptions(Err(ref code) if code.len() > 3)]
#[count_exceptions(name = "contract_patterns_literal_total", Err("no"))]
#[count_exceptions(name = "contract_patterns_range_total", Ok(1..=5 | 100))]
fn patterns(text: &'static str) -> Result<usize, &'static str> {
    if text.len() > 1 { Err(text) } else { Ok(text.len()) }
}

const NOT_FOUND: u16 = 404;

#[count_exceptions(code @ NOT_FOUND if *code > 3)]
#[count_exceptions(name = "contract_codes_range_total", code @ 500.. if *code != 501)]
fn codes(code: u16) -> u16 {
    code
}

#[count_exceptions(Err(&code) if code > 500)]
#[count_exceptions(name = "contract_found_none_total", Ok(None))]
fn found(code: &u16) -> Result<Option<u16>, &u16> {
    if *code > 400 { Err(code) } else { Ok((*code > 200).then_some(*code)) }
}

#[test]
fn labels_that_are_written_out_name_one_series() {
    assert_eq!((sent(Some(1)), sent(Some("text")), sent(None::<u8>)), (Some(1), Some("text"), None));
    let labels = [("kind", "bulk"), ("express", "false"), ("retries", "-1")];
    assert_eq!(value("contract_sent_calls_total", &labels), Some(3.0));
    assert_eq!(value("contract_sent_duration_seconds", &[("size", "1000")]), Some(3.0));
    assert_eq!(value("contract_sent_inprogress", &[("kind", "bulk")]), Some(0.0));
    assert_eq!(value("contract_sent_exceptions_total", &[("code", "404")]), Some(1.0));
}

#[test]
fn patterns_of_every_shape_count() {
    for text in ["a", "no", "nowhere"] {
        let _ = patterns(text);
    }
    for code in [200, 404, 500, 501] {
        codes(code);
        let _ = found(&code);
    }
    for (name, count) in [
        ("contract_patterns_exceptions_total", 1.0),
        ("contract_patterns_literal_total", 1.0),
        ("contract_patterns_range_total", 1.0),
        ("contract_codes_exceptions_total", 1.0),
        ("contract_codes_range_total", 1.0),
        ("contract_found_exceptions_total", 1.0),
        ("contract_found_none_total", 1.0),
    ] {
        assert_eq!(value(name, &[]), Some(count), "{name}");
    }
}

#[derive(Clone, Copy, LabelValue)]
enum Reach {
    Near,
    Far,
}

#[counter(labels(reach: Reach, ok: bool = |result: &Result<(), String>| result.is_ok()))]
#[histogram(outcome, labels(shelf: u64))]
fn shared(reach: std::sync::Arc<Reach>, shelf: Box<u64>) -> Result<(), String> {
    drop((reach, shelf));
    Ok(())
}

#[test]
fn a_stated_type_is_what_the_argument_is_read_as() {
    shared(std::sync::Arc::new(Reach::Far), Box::new(7)).unwrap();
    shared(std::sync::Arc::new(Reach::Near), Box::new(7)).unwrap();
    assert_eq!(value("contract_shared_calls_total", &[("reach", "far"), ("ok", "true")]), Some(1.0));
    assert_eq!(value("contract_shared_duration_seconds", &[("shelf", "7"), ("outcome", "ok")]), Some(2.0));
}

#[tokio::test]
async fn labels_are_read_before_the_body_which_may_do_what_it_likes() {
    untouched(Method::Get, "/x").await;
    let labels = [("method", "get"), ("route", "/x"), ("size", "2"), ("status", "success")];
    assert_eq!(value("contract_untouched_calls_total", &labels), Some(1.0));
    assert_eq!(value("contract_untouched_outcome_total", &[("route", "/x"), ("outcome", "ok")]), Some(1.0));
    store("key".to_owned()).unwrap();
    store("longer".to_owned()).unwrap_err();
    assert_eq!(value("contract_store_calls_total", &[("key", "longer"), ("ok", "false")]), Some(1.0));
    assert_eq!(value("contract_store_duration_seconds", &[("first", "k"), ("outcome", "ok")]), Some(1.0));
    let mut shelf = Shelf { name: "old".to_owned(), books: 0 };
    shelf.renamed("new".to_owned()).await.unwrap();
    shelf.renamed("newer".to_owned()).await.unwrap();
    for (name, cloned) in [("old", "yes"), ("new", "no")] {
        let labels = [("name", name), ("cloned", cloned), ("outcome", "ok")];
        assert_eq!(value("contract_renamed_calls_total", &labels), Some(1.0), "{name}");
    }
}

#[derive(Clone, Copy, LabelValue)]
enum Colour {
    Red,
    Green,
}

impl Colour {
    /// Not the index of the label.
    fn index(self) -> usize {
        1 - self as usize
    }
}

#[counter(labels(colour, text))]
fn painted(colour: Colour, text: &str) {
    assert!(colour.index() < 2 && !text.is_empty());
}

#[test]
fn a_method_of_the_users_is_not_taken_for_ours() {
    painted(Colour::Red, "wall");
    painted(Colour::Green, "door");
    assert_eq!(value("contract_painted_calls_total", &[("colour", "red"), ("text", "wall")]), Some(1.0));
}

#[tokio::test]
async fn the_global_registry_is_served() -> Result<(), Box<dyn Error>> {
    Registry::global().check()?;
    Registry::global().expect_crates(["contract"])?;
    let exporter = tallymark::http::serve("127.0.0.1:0").await?;
    assert_ne!(exporter.local_addr().port(), 0);
    exporter.shutdown().await;
    let exporter = tallymark::http::start("127.0.0.1:0")?;
    exporter.shutdown();
    Ok(())
}
