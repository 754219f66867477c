//! Registering.

use std::any::Any;
use std::collections::HashSet;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use metrics::{Key, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use metriken::MetricBuilder;
use tallymark::{Counter, Registry};

use crate::child;
use crate::contenders::HELP;
use crate::contenders::opentelemetry::Provider;
use crate::harness::{Case, Figure, Plan, case, measure};

const METRICS: usize = 1_000;

/// What has been made, until it is dropped untimed.
type Graveyard = Arc<Mutex<Vec<Box<dyn Any + Send>>>>;

fn bury(graveyard: &Graveyard, what: impl Any + Send) {
    graveyard.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(what));
}

/// A case in which each iteration gives a registry with so many metrics.
fn filled<R: Any + Send>(name: &'static str, fill: impl Fn() -> R + Send + Sync + 'static) -> Case {
    let graveyard = Graveyard::default();
    let dropped = Arc::clone(&graveyard);
    let case = case!(name, |_, i| bury(&graveyard, fill()));
    case.operations(METRICS).upkeep(move || dropped.lock().unwrap_or_else(PoisonError::into_inner).clear())
}

fn names() -> &'static [&'static str] {
    let names: Vec<&'static str> = (0..METRICS).map(|number| &*format!("requests_{number}_total").leak()).collect();
    names.leak()
}

/// Metrics that are there already go into a new registry; where registering is making, they are made.
pub(super) fn run(threads: usize) -> Vec<Figure> {
    let names = names();
    let mut cases = Vec::new();
    let counters: Vec<Counter> =
        names.iter().map(|&name| Counter::new(name, HELP).expect("the name is good")).collect();
    cases.push(filled("tallymark", move || {
        let registry = Registry::new();
        for counter in &counters {
            registry.register(counter).expect("the names differ");
        }
        registry
    }));
    cases.extend(peers(names));
    measure(PLAN, threads, cases)
}

/// The same, each metric made first.
pub(super) fn made(threads: usize) -> Vec<Figure> {
    let names = names();
    let mut cases = Vec::new();
    cases.push(filled("tallymark", move || {
        let registry = Registry::new();
        for &name in names {
            let counter = Counter::new(name, HELP).expect("the name is good");
            registry.register(&counter).expect("the names differ");
        }
        registry
    }));
    cases.push(filled("prometheus-client", move || {
        let mut registry = prometheus_client::registry::Registry::default();
        for &name in names {
            let counter = prometheus_client::metrics::counter::Counter::<u64>::default();
            registry.register(name, HELP, counter.clone());
            black_box(counter);
        }
        registry
    }));
    cases.push(filled("prometheus", move || {
        let registry = prometheus::Registry::new();
        for &name in names {
            let counter = prometheus::IntCounter::new(name, HELP).expect("the name is good");
            registry.register(Box::new(counter.clone())).expect("the names differ");
            black_box(counter);
        }
        registry
    }));
    cases.push(filled("fastmetrics", move || {
        let mut registry = fastmetrics::registry::Registry::default();
        for &name in names {
            let counter = fastmetrics::metrics::counter::Counter::<u64>::default();
            registry.register(name.trim_end_matches("_total"), HELP, counter.clone()).expect("the names differ");
            black_box(counter);
        }
        registry
    }));
    cases.extend(making(names));
    measure(PLAN, threads, cases)
}

const PLAN: Plan = Plan { rounds: 31, batch_ns: 1_000_000, warm_up: 3, long: false };

fn peers(names: &'static [&'static str]) -> Vec<Case> {
    let mut cases = making(names);
    let counters: Vec<_> =
        names.iter().map(|_| prometheus_client::metrics::counter::Counter::<u64>::default()).collect();
    cases.push(filled("prometheus-client", move || {
        let mut registry = prometheus_client::registry::Registry::default();
        for (&name, counter) in names.iter().zip(&counters) {
            registry.register(name, HELP, counter.clone());
        }
        registry
    }));
    let counter = |&name: &&str| prometheus::IntCounter::new(name, HELP).expect("the name is good");
    let counters: Vec<_> = names.iter().map(counter).collect();
    cases.push(filled("prometheus", move || {
        let registry = prometheus::Registry::new();
        for counter in &counters {
            registry.register(Box::new(counter.clone())).expect("the names differ");
        }
        registry
    }));
    let counters: Vec<_> = names.iter().map(|_| fastmetrics::metrics::counter::Counter::<u64>::default()).collect();
    cases.push(filled("fastmetrics", move || {
        let mut registry = fastmetrics::registry::Registry::default();
        for (&name, counter) in names.iter().zip(&counters) {
            registry.register(name.trim_end_matches("_total"), HELP, counter.clone()).expect("the names differ");
        }
        registry
    }));
    cases
}

/// Those where registering is making, and the limit: a name that nothing else has, and a slot.
fn making(names: &'static [&'static str]) -> Vec<Case> {
    static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

    let limit = filled("limit", move || {
        let (mut taken, mut all) = (HashSet::new(), Vec::new());
        for (slot, &name) in names.iter().enumerate() {
            assert!(taken.insert(name), "the names differ");
            all.push((name, slot));
        }
        (taken, all)
    });
    let metrics = filled("metrics", move || {
        let recorder = PrometheusBuilder::new().build_recorder();
        for &name in names {
            let _ = black_box(recorder.register_counter(&Key::from_static_name(name), &METADATA));
        }
        recorder
    });
    let metriken = filled("metriken", move || {
        let made: Vec<_> = names.iter().map(|&name| MetricBuilder::new(name).build(metriken::Counter::new())).collect();
        made
    });
    let otel = filled("opentelemetry_sdk", move || {
        let provider = Provider::new();
        for &name in names {
            black_box(provider.meter.u64_counter(name).build());
        }
        provider
    });
    vec![limit, metrics, metriken, otel]
}

/// A thousand marked functions, written by the build script.
mod thousand {
    #![expect(dead_code, reason = "nobody calls them: their metrics are there all the same")]

    include!(concat!(env!("OUT_DIR"), "/thousand.rs"));
}

pub(super) fn marked(_: usize) -> Vec<Figure> {
    vec![child::figure("register-marked", "tallymark", 21)]
}

/// From nothing to a checked registry, in a process that has done nothing else; a metric's share, in ns.
#[expect(clippy::cast_precision_loss, reason = "it is short")]
pub(crate) fn marked_child(_: &str) -> f64 {
    let start = Instant::now();
    let registry = Registry::global();
    registry.check().expect("the names differ");
    let elapsed = start.elapsed();
    assert!(registry.gather().len() >= METRICS, "the linker has dropped metrics");
    elapsed.as_nanos() as f64 / METRICS as f64
}
