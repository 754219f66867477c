//! The attributes and derives of [tallymark](https://docs.rs/tallymark), which re-exports and documents them.
//!
//! What flows through: `args` and `item` parse what stands there, `check` refuses what doesn't go together and makes a
//! plan of it, `expand` writes the plan as code. Mistakes are gathered on the way (`errors`) and shown all at once,
//! beside the item as it was (`fallback`).

#![forbid(unsafe_code)]

mod args;
mod block;
mod check;
mod derive;
mod errors;
mod expand;
mod fallback;
mod future;
mod item;
mod labels;
mod names;
mod paths;

use proc_macro::TokenStream;

use crate::args::{Attribute, Kind};

/// Counts the calls of a function, or makes a static a `Counter`.
///
/// ```
/// use tallymark::{LabelValue, counter};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Method { Get, Post }
///
/// /// Requests served.
/// #[counter(name = "http_requests_total", labels(method, ok: bool = |response: &Result<(), String>| response.is_ok()))]
/// fn serve(method: Method) -> Result<(), String> {
///     Ok(())
/// }
/// # serve(Method::Get).unwrap();
/// # let _ = Method::Post;
/// ```
///
/// On a function the name is `<crate>_<function>_calls_total` unless stated, on a static `<crate>_<static>_total`.
/// Without a label that is read from the result, the call is counted on entry (an `async fn` at its first poll), with
/// one on return.
///
/// | argument | what it does |
/// |---|---|
/// | `name = "…"` | the whole name |
/// | `allow_utf8` | beside `name`: allows any characters in it, as `name = "http.requests", allow_utf8`; a reader that doesn't ask for UTF-8 sees `http_requests` |
/// | `namespace = "…"` | what stands before the derived name instead of the crate; `""` for nothing |
/// | `unit = "…"` | the unit, appended to the name unless it is there |
/// | `help = "…"` | the help text instead of the first paragraph of the doc comment |
/// | `labels(argument, name: Type = expression, name: Type = \|result: &T\| …)` | labels from an argument, from an expression over the arguments, from the result |
/// | `const_labels(name = "…")` | labels with the same value in every series |
/// | `outcome` | the label `outcome` = `ok`, `error`, `panic`, `cancelled` |
/// | `exemplar` | counts with what the current span says of its trace: `tallymark::tracing` has more of it, and needs the feature `tracing` |
/// | `init = true` | with labels: whether every series of a finite family shows from the first scrape; unless stated, those of up to 100 do |
/// | `max_series = 100` | with labels: how many series there may be (10,000 unless stated) |
/// | `into = expression` | counts in a counter, or in a series of one, that is there already; nothing that describes it stands beside |
/// | `crate = path` | the path of `tallymark` where it is renamed or re-exported |
///
/// # Where a mark may stand
///
/// What is said here holds for the other attributes too. A mark stands on any function that has a body and isn't
/// `const`: free or a method, `async`, `unsafe`, `extern`, generic, in a trait, in its `impl`, under `#[async_trait]`
/// (where a label can't name what a pattern binds), in a `cfg_attr`. Marks stack, and their order changes nothing.
///
/// A function that isn't `async`, but whose whole body is `async { … }`, `Box::pin(async { … })` or `async { …
/// }.boxed()`, is measured as its future is polled. Any other function that returns a future is measured while it makes
/// it.
///
/// # What changes for the function
///
/// Nothing that its callers see: neither its signature nor whether its future is `Send`, nor the order in which
/// arguments and locals are dropped. But where its end is inspected (by `outcome`, by a label or an observation from
/// the result, by [`count_exceptions`](macro@count_exceptions) of more than `panic`), the body runs in a closure, which `#[track_caller]`
/// doesn't reach: `Location::caller()` and panics in the body then name the body's own lines.
///
/// A label that is read from arguments is read before the body, which may consume or change them. An expression sees the
/// arguments as they are: what it takes by value the body can't use, so of an argument `cart: Cart` write
/// `size: Size = (&cart).into()`. The `outcome` of a function that returns a type parameter is never `error`.
#[proc_macro_attribute]
pub fn counter(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::Counter, args.into(), item.into()).into()
}

