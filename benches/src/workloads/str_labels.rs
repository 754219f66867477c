//! Two open labels, looked up at each call.

use fastmetrics::metrics::family::Family as Metrics;

use crate::contenders::{
    Counters, fastmetrics as fastmetrics_peer, foundations, metrics as recorder, opentelemetry as otel,
    prometheus as prometheus_peer, prometheus_client as client, tallymark as ours,
};
use crate::data::{self, Numbers, Pair, pairs};
use crate::harness::{Case, Figure, Plan, case, measure};
use crate::limit;

/// Requests served.
#[tallymark::counter(name = "str_requests_total", max_series = 100_000)]
static REQUESTS: tallymark::Counter<ours::Place<'static>>;

/// A walk over series.
#[derive(Clone, Copy)]
struct Walk {
    pairs: &'static [Pair],
    steps: Numbers,
}

impl Walk {
    fn at(self, i: usize) -> Pair {
        self.pairs[self.steps.at(i) as usize]
    }
}

pub(super) fn hundred(threads: usize) -> Vec<Figure> {
    run(threads, Walk { pairs: pairs(100), steps: data::uniform(100) })
}

pub(super) fn uniform(threads: usize) -> Vec<Figure> {
    run(threads, Walk { pairs: pairs(10_000), steps: data::uniform(10_000) })
}

pub(super) fn zipf(threads: usize) -> Vec<Figure> {
    run(threads, Walk { pairs: pairs(10_000), steps: data::zipf(10_000) })
}

fn run(threads: usize, walk: Walk) -> Vec<Figure> {
    let static_keys: Metrics<fastmetrics_peer::StaticPlace, fastmetrics::metrics::counter::Counter> =
        Metrics::default();
    let cases = vec![
        case!("tallymark", |_, i| {
            let (tenant, path) = walk.at(i);
            REQUESTS.with(&ours::Place { tenant, path }).inc();
        }),
        family::<limit::Family>(walk),
        family::<client::CounterFamily>(walk),
        family::<prometheus_peer::Family<prometheus::IntCounterVec>>(walk),
        family::<recorder::Family<false>>(walk),
        family::<measured::CounterVec<crate::contenders::measured::PlaceSet>>(walk),
        family::<fastmetrics_peer::Family<fastmetrics::metrics::counter::Counter>>(walk),
        family::<fast_telemetry::DynamicCounter>(walk),
        family::<foundations::CounterFamily>(walk),
        // What the fastest of those that look up with owned keys does where the texts live as long as the program.
        case!("fastmetrics/static-texts", |_, i| {
            let (tenant, path) = walk.at(i);
            let place = fastmetrics_peer::StaticPlace { tenant, path };
            static_keys.with_or_new(&place, fastmetrics::metrics::counter::Counter::inc);
        }),
        family::<otel::Family<opentelemetry::metrics::Counter<u64>>>(walk),
    ];
    let figures = measure(Plan::HOT, threads, cases);
    REQUESTS.clear();
    figures
}

fn family<C: Counters>(walk: Walk) -> Case {
    let family = C::new();
    // All series are there before anything is timed.
    for &(tenant, path) in walk.pairs {
        family.inc(tenant, path);
    }
    case!(C::NAME, |_, i| {
        let (tenant, path) = walk.at(i);
        family.inc(tenant, path);
    })
}
