//! The README of `prometheus_client`, and that of its first days.

use std::num::ParseIntError;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::{fs, io};

use tallymark::collectors::Process;
use tallymark::exposition::text;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Info, LabelValue, Labels, Registry, StateSet, Summary,
    buckets, count_exceptions, counter, gauge, histogram, info, stateset, summary,
};

use crate::{Pages, Program, marked, page};

pub(crate) const PROGRAMS: &[Program] = &[
    ("client_python_three_steps", three_steps),
    ("client_python_counter", count),
    ("client_python_count_exceptions", exceptions),
    ("client_python_gauge", up_and_down),
    ("client_python_track_inprogress", in_progress),
    ("client_python_set_function", function),
    ("client_python_summary", summarize),
    ("client_python_histogram", observe),
    ("client_python_buckets", observe_in_buckets),
    ("client_python_info", say),
    ("client_python_enum", change_state),
    ("client_python_labels", label),
    ("client_python_removal", remove),
    ("client_python_process_of_another", daemon),
    ("client_python_registry", registry),
    ("client_python_custom_collector", custom_collector),
];

/// Time spent processing request
#[summary(name = "request_processing_seconds")]
fn process_request(time: Duration) {
    thread::sleep(time);
}

fn three_steps() -> Pages {
    for milliseconds in [1, 3, 2] {
        process_request(Duration::from_millis(milliseconds));
    }
    Ok(vec![marked(&["request_processing_seconds"])])
}

fn count() -> Pages {
    let registry = Registry::new();
    let failures = Counter::builder("my_failures_total", "Description of counter").values::<f64>().build()?;
    registry.register(&failures)?;
    let before = page(&registry);
    failures.inc();
    failures.inc_by(1.6);
    Ok(vec![before, page(&registry)])
}

/// Description of counter
#[counter(name = "my_failures_total")]
static FAILURES: Counter;

#[count_exceptions(into = FAILURES, Err)]
fn parse(text: &str) -> Result<i64, ParseIntError> {
    text.parse()
}

fn exceptions() -> Pages {
    enum Failure {
        NoText,
        NoNumber,
    }

    let mut pages = Vec::new();
    for text in ["7", "seven"] {
        let _ = parse(text);
    }
    pages.push(marked(&["my_failures_total"]));
    for text in ["7", "seven"] {
        let _ = FAILURES.count_exceptions(|| text.parse::<i64>());
    }
    pages.push(marked(&["my_failures_total"]));
    for texts in [&["7"][..], &["seven"], &[]] {
        let _ = FAILURES.count_exceptions_if(
            |failure| matches!(failure, Failure::NoNumber),
            || {
                let text = texts.first().ok_or(Failure::NoText)?;
                text.parse::<i64>().map_err(|_| Failure::NoNumber)
            },
        );
    }
    pages.push(marked(&["my_failures_total"]));
    Ok(pages)
}

fn up_and_down() -> Pages {
    let registry = Registry::new();
    let requests = Gauge::new("my_inprogress_requests", "Description of gauge")?;
    registry.register(&requests)?;
    let mut pages = Vec::new();
    requests.inc();
    requests.dec_by(10.0);
    pages.push(page(&registry));
    requests.set(4.2);
    pages.push(page(&registry));
    requests.set_to_current_time();
    pages.push(page(&registry));
    Ok(pages)
}

/// Description of gauge
#[gauge(name = "my_inprogress_requests")]
static IN_PROGRESS: Gauge;

#[gauge(track_inprogress, into = IN_PROGRESS)]
fn page_inside() -> String {
    marked(&["my_inprogress_requests"])
}

fn in_progress() -> Pages {
    let mut pages = vec![page_inside()];
    {
        let _one = IN_PROGRESS.track_inprogress();
        pages.push(page_inside());
    }
    let failing = || -> Result<(), ()> {
        let _one = IN_PROGRESS.track_inprogress();
        Err(())
    };
    let _ = failing();
    pages.push(marked(&["my_inprogress_requests"]));
    Ok(pages)
}

static DATA: Mutex<Vec<(&str, u32)>> = Mutex::new(Vec::new());

/// Number of objects
#[gauge(callback, name = "data_objects")]
fn data_objects() -> usize {
    DATA.lock().map_or(0, |data| data.len())
}

fn function() -> Pages {
    let before = marked(&["data_objects"]);
    DATA.lock()?.extend([("a", 1), ("b", 2)]);
    Ok(vec![before, marked(&["data_objects"])])
}

/// Description of summary
#[summary(name = "request_latency_seconds")]
static LATENCY: Summary;

#[summary(into = LATENCY)]
fn timed() {}

fn summarize() -> Pages {
    LATENCY.observe(4.7);
    let before = marked(&["request_latency_seconds"]);
    timed();
    LATENCY.time(|| ());
    Ok(vec![before, marked(&["request_latency_seconds"])])
}

fn observe() -> Pages {
    let registry = Registry::new();
    // The bounds are those that Python's client has unless others are stated.
    let latency = Histogram::builder("request_latency_seconds", "Description of histogram")
        .buckets(buckets::PYTHON.iter().copied())?
        .build()?;
    registry.register(&latency)?;
    latency.observe(4.7);
    let before = page(&registry);
    latency.time(|| ());
    let timer = latency.start_timer();
    timer.stop();
    Ok(vec![before, page(&registry)])
}

