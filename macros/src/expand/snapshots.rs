//! The expansion of each attribute, in `macros/snapshots/`, for a person to read.
//!
//! `TALLYMARK_SNAPSHOTS=overwrite cargo test -p tallymark-macros --features tracing` writes them again; read what changed.

use std::path::Path;

use super::mark;
use crate::args::{Attribute, Kind};

/// A name, the attribute that is expanded first with its arguments, and the rest of the item.
const CASES: &[(&str, Attribute, &str, &str)] = &[
    (
        "counter",
        Attribute::Metric(Kind::Counter),
        "",
        "/// Orders placed.
         pub fn place_order(cart: &Cart) -> bool { the_body(cart) }",
    ),
    (
        "counter_labels",
        Attribute::Metric(Kind::Counter),
        "labels(method, size: Size = cart.into())",
        "fn handle(method: Method, cart: Cart) { the_body(method, cart) }",
    ),
    (
        "counter_labels_from_result",
        Attribute::Metric(Kind::Counter),
        "name = \"http_requests_total\", labels(route, status: StatusClass = |resp: &Response| resp.status().into()), max_series = 50",
        "async fn handle(route: &'static str, mut body: Bytes) -> Response { the_body(body).await }",
    ),
    (
        "counter_labels_written_out",
        Attribute::Metric(Kind::Counter),
        "labels(kind: &'static str = \"bulk\", retries: i8 = -1)",
        "fn send() { the_body() }",
    ),
    (
        "counter_outcome",
        Attribute::Metric(Kind::Counter),
        "outcome, const_labels(region = \"eu\")",
        "fn run(self) -> Result<(), Error> { the_body(self) }",
    ),
    (
        "counter_into",
        Attribute::Metric(Kind::Counter),
        "into = REQUESTS.with(&HttpLabels { method })",
        "fn handle(method: Method) { the_body(method) }",
    ),
    (
        "counter_static",
        Attribute::Metric(Kind::Counter),
        "namespace = \"\", max_series = 7",
        "/// Requests served.\npub static REQUESTS: Counter<HttpLabels>;",
    ),
    (
        "counter_static_utf8",
        Attribute::Metric(Kind::Counter),
        "name = \"http.requests.größe\", allow_utf8",
        "/// Requests served.\npub static REQUESTS: Counter<HttpLabels>;",
    ),
    (
        "gauge_track_inprogress",
        Attribute::Metric(Kind::Gauge),
        "track_inprogress",
        "async fn handle() { the_body().await }",
    ),
    (
        "gauge_callback",
        Attribute::Metric(Kind::Gauge),
        "callback",
        "/// Jobs waiting.\nfn queue_depth() -> usize { the_body() }",
    ),
    ("gauge_time", Attribute::Metric(Kind::Gauge), "time", "fn nightly() { the_body() }"),
    (
        "gauge_set",
        Attribute::Metric(Kind::Gauge),
        "set = |rows: &Vec<Row>| rows.len(), labels(table)",
        "fn load(table: Table) -> Vec<Row> { the_body(table) }",
    ),
    (
        "gauge_set_to_current_time",
        Attribute::Metric(Kind::Gauge),
        "set_to_current_time",
        "/// The nightly job.\nasync fn nightly() -> Result<(), Error> { the_body().await }",
    ),
    ("gauge_static", Attribute::Metric(Kind::Gauge), "unit = \"celsius\"", "static CELLAR: Gauge;"),
    (
        "histogram",
        Attribute::Metric(Kind::Histogram),
        "buckets = [0.005, 0.05, 1]",
        "fn read(&self, (key, _): (&str, u8)) -> u8 { the_body(key) }",
    ),
    (
        "histogram_observe",
        Attribute::Metric(Kind::Histogram),
        "name = \"read_bytes\", unit = \"bytes\", buckets = exponential(64, 4, 8), observe = |read: &Vec<u8>| read.len()",
        "fn read(key: &str, _: u8) -> Vec<u8> { the_body(key) }",
    ),
    (
        "histogram_twice",
        Attribute::Metric(Kind::Histogram),
        "",
        "#[histogram(name = \"ended_seconds\", labels(ok: bool = |read: &Option<u8>| read.is_some()))]
         #[histogram(name = \"seconds\", labels(kind: &'static str = \"slow\"), buckets = [60])]
         #[histogram(outcome, name = \"outcome_seconds\")]
         fn read() -> Option<u8> { the_body() }",
    ),
    (
        "histogram_busy",
        Attribute::Metric(Kind::Histogram),
        "time = busy",
        "#[histogram(time = idle, outcome)]
         async fn handle(request: Request) -> Response { the_body(request).await }",
    ),
    (
        "histogram_static",
        Attribute::Metric(Kind::Histogram),
        "buckets = linear(1.0, 0.5, 3)",
        "static TTFB: Histogram;",
    ),
    (
        "histogram_native",
        Attribute::Metric(Kind::Histogram),
        "native(factor = 1.05, max_buckets = 100, min_reset = 900, zero_threshold = 0, max_zero_threshold = 0.001), buckets = [1]",
        "static TTFB: Histogram;",
    ),
    (
        "count_exceptions",
        Attribute::Metric(Kind::CountExceptions),
        "Err, Ok(n) if *n == 0, panic",
        "fn read(&mut self) -> Result<usize, Error> { the_body(self) }",
    ),
    (
        "measure",
        Attribute::Measure,
        "labels(kind), buckets = [0.1, 1.0]",
        "/// Fetches.
         async fn fetch(kind: Kind) -> Result<Page, Error> { the_body(kind).await }",
    ),
    (
        "measure_impl",
        Attribute::Measure,
        "namespace = \"shop\"",
        "#[async_trait]
         impl<T: Send, const N: usize> Orders for HttpShop<T, { N + 1 }> where T: Sync {
             #![allow(unused)]
             const MOST: usize = { 3 };
             type Order = Order<{ N }>;
             macros!{}
             #[measure(skip)]
             const fn new() -> Self { Self }
             #[counter]
             pub(crate) async fn place(&self, cart: Cart<T>) -> Result<Self::Order, Error> { the_body(cart).await }
             made_by!(a_macro);
         }",
    ),
    #[cfg(feature = "tracing")]
    ("measure_exemplar", Attribute::Measure, "exemplar", "fn fetch() -> Result<Page, Error> { the_body() }"),
    (
        "collector",
        Attribute::Collector,
        "",
        "/// The disks.
         fn disks(Collected { .. }: &mut Collected) { the_body() }",
    ),
    (
        "all_four",
        Attribute::Metric(Kind::Counter),
        "",
        "/// Orders placed.
         #[histogram(buckets = [0.005, 0.05, 0.5, 5.0])]
         #[gauge(track_inprogress)]
         #[count_exceptions(Err)]
         async fn place_order(cart: Cart) -> Result<Order, OrderError> { the_body(cart).await }",
    ),
    (
        "async_trait",
        Attribute::Metric(Kind::CountExceptions),
        "None",
        "fn find<'a>(&'a self) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Option<u8>> + Send + 'a>> {
             Box::pin(async move { the_body(self).await })
         }",
    ),
];