/// Shows what a function is doing or has last done, reads a gauge from a function, or makes a static a `Gauge`.
///
/// ```
/// use tallymark::{Gauge, gauge};
///
/// #[gauge(track_inprogress)]
/// #[gauge(time)]
/// fn handle() {}
///
/// #[gauge(set_to_current_time)]
/// #[gauge(name = "invoices_sent", set = |sent: &Result<u32, String>| sent.as_ref().map_or(0, |sent| *sent))]
/// fn send_invoices() -> Result<u32, String> { Ok(3) }
///
/// /// Jobs waiting.
/// #[gauge(callback)]
/// fn queue_depth() -> usize { 3 }
///
/// /// Degrees in the cellar.
/// #[gauge(unit = "celsius")]
/// static CELLAR: Gauge;
/// # handle(); send_invoices().unwrap(); queue_depth(); CELLAR.set(1.0);
/// ```
///
/// On a function it says what it shows, besides the arguments of [`counter`](macro@counter) but `outcome`:
///
/// | argument | what the gauge shows | the derived name ends in |
/// |---|---|---|
/// | `track_inprogress` | how many calls are running | `_inprogress` |
/// | `time` | the seconds that the last call took, on whatever way out; `time = busy` and `time = idle` as of a [`histogram`](macro@histogram) | `_last_duration_seconds`, `_last_busy_seconds`, `_last_idle_seconds` |
/// | `set = \|result: &T\| …` | a number of the last result | the unit, if one is stated |
/// | `set_to_current_time` | when a call last succeeded, in seconds since 1970-01-01 UTC: a function that returns a `Result` by an `Ok`, any other whenever it returns | `_last_success_timestamp_seconds` |
/// | `callback` | the number that the function returns, which is called at every scrape; it takes no labels but `const_labels` | the unit, if one is stated |
///
/// Calls in progress are counted in a `Gauge<_, i64>`, the others shown in a `Gauge` of `f64`; `into` takes either. A
/// gauge of `i64` keeps of a number what is before the point.
#[proc_macro_attribute]
pub fn gauge(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::Gauge, args.into(), item.into()).into()
}

/// Times a function, observes a number of its result, or makes a static a `Histogram`.
///
/// ```
/// use tallymark::{Histogram, histogram};
///
/// #[histogram(buckets = [0.005, 0.05, 0.5, 5.0])]
/// fn place_order() {}
///
/// #[histogram(unit = "bytes", buckets = exponential(64.0, 4.0, 8), observe = |page: &String| page.len())]
/// fn render() -> String { String::from("<html>") }
///
/// /// Time to first byte.
/// #[histogram(unit = "seconds", buckets = linear(0.1, 0.1, 10))]
/// static TTFB: Histogram;
/// # place_order(); render(); TTFB.observe(0.1);
///
/// /// Time to render.
/// #[histogram(unit = "seconds", native(factor = 1.05))]
/// static RENDERING: Histogram;
/// # RENDERING.observe(0.1);
/// ```
///
/// Besides the arguments of [`counter`](macro@counter): `buckets = [..]`, `linear(start, width, count)`,
/// `exponential(start, factor, count)`, `exponential_range(start, end, count)` or any constant `[f64; N]`; `observe = |result: &T| …` for a number of the
/// result instead of the seconds that the call took. Seconds are recorded on every way out: return, panic,
/// cancellation. The name ends in `_duration_seconds` for seconds, in the unit otherwise.
///
/// `native` makes a native histogram, alone or beside `buckets`. In parentheses it takes:
///
/// | option | what it says |
/// |---|---|
/// | `factor = 1.1` | by how much a bucket may end above the one before it |
/// | `max_buckets = 160` | how many buckets may have observations; past that they become fewer and wider |
/// | `min_reset = 3600` | after how many seconds it begins anew instead; 0 for never |
/// | `zero_threshold = 2.938735877055719e-39` | how far from zero the zero bucket reaches |
/// | `max_zero_threshold = 0.0` | how far it may come to reach before the others become wider |
///
/// Of an `async fn`, `time = busy` records the seconds in which its future was being polled (the name ends in
/// `_busy_seconds`), `time = idle` those from its first poll to its end in which it wasn't (`_idle_seconds`), and `time =
/// wall` is what is recorded unless stated: all of them. What the future awaits is polled by it, so that counts as busy;
/// what runs in a task of its own doesn't.
///
/// ```
/// # use tallymark::histogram;
/// #[histogram(time = busy)]
/// #[histogram(time = idle)]
/// async fn fetch() {}
/// ```
#[proc_macro_attribute]
pub fn histogram(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::Histogram, args.into(), item.into()).into()
}

