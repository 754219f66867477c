//! Prometheus' server scrapes all pages and is asked what it has stored.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{self, Command};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::Page;
use crate::checks::{Checks, Result};
use crate::http;
use crate::process::{Process, output, wait_for};
use crate::shop::Shop;
use crate::values::{Number, Sample};

pub(crate) fn check(checks: &mut Checks, shop: &mut Shop, pages: &[Page]) {
    let jobs: Vec<_> =
        [("bookshop", shop.addr())].into_iter().chain(pages.iter().map(|page| (page.name, page.addr()))).collect();
    let start = || Prometheus::start(&jobs, &[]);
    let Some(prometheus) = checks.prepare("Prometheus starts", start) else { return };
    for (job, _) in &jobs {
        checks.run(&format!("Prometheus takes the page of {job}"), || {
            prometheus.number(&format!("up{{job=\"{job}\"}} == 1"))?;
            let samples = prometheus.number(&format!("scrape_samples_scraped{{job=\"{job}\"}}"))?;
            Ok(format!("{samples} samples"))
        });
    }
    at_work(checks, &prometheus);
    for page in pages {
        let name = format!("Prometheus has the values of {}, as floats", page.name);
        // It asks for OpenMetrics, which has no quantiles below zero.
        let shown = page.values.samples.iter().filter(|sample| !sample.is_quantile_below_zero());
        checks.run(&name, || prometheus.has(page.name, shown));
    }
    at_the_end(checks, &prometheus, shop);
    checks.run("the bookshop ends well", || shop.end());
}

fn at_work(checks: &mut Checks, prometheus: &Prometheus) {
    checks.run("Prometheus scrapes again and again", || {
        let scrapes = prometheus.number("count_over_time(up{job=\"bookshop\"}[6s]) >= 6")?;
        Ok(format!("{scrapes} times"))
    });
    let numbers = [
        ("orders a second", "rate(bookshop_place_order_calls_total[5s]) > 0"),
        ("charges by outcome", "count(sum by (outcome) (bookshop_charge_calls_total) > 0) == 4"),
        (
            "requests by method and status",
            "count(sum by (method, status) (rate(bookshop_requests_total[5s])) > 0) >= 4",
        ),
        (
            "seconds for nine of ten orders",
            "histogram_quantile(0.9, sum by (le) (rate(bookshop_place_order_duration_seconds_bucket[5s]))) > 0 < 5",
        ),
        (
            "share of orders that fail",
            "rate(bookshop_place_order_exceptions_total[5s]) / rate(bookshop_place_order_calls_total[5s]) > 0 < 1",
        ),
        ("books in the mean cart", "rate(bookshop_cart_books_sum[5s]) / rate(bookshop_cart_books_count[5s]) > 1 < 10"),
        ("requests in progress at most", "max_over_time(bookshop_requests_inprogress[1m]) > 0 <= 16"),
        ("search terms, with the rest as one", "count(bookshop_search_calls_total) == 6"),
        ("searches past the limit", "tallymark_series_overflow_total{metric=\"bookshop_search_calls_total\"} > 0"),
    ];
    for (what, query) in numbers {
        checks.run(&format!("PromQL gives {what}"), || Ok(format!("{:.4}", prometheus.number(query)?)));
    }
    for (name, kind) in [
        // It asks for OpenMetrics, where a counter's family is called without `_total`.
        ("bookshop_place_order_calls", "counter"),
        ("bookshop_place_order_inprogress", "gauge"),
        ("bookshop_place_order_duration_seconds", "histogram"),
    ] {
        checks.run(&format!("Prometheus knows {name} as a {kind}"), || prometheus.described(name, kind));
    }
}

/// The load has stopped: what Prometheus scrapes from now on is what the shop really did.
fn at_the_end(checks: &mut Checks, prometheus: &Prometheus, shop: &Shop) {
    let Some(tally) = checks.prepare("the bookshop stops and says what it did", || shop.stop()) else { return };
    checks.run("Prometheus scrapes once more", || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        // Of a bare selector only this is the time of the scrape; of an expression it is that of the question.
        let scraped = prometheus.number(&format!("timestamp(up{{job=\"bookshop\"}}) > {now}"))?;
        Ok(format!("{:.1} s later", scraped - now))
    });
    checks.run("Prometheus has stored what the bookshop really did", || prometheus.agrees(&tally));
    checks.run("no counter went back", || prometheus.never_fell(&tally));
    checks.run("PromQL finds nothing in progress any more", || {
        let gauges = prometheus.query("{__name__=~\"bookshop_.*_inprogress\"}")?;
        let busy: Vec<_> = gauges.iter().filter(|(_, value)| *value != 0.0).collect();
        if busy.is_empty() && !gauges.is_empty() {
            Ok(format!("{} gauges", gauges.len()))
        } else {
            Err(format!("{busy:?}").into())
        }
    });
}

/// A server, with its data in a directory that goes with it.
#[derive(Debug)]
pub(crate) struct Prometheus {
    addr: SocketAddr,
    /// Ends before the directory goes.
    _process: Process,
    _directory: Directory,
}

impl Prometheus {
    /// A server that scrapes these, with these arguments besides.
    pub(crate) fn start(jobs: &[(&str, SocketAddr)], args: &[&str]) -> Result<Self> {
        output(Command::new("prometheus").arg("--version"), "Debian's package `prometheus`")?;
        // Another program may take the free port first; then there is another one.
        Self::start_once(jobs, args).or_else(|_| Self::start_once(jobs, args))
    }

