//! The README of pyprometheus.

use tallymark::{Counter, Gauge, Histogram, Labels, Registry, Summary, buckets, gauge};

use crate::{Pages, Program, marked, page};

pub(crate) const PROGRAMS: &[Program] = &[
    ("pyprometheus_gauge", up_and_down),
    ("pyprometheus_track_in_progress", in_progress),
    ("pyprometheus_counter", count),
    ("pyprometheus_summary", summarize),
    ("pyprometheus_histogram", observe),
    ("pyprometheus_labels", label),
    ("pyprometheus_text", text),
];

fn up_and_down() -> Pages {
    let registry = Registry::new();
    let gauge = Gauge::new("job_in_progress", "Description")?;
    registry.register(&gauge)?;
    let mut pages = Vec::new();
    gauge.inc_by(10.0);
    gauge.dec_by(5.0);
    pages.push(page(&registry));
    gauge.set(21.1);
    pages.push(page(&registry));
    gauge.set_to_current_time();
    pages.push(page(&registry));
    gauge.time(|| ());
    pages.push(page(&registry));
    Ok(pages)
}

/// Description
#[gauge(name = "job_in_progress")]
static IN_PROGRESS: Gauge;

#[gauge(track_inprogress, into = IN_PROGRESS)]
fn page_inside() -> String {
    marked(&["job_in_progress"])
}

fn in_progress() -> Pages {
    let mut pages = vec![page_inside()];
    {
        let _one = IN_PROGRESS.track_inprogress();
        pages.push(page_inside());
    }
    pages.push(marked(&["job_in_progress"]));
    Ok(pages)
}

fn count() -> Pages {
    let registry = Registry::new();
    let requests = Counter::new("requests_total", "Description")?;
    registry.register(&requests)?;
    requests.inc_by(10);
    Ok(vec![page(&registry)])
}

fn summarize() -> Pages {
    let registry = Registry::new();
    let duration = Summary::new("requests_duration_seconds", "Description")?;
    registry.register(&duration)?;
    duration.observe(0.1);
    let before = page(&registry);
    for _ in 0..2 {
        duration.time(|| ());
    }
    Ok(vec![before, page(&registry)])
}

fn observe() -> Pages {
    let registry = Registry::new();
    let duration = Histogram::builder("requests_duration_seconds", "Description")
        .buckets(buckets::PYTHON.iter().copied())?
        .build()?;
    registry.register(&duration)?;
    duration.observe(1.1);
    let before = page(&registry);
    for _ in 0..2 {
        duration.time(|| ());
    }
    Ok(vec![before, page(&registry)])
}

#[derive(Labels)]
struct Request {
    method: &'static str,
    endpoint: &'static str,
}

fn label() -> Pages {
    let registry = Registry::new();
    let requests = Counter::builder("my_requests_total", "HTTP Failures").labels::<Request>().build()?;
    registry.register(&requests)?;
    requests.with(&Request { method: "get", endpoint: "/" }).inc();
    requests.with(&Request { method: "post", endpoint: "/submit" }).inc();
    Ok(vec![page(&registry)])
}

fn text() -> Pages {
    let registry = Registry::new();
    let raid = Gauge::new("raid_status", "1 if raid array is okay")?;
    registry.register(&raid)?;
    raid.set(1.0);
    Ok(vec![page(&registry)])
}
