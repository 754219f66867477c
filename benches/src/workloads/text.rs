//! Pages.

use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use crate::contenders::{
    Buffer, Counters, Histograms, Page, fastmetrics as fastmetrics_peer, foundations, measured as measured_peer,
    metrics as recorder, metriken as members, opentelemetry as otel, prometheus as prometheus_peer,
    prometheus_client as client, tallymark as ours,
};
use crate::data::{self, Pair, pairs};
use crate::harness::{Case, Figure, Plan, case, measure};
use crate::limit;

/// The page of so many counters, after so many threads have counted once in each.
pub(super) fn counters(count: usize, threads: usize) -> Vec<Figure> {
    let pairs = pairs(count);
    let plan = if count < 100_000 { Plan::PAGE } else { Plan::HUGE_PAGE };
    let cases = vec![
        counted::<ours::Family<tallymark::Counter<ours::Place<'static>>>>(pairs, threads),
        limit(pairs, threads),
        counted::<client::CounterFamily>(pairs, threads),
        counted::<prometheus_peer::Family<prometheus::IntCounterVec>>(pairs, threads),
        counted::<recorder::Family<false>>(pairs, threads),
        counted::<measured::CounterVec<measured_peer::PlaceSet>>(pairs, threads),
        counted::<measured_peer::Plain>(pairs, threads),
        metriken(pairs, threads),
        counted::<fastmetrics_peer::Family<fastmetrics::metrics::counter::Counter>>(pairs, threads),
        counted::<fast_telemetry::DynamicCounter>(pairs, threads),
        counted::<foundations::CounterFamily>(pairs, threads),
        counted::<otel::Family<opentelemetry::metrics::Counter<u64>>>(pairs, threads),
    ];
    measure(plan, 1, cases)
}

/// The page of so many histograms, each with 3 observations.
pub(super) fn histograms(count: usize) -> Vec<Figure> {
    let pairs = pairs(count);
    let cases = vec![
        observed::<ours::Family<tallymark::Histogram<ours::Place<'static>>>>(pairs),
        limit_histograms(pairs),
        observed::<client::HistogramFamily>(pairs),
        observed::<prometheus_peer::Family<prometheus::HistogramVec>>(pairs),
        observed::<recorder::Family<true>>(pairs),
        observed::<measured_peer::HistogramFamily>(pairs),
        observed::<fastmetrics_peer::Family<fastmetrics::metrics::histogram::Histogram>>(pairs),
        observed::<fast_telemetry::DynamicHistogram>(pairs),
        observed::<foundations::HistogramFamily>(pairs),
        observed::<otel::Family<opentelemetry::metrics::Histogram<f64>>>(pairs),
    ];
    measure(Plan::PAGE, 1, cases)
}

pub(super) const PLAIN: &str = "tallymark, text";

/// The page of so many counters in `OpenMetrics`, where each of ours has a second line that says since when it counts.
pub(super) fn openmetrics(count: usize) -> Vec<Figure> {
    type Ours = ours::Family<tallymark::Counter<ours::Place<'static>>>;

    fn made<C: Counters>(pairs: &'static [Pair]) -> C {
        let family = C::new();
        for &(tenant, path) in pairs {
            family.inc(tenant, path);
        }
        family
    }

    let pairs = pairs(count);
    let cases = vec![
        written(Ours::NAME, ours::OpenMetrics(made::<Ours>(pairs)), 2 * count),
        written(PLAIN, made::<Ours>(pairs), count),
        written(client::CounterFamily::NAME, made::<client::CounterFamily>(pairs), count),
    ];
    measure(Plan::PAGE, 1, cases)
}

fn counted<C: Counters + Page>(pairs: &'static [Pair], threads: usize) -> Case {
    let family = C::new();
    on_threads(threads, || {
        for &(tenant, path) in pairs {
            family.inc(tenant, path);
        }
    });
    written(C::PAGE, family, pairs.len())
}

fn observed<H: Histograms + Page>(pairs: &'static [Pair]) -> Case {
    let family = H::new();
    let latencies = data::latencies();
    for (i, &(tenant, path)) in pairs.iter().enumerate() {
        for step in i..i + 3 {
            family.observe(tenant, path, latencies.at(step));
        }
    }
    // A bucket for each bound, one for +Inf, sum and count.
    written(H::NAME, family, pairs.len() * (data::BOUNDS.len() + 3))
}

fn metriken(pairs: &'static [Pair], threads: usize) -> Case {
    let members = members::Members::new(pairs);
    on_threads(threads, || members.inc_all());
    written("metriken", members, pairs.len())
}

fn limit(pairs: &'static [Pair], threads: usize) -> Case {
    let text = |&(tenant, path): &Pair| format!("requests_total{{tenant=\"{tenant}\",path=\"{path}\"}} ");
    let page = limit::Page::new(pairs.iter().map(text));
    on_threads(threads, || page.inc_all());
    written("limit", page, pairs.len())
}

/// To the limit a histogram is so many lines with numbers.
fn limit_histograms(pairs: &'static [Pair]) -> Case {
    let texts = pairs.iter().flat_map(|(tenant, path)| {
        let labels = format!("tenant=\"{tenant}\",path=\"{path}\"");
        let bounds = data::BOUNDS.iter().map(|bound| format!("{bound:?}")).chain(["+Inf".to_owned()]);
        let mut texts: Vec<String> =
            bounds.map(|bound| format!("request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} ")).collect();
        texts.extend(["sum", "count"].map(|suffix| format!("request_duration_seconds_{suffix}{{{labels}}} ")));
        texts
    });
    let page = limit::Page::new(texts);
    page.inc_all();
    written("limit", page, pairs.len() * (data::BOUNDS.len() + 3))
}

/// Runs it on so many threads, which are all there at the same time, so that none takes over what another left.
fn on_threads(threads: usize, run: impl Fn() + Sync) {
    let all_there = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                all_there.wait();
                run();
                all_there.wait();
            });
        }
    });
}

fn written(name: &'static str, page: impl Page, lines: usize) -> Case {
    let mut buffer = Buffer::default();
    page.page(&mut buffer);
    let samples = buffer.samples();
    // A page that lacks series would be written fast. One client's page has a few of other workloads on it.
    assert!(
        samples.is_none_or(|samples| (lines..lines + 50).contains(&samples)),
        "{name} wrote {samples:?}, not {lines}"
    );
    let buffer = Mutex::new(buffer);
    let case = case!(name, |_, i| {
        let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.clear();
        page.page(&mut buffer);
        std::hint::black_box(&*buffer);
    });
    case.operations(lines)
}
