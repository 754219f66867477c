//! A scrape of a million series: what it needs, and what it does to those who count meanwhile.

use std::fs;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use ::metrics::{Key as MetricKey, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use tallymark::Counter;
use tallymark::http::Exporter;

use crate::child;
use crate::contenders::families::{self, Visitor};
use crate::contenders::tallymark::{Family, Place};
use crate::contenders::{Buffer, COUNTER, Counters, Page};
use crate::data::{Key, Pair, Random, pairs};
use crate::harness::Figure;
use crate::limit;

const SERIES: usize = 1_000_000;

pub(super) fn memory(_: usize) -> Vec<Figure> {
    let names = families::NAMES.into_iter().chain(["limit"]);
    names.map(|name| child::figure("scrape-memory", name, 1)).collect()
}

pub(super) fn inc(_: usize) -> Vec<Figure> {
    // Those of which a lookup alone takes a microsecond have nothing to show here.
    let names =
        ["tallymark", "prometheus-client", "prometheus", "measured", "fastmetrics", "foundations-metrics", "metrics"];
    names.into_iter().map(|name| child::figure("inc-during-scrape", name, 1)).collect()
}

/// By how many bytes the process grows at most while its page is read.
pub(crate) fn memory_child(contender: &str) -> f64 {
    match contender {
        "tallymark" => {
            let family = Family::<Counter<Place<'static>>>::new();
            fill(|tenant, path| family.inc(tenant, path));
            let exporter = Exporter::builder().registry(&family.registry).start(("127.0.0.1", 0));
            let exporter = exporter.expect("the port is free");
            growth(|| read(exporter.local_addr()))
        }
        "metrics" => metrics_growth(),
        "limit" => {
            let text = |number| {
                let Key { tenant, path } = Key::of(number);
                format!("requests_total{{tenant=\"{tenant}\",path=\"{path}\"}} ")
            };
            let page = limit::Page::new((0..SERIES).map(text));
            page.inc_all();
            growth(|| {
                page.page(&mut Buffer::default());
            })
        }
        _ => families::visit(contender, Growth),
    }
}

/// Of those without a server of their own: the page, in memory.
struct Growth;

impl Visitor for Growth {
    type Output = f64;

    fn visit<C: Counters + Page>(self) -> f64 {
        let family = C::new();
        fill(|tenant, path| family.inc(tenant, path));
        growth(|| {
            let mut buffer = Buffer::default();
            family.page(&mut buffer);
            black_box(&buffer);
        })
    }
}

fn fill(mut inc: impl FnMut(&str, &str)) {
    let mut key = Key::default();
    for number in 0..SERIES {
        key.set(number);
        inc(&key.tenant, &key.path);
    }
}

fn metrics_growth() -> f64 {
    static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives one");
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    let addr = free.expect("there is a free port");
    let (recorder, server) = runtime
        .block_on(async { PrometheusBuilder::new().with_http_listener(addr).build() })
        .expect("the port is free");
    fill(|tenant, path| {
        let labels = vec![Label::new("tenant", tenant.to_owned()), Label::new("path", path.to_owned())];
        recorder.register_counter(&MetricKey::from_parts(COUNTER, labels), &METADATA).increment(1);
    });
    thread::spawn(move || runtime.block_on(server));
    growth(|| read(addr))
}

fn growth(scrape: impl FnOnce()) -> f64 {
    // Sets the highest resident size to the present one: proc_pid_clear_refs(5).
    fs::write("/proc/self/clear_refs", "5").expect("a Linux system");
    let before = child::status("VmHWM");
    scrape();
    child::status("VmHWM") - before
}

/// Reads a page as Prometheus would over a network: not as fast as it can be written. Drops what it reads.
fn read(addr: SocketAddr) {
    let mut stream = connect(addr);
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut buffer = [0; 16 * 1024];
    let (mut total, mut rested) = (0, 0);
    loop {
        let count = stream.read(&mut buffer).expect("the server writes");
        if count == 0 {
            break;
        }
        total += count;
        if total - rested > 1 << 20 {
            rested = total;
            thread::sleep(Duration::from_millis(1));
        }
    }
    assert!(total > SERIES * 20, "the page had only {total} bytes");
}

/// The server may be starting.
fn connect(addr: SocketAddr) -> TcpStream {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match TcpStream::connect(addr) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < deadline, "can't connect to {addr}: {error}"),
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// How many increments are timed together.
const BATCH: usize = 64;

/// How long a phase takes, and how many there are of each kind.
const PHASE: Duration = Duration::from_millis(400);
const PHASES: usize = 9;

/// The 99th percentile of batches of increments while scrapes run, over that while none does.
pub(crate) fn inc_child(contender: &str) -> f64 {
    families::visit(contender, During)
}

struct During;

impl Visitor for During {
    type Output = f64;

    fn visit<C: Counters + Page>(self) -> f64 {
        let family = Arc::new(C::new());
        fill(|tenant, path| family.inc(tenant, path));
        let hot = pairs(100);
        for &(tenant, path) in hot {
            (0..1_000).for_each(|_| family.inc(tenant, path));
        }
        let (scraping, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let scraper = (Arc::clone(&family), Arc::clone(&scraping), Arc::clone(&pages));
        // It runs for as long as the process.
        thread::spawn(move || {
            let (family, scraping, pages) = scraper;
            let mut buffer = Buffer::default();
            loop {
                while !scraping.load(Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
                pages.fetch_add(1, Relaxed);
                buffer.clear();
                family.page(&mut buffer);
                pages.fetch_add(1, Relaxed);
            }
        });
        let mut random = Random(17);
        let mut ratios: Vec<f64> = (0..PHASES)
            .map(|_| {
                let idle = percentile(&*family, hot, &mut random);
                scraping.store(true, Relaxed);
                while pages.load(Relaxed).is_multiple_of(2) {
                    thread::yield_now();
                }
                let busy = percentile(&*family, hot, &mut random);
                scraping.store(false, Relaxed);
                while !pages.load(Relaxed).is_multiple_of(2) {
                    thread::sleep(Duration::from_millis(1));
                }
                busy / idle
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios[PHASES / 2]
    }
}

/// The 99th percentile of the ns of a batch.
fn percentile<C: Counters>(family: &C, hot: &[Pair], random: &mut Random) -> f64 {
    let end = Instant::now() + PHASE;
    let mut batches = Vec::with_capacity(1 << 19);
    let mut start = Instant::now();
    while start < end {
        let first = random.below(hot.len());
        for i in 0..BATCH {
            // 37 and 100 have no common divisor.
            let (tenant, path) = hot[(first + i * 37) % hot.len()];
            family.inc(tenant, path);
        }
        let now = Instant::now();
        batches.push((now - start).as_nanos());
        start = now;
    }
    batches.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a batch is short")]
    {
        batches[batches.len() * 99 / 100] as f64
    }
}