/// Times a function, observes a number of its result, or makes a static a `Summary`: how many observations there were,
/// their sum, and quantiles if they are asked for.
///
/// ```
/// use tallymark::{Summary, summary};
///
/// #[summary]
/// fn place_order() {}
///
/// #[summary(unit = "bytes", observe = |page: &String| page.len(), quantiles = [(0.5, 0.05), (0.99, 0.001)])]
/// fn render() -> String { String::from("<html>") }
///
/// /// Time to first byte.
/// #[summary(unit = "seconds", quantiles = tallymark::quantiles::DEFAULT, max_age = 600)]
/// static TTFB: Summary;
/// # place_order(); render(); TTFB.observe(0.1);
/// ```
///
/// Besides the arguments of [`counter`](macro@counter), and `observe` and `time` of [`histogram`](macro@histogram):
///
/// | argument | what it does |
/// |---|---|
/// | `quantiles = [(0.5, 0.05), (0.99, 0.001)]` | quantiles, each with the part of all ranks by which it may be off; also any constant list |
/// | `max_age = 600` | the quantiles of the last 600 seconds instead of all observations |
/// | `age_buckets = 5` | in how many steps old observations go |
///
/// A function that has a [`histogram`](macro@histogram) too needs a `name` on one of them.
#[proc_macro_attribute]
pub fn summary(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::Summary, args.into(), item.into()).into()
}

/// Makes a static an `Info`: texts that seldom change while a program runs, as the labels of a series that reads 1.
///
/// ```
/// use tallymark::{Info, info};
///
/// /// What runs here.
/// #[info(package, const_labels(profile = if cfg!(debug_assertions) { "debug" } else { "release" }))]
/// static BUILD: Info;
///
/// BUILD.set([("branch", "main")])?;
/// # Ok::<(), tallymark::Error>(())
/// ```
///
/// `package` says the name and the version of the package, as Cargo has them, in the labels `package` and `version`. The
/// other arguments are `name`, `allow_utf8`, `namespace`, `help`, `const_labels`, `init`, `max_series` and `crate` of
/// [`counter`](macro@counter). The name ends in `_info`.
#[proc_macro_attribute]
pub fn info(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::Info, args.into(), item.into()).into()
}

/// Makes a static a `StateSet`: which of several states something is in.
///
/// ```
/// use tallymark::{LabelValue, StateSet, stateset};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum TaskState { Starting, Running, Stopped }
///
/// /// What the task does.
/// #[stateset]
/// static TASK: StateSet<TaskState>;
///
/// assert!(TASK.is(TaskState::Starting));
/// TASK.set(TaskState::Running);
/// # let _ = TaskState::Stopped;
/// ```
///
/// The arguments are `name`, `allow_utf8`, `namespace`, `help`, `const_labels`, `init`, `max_series` and `crate` of
/// [`counter`](macro@counter). The states stand in a label that is called as the metric.
#[proc_macro_attribute]
pub fn stateset(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::StateSet, args.into(), item.into()).into()
}

/// Counts the calls of a function that fail.
///
/// ```
/// use tallymark::count_exceptions;
///
/// #[count_exceptions(Err)]
/// #[count_exceptions(name = "parse_empty_total", Err(error) if error.is_empty())]
/// #[count_exceptions(name = "parse_panics_total", panic)]
/// fn parse(text: &str) -> Result<u32, String> {
///     text.parse().map_err(|_| text.to_owned())
/// }
/// # parse("").unwrap_err();
/// ```
///
/// What counts: `Err` (also where nothing is stated), `None`, any pattern of the returned value, with a guard or
/// without, and `panic`. A call counts once. What a pattern binds is borrowed: `Err(code) if *code > 500`. A guard sees
/// the result, and of the arguments those that are `Copy`, since the body may have consumed the others. The derived name
/// ends in `_exceptions_total`. The other arguments are those of [`counter`](macro@counter) but `outcome`.
#[proc_macro_attribute]
pub fn count_exceptions(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Kind::CountExceptions, args.into(), item.into()).into()
}

