//! The collector of tokio runtimes.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tallymark::collectors::TokioRuntime;
use tallymark::{MetricFamily, Registry, Value, testing};
use tokio::runtime::{Builder, Runtime};

fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

fn number(registry: &Registry, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let families = registry.gather();
    match families.iter().find(|family| family.name() == name)?.find(labels)?.value() {
        Value::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}

#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_mins(1), "waited too long for: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_runtime_shows_its_workers_and_tasks() {
    let (runtime, registry) = (runtime(2), Registry::new());
    let collector = runtime.block_on(async { TokioRuntime::current() }).unwrap();
    registry.register(collector).unwrap();
    let number = |name, labels: &[(&str, &str)]| number(&registry, name, labels);
    assert_eq!(number("tokio_workers", &[]), Some(2.0));
    assert_eq!(number("tokio_alive_tasks", &[]), Some(0.0));
    assert_eq!(testing::lint(&registry), []);
    let tasks: Vec<_> = (0..5).map(|_| runtime.spawn(pending::<()>())).collect();
    wait_until("five tasks", || number("tokio_alive_tasks", &[]) == Some(5.0));
    wait_until("an empty queue", || number("tokio_global_queue_depth", &[]) == Some(0.0));
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    wait_until("no task", || number("tokio_alive_tasks", &[]) == Some(0.0));

    let of_workers = |name| ["0", "1"].map(|worker| number(name, &[("worker", worker)]).unwrap());
    runtime.block_on(runtime.spawn(async { std::thread::sleep(Duration::from_millis(20)) })).unwrap();
    wait_until("busy time", || of_workers("tokio_worker_busy_seconds_total").iter().sum::<f64>() > 0.01);
    wait_until("both asleep", || {
        of_workers("tokio_worker_parks_and_unparks_total").iter().all(|count| count % 2.0 > 0.0)
    });
    assert!(of_workers("tokio_worker_parks_total").iter().all(|parks| *parks >= 1.0));
    assert_eq!(number("tokio_worker_parks_total", &[("worker", "2")]), None);
}

#[test]
fn several_runtimes_have_a_label() {
    let (io, cpu, registry) = (runtime(1), runtime(3), Registry::new());
    registry.register(TokioRuntime::new(io.handle()).name("io").and("cpu", cpu.handle())).unwrap();
    assert_eq!(number(&registry, "tokio_workers", &[("runtime", "io")]), Some(1.0));
    assert_eq!(number(&registry, "tokio_workers", &[("runtime", "cpu")]), Some(3.0));
    let families = registry.gather();
    let of_workers = families.iter().filter(|family| family.name().starts_with("tokio_worker_"));
    assert_eq!(of_workers.map(|family| family.series().len()).collect::<Vec<_>>(), [4, 4, 4]);
    assert_eq!(families.len(), 6);
    assert_eq!(number(&registry, "tallymark_collisions", &[]), None);

    let registry = Registry::new();
    registry.register(TokioRuntime::new(io.handle()).name("io")).unwrap();
    assert_eq!(number(&registry, "tokio_workers", &[("runtime", "io")]), Some(1.0));
    let error = registry.register(TokioRuntime::new(cpu.handle()).name("cpu")).unwrap_err();
    assert_eq!(error.collisions().unwrap().len(), 6, "{error}");

    let registry = Registry::new();
    registry.register(TokioRuntime::new(io.handle()).and("cpu", cpu.handle())).unwrap();
    assert_eq!(number(&registry, "tokio_workers", &[("runtime", "")]), Some(1.0));
}

#[test]
fn a_runtime_of_one_thread_is_one_worker() {
    let (runtime, registry) = (Builder::new_current_thread().build().unwrap(), Registry::new());
    registry.register(TokioRuntime::new(runtime.handle())).unwrap();
    assert_eq!(number(&registry, "tokio_workers", &[]), Some(1.0));
    runtime.block_on(async { tokio::spawn(async {}).await }).unwrap();
    assert!(number(&registry, "tokio_worker_busy_seconds_total", &[("worker", "0")]).is_some());
}

#[test]
fn outside_a_runtime_there_is_none() {
    let error = TokioRuntime::current().unwrap_err().to_string();
    assert!(error.contains("outside a tokio runtime"), "{error}");
}

#[test]
fn a_runtime_that_is_watched_ends_as_ever() {
    let (runtime, registry) = (runtime(2), Registry::new());
    let watched = registry.register(TokioRuntime::new(runtime.handle())).unwrap();
    let held = Arc::new(());
    for held in [Arc::clone(&held), Arc::clone(&held)] {
        runtime.spawn(async move {
            pending::<()>().await;
            drop(held);
        });
    }
    wait_until("the tasks", || number(&registry, "tokio_alive_tasks", &[]) == Some(2.0));
    drop(runtime);
    assert_eq!(Arc::strong_count(&held), 1, "its tasks are dropped");
    assert_eq!(number(&registry, "tokio_alive_tasks", &[]), Some(0.0));
    assert_eq!(registry.gather().iter().map(MetricFamily::name).count(), 6);
    assert!(watched.unregister());
    assert!(registry.gather().is_empty());
}