fn expanded(attribute: impl Into<Attribute>, args: &str, item: &str) -> String {
    let tokens = |text: &str| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let expanded = mark(attribute, tokens(args), tokens(item)).to_string();
    if let Ok(file) = syn::parse_file(&expanded) {
        return prettyplease::unparse(&file);
    }
    // A method stands in an `impl`.
    let file =
        syn::parse_file(&format!("impl It {{ {expanded} }}")).unwrap_or_else(|error| panic!("{error}: {expanded}"));
    prettyplease::unparse(&file)
}

#[test]
fn expansions_are_as_they_were_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let overwrite = std::env::var("TALLYMARK_SNAPSHOTS").is_ok_and(|value| value == "overwrite");
    for (name, kind, args, item) in CASES {
        let text = expanded(*kind, args, item);
        let file = folder.join(format!("{name}.rs"));
        if overwrite {
            std::fs::write(&file, &text).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        assert!(text == known, "the expansion of {name} is no longer that of {}:\n{text}", file.display());
    }
}

#[test]
fn the_body_stands_once_in_what_is_written() {
    for (name, kind, args, item) in CASES.iter().filter(|(.., item)| item.contains("the_body")) {
        assert_eq!(expanded(*kind, args, item).matches("the_body").count(), 1, "{name}");
    }
}

#[test]
fn the_order_of_attributes_changes_nothing_but_whose_import_is_used() {
    let marks = [
        (Kind::Counter, "", "#[counter]"),
        (Kind::Histogram, "", "#[histogram]"),
        (Kind::Gauge, "track_inprogress", "#[gauge(track_inprogress)]"),
        (Kind::CountExceptions, "Err, panic", "#[count_exceptions(Err, panic)]"),
    ];
    let mut seen = Vec::new();
    for (first, (kind, args, _)) in marks.iter().enumerate() {
        for rotation in 0..3 {
            let mut rest: Vec<&str> = marks.iter().map(|(.., mark)| *mark).collect();
            rest.remove(first);
            rest.rotate_left(rotation);
            let item = format!("{} async fn work() -> Result<(), ()> {{ the_body() }}", rest.join(" "));
            let expanded = expanded(*kind, args, &item);
            let imports = |line: &&str| !line.contains("(__imported)");
            seen.push(expanded.lines().filter(imports).map(str::to_owned).collect::<Vec<_>>());
        }
    }
    assert_eq!(seen.len(), 12);
    for other in &seen {
        assert_eq!(*other, seen[0]);
    }
}