/// Description of histogram
#[histogram(name = "my_latency_seconds", buckets = [0.1, 1, 10])]
static MY_LATENCY: Histogram;

fn observe_in_buckets() -> Pages {
    for seconds in [0.1, 0.25, 1.0, 1.5, 10.5] {
        MY_LATENCY.observe(seconds);
    }
    Ok(vec![marked(&["my_latency_seconds"])])
}

/// Description of info
#[info(name = "my_build_version")]
static BUILD_VERSION: Info;

fn say() -> Pages {
    BUILD_VERSION.set([("version", "1.2.3"), ("buildhost", "foo@bar")])?;
    Ok(vec![marked(&["my_build_version_info"])])
}

#[derive(Clone, Copy, LabelValue)]
enum TaskState {
    Starting,
    Running,
    Stopped,
}

/// Description of enum
#[stateset(name = "my_task_state")]
static TASK_STATE: StateSet<TaskState>;

fn change_state() -> Pages {
    debug_assert!(TASK_STATE.is(TaskState::Starting) && !TASK_STATE.is(TaskState::Stopped));
    let before = marked(&["my_task_state"]);
    TASK_STATE.set(TaskState::Running);
    Ok(vec![before, marked(&["my_task_state"])])
}

#[derive(Labels)]
struct Request<'a> {
    method: &'a str,
    endpoint: &'a str,
}

/// HTTP Failures
#[counter(name = "my_requests_total")]
static REQUESTS: Counter<Request<'static>>;

fn label() -> Pages {
    let mut pages = vec![marked(&["my_requests_total"])];
    for _ in 0..2 {
        REQUESTS.with(&Request { method: "get", endpoint: "/" }).inc();
        REQUESTS.with(&Request { method: "post", endpoint: "/submit" }).inc();
        pages.push(marked(&["my_requests_total"]));
    }
    Ok(pages)
}

fn remove() -> Pages {
    let registry = Registry::new();
    let requests = Counter::builder("my_requests_total", "HTTP Failures").labels::<Request<'static>>().build()?;
    registry.register(&requests)?;
    for (method, endpoint) in [("get", "/"), ("get", "/submit"), ("post", "/"), ("post", "/submit")] {
        requests.with(&Request { method, endpoint }).inc();
    }
    let mut pages = Vec::new();
    requests.remove(&Request { method: "get", endpoint: "/" });
    requests.remove(&Request { method: "get", endpoint: "/nowhere" });
    pages.push(page(&registry));
    requests.remove_by_labels([("method", "post")])?;
    pages.push(page(&registry));
    requests.clear();
    pages.push(page(&registry));
    Ok(pages)
}

fn daemon() -> Pages {
    let proc = Path::new(env!("CARGO_MANIFEST_DIR")).join("from_python/proc");
    let pid_file = proc.join("daemon.pid");
    let daemon = Process::builder()
        .namespace("mydaemon")
        .pid(move || -> io::Result<String> { fs::read_to_string(&pid_file) })
        .proc(proc)
        .build()?;
    let registry = Registry::new();
    registry.register(daemon)?;
    Ok(vec![page(&registry)])
}

fn registry() -> Pages {
    let registry = Registry::new();
    let raid = Gauge::new("raid_status", "1 if raid array is okay")?;
    registry.register(&raid)?;
    raid.set(1.0);
    let mut pages = vec![page(&registry)];
    let last = Gauge::new("job_last_success_unixtime", "Last time a batch job successfully finished")?;
    let registered = registry.register(&last)?;
    last.set_to_current_time();
    pages.push(page(&registry));
    registry.unregister(registered);
    pages.push(page(&registry));
    Ok(pages)
}

struct Custom;

impl Collector for Custom {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        out.gauge("my_gauge", "Help text").value(7);
        out.counter("my_counter_total", "Help text").series([("foo", "bar")], 1.7).series([("foo", "baz")], 3.8);
        out.summary("my_summary", "Help text").summary_series([("foo", "bar")], 4, 25.2, []);
        // Each bucket by itself, where Python's client takes them added up.
        let buckets = [(0.5, 1), (1.0, 2), (f64::INFINITY, 1)];
        out.histogram("my_histogram", "Help text").histogram_series([("foo", "bar")], buckets, 4.5);
    }
}

fn custom_collector() -> Pages {
    let registry = Registry::builder().auto_describe(true).build();
    registry.register(Custom)?;
    let mut pages = vec![page(&registry)];
    // It was collected once, so its names are known.
    for taken in ["my_counter_total", "my_summary_count"] {
        if registry.register(&Gauge::new(taken, "Taken")?).is_ok() {
            return Err(format!("{taken} is there twice").into());
        }
    }
    pages.push(text::encode(&registry.restricted(["my_gauge", "my_summary_count"]).gather()));
    let counted = registry.value("my_counter_total", [("foo", "baz")]).ok_or("no such sample")?;
    let below = registry.value("my_histogram_bucket", [("foo", "bar"), ("le", "1.0")]).ok_or("no such sample")?;
    pages.push(format!(
        "my_counter_total{{foo=\"baz\"}} {counted}\nmy_histogram_bucket{{foo=\"bar\",le=\"1.0\"}} {below}\n"
    ));
    Ok(pages)
}
