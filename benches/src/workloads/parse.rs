//! Pages that are read back.

use std::fmt::Write as _;
use std::hint::black_box;

use crate::data::{self, pairs};
use crate::harness::{Case, Figure, Plan, case, measure};

/// Series on a page.
const COUNTERS: usize = 10_000;
const HISTOGRAMS: usize = 1_000;

/// A page of counters, and behind it one of histograms as long.
struct Page {
    text: String,
    lines: usize,
}

impl Page {
    fn new(openmetrics: bool) -> &'static Self {
        let base = if openmetrics { "requests" } else { "requests_total" };
        let mut text = format!("# HELP {base} Requests served.\n# TYPE {base} counter\n");
        for (number, (tenant, path)) in pairs(COUNTERS).iter().enumerate() {
            write_to(&mut text, &format!("requests_total{{tenant=\"{tenant}\",path=\"{path}\"}} {}\n", number * 37));
        }
        text.push_str("# HELP request_duration_seconds Time.\n# TYPE request_duration_seconds histogram\n");
        for (number, (tenant, path)) in pairs(HISTOGRAMS).iter().enumerate() {
            let labels = format!("tenant=\"{tenant}\",path=\"{path}\"");
            let bounds = data::BOUNDS.iter().map(|bound| format!("{bound:?}")).chain(["+Inf".to_owned()]);
            let mut count = 0;
            for (place, bound) in bounds.enumerate() {
                count = number * place;
                write_to(&mut text, &format!("request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}\n"));
            }
            write_to(&mut text, &format!("request_duration_seconds_sum{{{labels}}} {number}.25\n"));
            write_to(&mut text, &format!("request_duration_seconds_count{{{labels}}} {count}\n"));
        }
        if openmetrics {
            text.push_str("# EOF\n");
        }
        let lines = text.lines().count();
        Box::leak(Box::new(Self { text, lines }))
    }
}

fn write_to(text: &mut String, line: &str) {
    // A `String` takes anything.
    let _ = text.write_str(line);
}

/// Prometheus' text format, up to families in memory.
pub(super) fn text(_: usize) -> Vec<Figure> {
    let page = Page::new(false);
    let cases = vec![
        read("tallymark", page, |page| tallymark::parse::text(page).expect("it is ours").len()),
        limit(page),
        read("prom_text_format_parser", page, |page| {
            prom_text_format_parser::Scrape::parse(page).expect("it is one").metrics.len()
        }),
        read("prometheus-scraper", page, |page| scraped(page, prometheus_scraper::TextFormat::Prometheus)),
        read("prometheus-parse", page, |page| {
            let lines = page.lines().map(|line| Ok(line.to_owned()));
            prometheus_parse::Scrape::parse(lines).expect("it is one").samples.len()
        }),
        read("prometheus-exposition-format-rs", page, |page| {
            prometheus_exposition_format_rs::parse_complete(page).expect("it is one").len()
        }),
    ];
    measure(Plan::PAGE, 1, cases)
}

/// `OpenMetrics`, up to families in memory. Of the peers one reads it in a time that can be waited for.
pub(super) fn openmetrics(_: usize) -> Vec<Figure> {
    let page = Page::new(true);
    let cases = vec![
        read("tallymark", page, |page| tallymark::parse::openmetrics(page).expect("it is ours").len()),
        limit(page),
        read("prometheus-scraper", page, |page| scraped(page, prometheus_scraper::TextFormat::OpenMetrics)),
    ];
    measure(Plan::PAGE, 1, cases)
}

/// Its families borrow from the page.
fn scraped(page: &str, format: prometheus_scraper::TextFormat) -> usize {
    let families = prometheus_scraper::parse_payload(page.as_bytes(), prometheus_scraper::Format::Text(format));
    families.collect::<Result<Vec<_>, _>>().expect("it is one").len()
}

/// Finding the ends of lines, which nobody reads a page without.
fn limit(page: &'static Page) -> Case {
    read("limit", page, |page| page.lines().count())
}

fn read(name: &'static str, page: &'static Page, read: impl Fn(&str) -> usize + Send + Sync + 'static) -> Case {
    // A parser that finds nothing would be fast.
    assert!(read(&page.text) >= 2, "{name} finds less than two families");
    let case = case!(name, |_, i| {
        black_box(read(black_box(&page.text)));
    });
    case.operations(page.lines)
}