    fn start_once(jobs: &[(&str, SocketAddr)], args: &[&str]) -> Result<Self> {
        let directory = Directory::new()?;
        let config = directory.0.join("prometheus.yml");
        let jobs = jobs
            .iter()
            .map(|(job, addr)| format!("  - job_name: {job}\n    static_configs:\n      - targets: ['{addr}']\n"));
        let scrapes: String = jobs.collect();
        fs::write(&config, format!("global:\n  scrape_interval: 1s\nscrape_configs:\n{scrapes}"))?;
        let log = directory.0.join("log");
        let addr = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", directory.0.join("data").display()));
        command.arg(format!("--web.listen-address={addr}"));
        command.args(args);
        command.arg("--log.level=warn").stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
        let mut process = Process::start(&mut command)?;
        wait_for("Prometheus to be ready", || {
            if let Some(status) = process.status()? {
                let said = fs::read_to_string(&log)?;
                return Ok(Some(Err(format!("it ended: {status}\n{said}"))));
            }
            http::get(addr, "/-/ready")?;
            Ok(Some(Ok(())))
        })??;
        Ok(Self { addr, _process: process, _directory: directory })
    }

    pub(crate) fn get(&self, target: &str) -> Result<Value> {
        let answer: Value = serde_json::from_str(&http::get(self.addr, target)?)?;
        if answer["status"] == "success" { Ok(answer["data"].clone()) } else { Err(answer.to_string().into()) }
    }

    /// The series that an expression gives now: their labels and values.
    pub(crate) fn query(&self, expression: &str) -> Result<Vec<(Value, f64)>> {
        let data = self.get(&format!("/api/v1/query?query={}", http::escaped(expression)))?;
        let series = data["result"].as_array().ok_or("Prometheus gives no vector")?;
        series
            .iter()
            .map(|series| Ok((series["metric"].clone(), series["value"][1].as_str().unwrap_or_default().parse()?)))
            .collect()
    }

    /// The one number that an expression gives, once it does.
    pub(crate) fn number(&self, expression: &str) -> Result<f64> {
        wait_for(expression, || match self.query(expression)?.as_slice() {
            [] => Ok(None),
            [(_, number)] => Ok(Some(*number)),
            several => Err(format!("{} series", several.len()).into()),
        })
    }

    pub(crate) fn described(&self, name: &str, kind: &str) -> Result<String> {
        let data = self.get(&format!("/api/v1/metadata?metric={name}"))?;
        let (found, help) = (&data[name][0]["type"], &data[name][0]["help"]);
        if found == kind { Ok(help.to_string()) } else { Err(format!("it is {data}").into()) }
    }

    /// Looks for an exemplar with this text in one of its labels.
    pub(crate) fn exemplar(&self, name: &str, text: &str) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let target =
            format!("/api/v1/query_exemplars?query={}&start={}&end={}", http::escaped(name), now - 600, now + 60);
        wait_for(name, || {
            let found = self.get(&target)?;
            Ok(found.to_string().contains(text).then(|| Ok(text.to_owned())))
        })?
    }

    /// Compares what is stored with the shop's own count. A series as it stands on the page selects itself.
    fn agrees(&self, tally: &BTreeMap<String, f64>) -> Result<String> {
        let mut wrong = Vec::new();
        for (series, &counted) in tally {
            let stored: Vec<f64> = self.query(series)?.into_iter().map(|(_, value)| value).collect();
            if stored != [counted] {
                wrong.push(format!("{series} is {stored:?}, and {counted} in truth"));
            }
        }
        if wrong.is_empty() { Ok(format!("{} series", tally.len())) } else { Err(wrong.join("; ").into()) }
    }

    fn never_fell(&self, tally: &BTreeMap<String, f64>) -> Result<String> {
        let counters = tally.keys().filter(|series| {
            let name = series.split('{').next().unwrap_or_default();
            ["_total", "_bucket", "_count"].iter().any(|suffix| name.ends_with(suffix))
        });
        let mut count = 0;
        for series in counters {
            let resets = self.query(&format!("resets({series}[1h])"))?;
            if !matches!(resets.as_slice(), [(_, 0.0)]) {
                return Err(format!("{series}: {resets:?}").into());
            }
            count += 1;
        }
        Ok(format!("{count} series"))
    }

    pub(crate) fn has<'a>(&self, job: &str, samples: impl IntoIterator<Item = &'a Sample>) -> Result<String> {
        let mut of_names = BTreeMap::new();
        let mut count = 0;
        for sample in samples {
            count += 1;
            let stored = match of_names.entry(&sample.name) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.query(&format!("{}{{job=\"{job}\"}}", sample.name))?),
            };
            // An empty label is none in Prometheus.
            let same = |labels: &Value| {
                sample.labels.iter().all(|(name, text)| labels[name].as_str().unwrap_or_default() == text)
            };
            let found: Vec<f64> = stored.iter().filter(|(labels, _)| same(labels)).map(|(_, value)| *value).collect();
            #[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
            let expected = match sample.number {
                Number::Integer(integer) => integer as f64,
                Number::Float(float) => float,
            };
            let [found] = found.as_slice() else {
                return Err(format!("{} {:?} is there {} times", sample.name, sample.labels, found.len()).into());
            };
            if found.to_bits() != expected.to_bits() && !(found.is_nan() && expected.is_nan()) {
                return Err(format!("{} {:?} is {found}, not {expected}", sample.name, sample.labels).into());
            }
        }
        Ok(format!("{count} samples"))
    }
}

/// A directory for a while.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        let path = std::env::temp_dir().join(format!("tallymark-peers-{}-{since}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
