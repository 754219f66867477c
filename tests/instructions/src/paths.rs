//! The paths.

use std::hint::black_box;
use std::sync::atomic::{Ordering::SeqCst, compiler_fence};

use tallymark::{Counter, Histogram, LabelValue, Labels};

/// Something that programs do all the time.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    run: fn(usize),
    /// Of how many the instructions are counted.
    pub(crate) iterations: u32,
}

const MANY: u32 = 20_000;

/// Where the clock is read for the first time, which takes as many instructions as it takes time.
const VERY_MANY: u32 = 1_000_000;

pub(crate) const ALL: &[Path] = &[
    Path { name: "inc", run: inc, iterations: MANY },
    Path { name: "inc-enum-labels", run: inc_enum_labels, iterations: MANY },
    Path { name: "inc-kept-handle", run: inc_kept_handle, iterations: MANY },
    Path { name: "observe", run: observe, iterations: MANY },
    Path { name: "observe-native", run: observe_native, iterations: VERY_MANY },
    Path { name: "inc-str-labels", run: inc_str_labels, iterations: MANY },
];

/// Whatever happens only in the beginning has happened by then.
const WARM_UP: usize = 50_000;

/// Runs a path so many times.
pub(crate) fn run(path: &str, iterations: &str) -> Result<(), String> {
    let iterations: usize = iterations.parse().map_err(|_| "the iterations must be a number".to_owned())?;
    let known = ALL.iter().find(|known| known.name == path).ok_or_else(|| format!("no path `{path}`"))?;
    (known.run)(WARM_UP);
    (known.run)(iterations);
    Ok(())
}

#[derive(Clone, Copy, LabelValue)]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone, Copy, LabelValue)]
enum Status {
    Informed,
    Succeeded,
    Redirected,
    Refused,
    Failed,
}

#[derive(Labels)]
struct Request {
    method: Method,
    status: Status,
}

#[derive(Labels)]
struct Place<'a> {
    tenant: &'a str,
    path: &'a str,
}

/// Requests.
#[tallymark::counter(name = "requests_total")]
static REQUESTS: Counter;

/// Requests by method and status.
#[tallymark::counter(name = "requests_by_status_total")]
static BY_STATUS: Counter<Request>;

/// Requests by tenant and path.
#[tallymark::counter(name = "requests_by_path_total")]
static BY_PATH: Counter<Place<'static>>;

/// How long requests took.
#[tallymark::histogram(
    name = "request_duration_seconds",
    buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
)]
static DURATION: Histogram;

/// How long requests took, at a resolution of a tenth.
#[tallymark::histogram(name = "native_duration_seconds", native)]
static NATIVE: Histogram<Place<'static>>;

/// Keeps iterations apart: without it the compiler would put eight in a row, and share out the loop.
fn each(iterations: usize, mut run: impl FnMut(usize)) {
    for i in 0..iterations {
        run(black_box(i));
        compiler_fence(SeqCst);
    }
}

#[inline(never)]
fn inc(iterations: usize) {
    each(iterations, |_| REQUESTS.inc());
}

#[inline(never)]
fn inc_enum_labels(iterations: usize) {
    use Method::{Delete, Get, Patch, Post, Put};
    use Status::{Failed, Informed, Redirected, Refused, Succeeded};

    let requests = [
        (Get, Succeeded),
        (Post, Refused),
        (Put, Failed),
        (Patch, Redirected),
        (Delete, Informed),
        (Get, Failed),
        (Post, Succeeded),
        (Put, Succeeded),
    ];
    each(iterations, |i| {
        let (method, status) = requests[i & 7];
        BY_STATUS.with(&Request { method, status }).inc();
    });
}

#[inline(never)]
fn inc_kept_handle(iterations: usize) {
    let series = BY_PATH.with(&Place { tenant: "acme", path: "/cart/checkout" });
    each(iterations, |_| series.inc());
}

#[inline(never)]
fn observe(iterations: usize) {
    let seconds = [0.003, 0.02, 0.7, 0.03, 12.0, 0.3, 0.06, 1.5];
    each(iterations, |i| DURATION.observe(seconds[i & 7]));
}

#[inline(never)]
fn observe_native(iterations: usize) {
    let seconds = [0.003, 0.02, 0.7, 0.03, 12.0, 0.3, 0.06, 1.5];
    let series = NATIVE.with(&Place { tenant: "acme", path: "/cart/checkout" });
    each(iterations, |i| series.observe(seconds[i & 7]));
}

#[inline(never)]
fn inc_str_labels(iterations: usize) {
    // The lengths that names have: short, of one word and of several. And so many that it makes no difference which of
    // them stand in each other's place in the index, which is another one each time.
    let of = |names: [&str; 4]| -> Vec<String> { (0..16).map(|at| format!("{}{at}", names[at & 3])).collect() };
    let tenants = of(["acme", "globex-eu", "initech-prod", "umbrella-corporation"]);
    let paths = of(["/", "/cart", "/cart/checkout", "/api/v1/orders/by-customer"]);
    each(iterations, |i| {
        BY_PATH.with(&Place { tenant: &tenants[i & 15], path: &paths[i >> 4 & 15] }).inc();
    });
}