/// Measures the calls of a function in one word, or those of every function of an `impl`.
///
/// ```
/// use tallymark::measure;
///
/// struct Shop;
///
/// #[measure]
/// impl Shop {
///     /// Places an order.
///     fn place_order(&self) -> Result<(), String> { Ok(()) }
///
///     #[measure(skip)]
///     const fn new() -> Self { Self }
/// }
///
/// #[measure(buckets = [0.01, 1.0], labels(kind))]
/// async fn fetch(kind: &'static str) {}
/// # Shop::new().place_order().unwrap();
/// ```
///
/// On a function it is `#[counter(outcome)]`, `#[histogram]` and `#[gauge(track_inprogress)]`: calls by how they ended
/// (`<crate>_<function>_calls_total{outcome}`), how long they took (`_duration_seconds`), and how many are running
/// (`_inprogress`).
///
/// On an `impl`, of a trait or not, it stands for the same on each function, and the name of the type stands before
/// theirs: `<crate>_shop_place_order_calls_total`. What else is marked stays so. Where a function has its own
/// `#[measure(…)]`, that is for it instead of what stands on the `impl`, and `#[measure(skip)]` leaves it out. Two
/// functions of one type and one name, in two traits, need a `namespace` on one `impl`.
///
/// | argument | what it does |
/// |---|---|
/// | `labels(argument, name: Type = expression)` | labels of all three, read on entry |
/// | `namespace`, `help`, `const_labels`, `init`, `max_series`, `crate` | as of [`counter`](macro@counter), for all three |
/// | `buckets`, `native` | those of the histogram |
/// | `exemplar` | counts and times with what the current span says of its trace, as of [`counter`](macro@counter); what is running has none |
/// | `skip` | on a function of a measured `impl`: leaves it out |
#[proc_macro_attribute]
pub fn measure(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Attribute::Measure, args.into(), item.into()).into()
}

/// Makes a function a collector of the global registry: it is called at every scrape and gives families of its own.
///
/// ```
/// use tallymark::{Collected, collector};
///
/// #[collector]
/// fn disks(out: &mut Collected) {
///     out.gauge("disk_free_bytes", "Free space.").series([("disk", "sda")], 4096).series([("disk", "sdb")], 512);
/// }
/// # let families = tallymark::Registry::global().gather();
/// # assert!(families.iter().any(|family| family.name() == "disk_free_bytes" && family.series().len() == 2));
/// ```
///
/// Its names are known only once it is called, so `Registry::check` doesn't: a family that takes another's name is left
/// out and counted in `tallymark_collisions`. For a collector that says before what it will give, or for a registry of
/// your own, implement the trait `Collector`. A panic harms no other collector. The only argument is `crate = path`, as
/// of [`counter`](macro@counter).
#[proc_macro_attribute]
pub fn collector(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::mark(Attribute::Collector, args.into(), item.into()).into()
}

/// Makes a struct a set of labels: see the trait `Labels`. A label's name may have any characters by
/// `#[label("http.method", allow_utf8)]`. Where `tallymark` is renamed or re-exported, write
/// `#[label(crate = path)]` on the struct.
#[proc_macro_derive(Labels, attributes(label))]
pub fn derive_labels(item: TokenStream) -> TokenStream {
    derive::labels(item.into()).into()
}

/// Makes an enum, or with `#[label(display)]` any type that has `Display`, the value of a label: see the trait
/// `LabelValue`. Where `tallymark` is renamed or re-exported, write `#[label(crate = path)]` on the type.
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn derive_label_value(item: TokenStream) -> TokenStream {
    derive::label_value(item.into()).into()
}
