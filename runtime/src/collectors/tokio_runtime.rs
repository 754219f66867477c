//! What tokio's runtimes tell of themselves.

use std::borrow::Cow;
use std::fmt;

use tokio::runtime::{Handle, RuntimeMetrics};

use crate::collector::{Collected, Collector};
use crate::collectors::{descriptor, own_site};
use crate::descriptor::{Descriptor, MetricKind, Site};
use crate::error::Error;
use crate::snapshot::Number;

/// Workers, tasks and queues of a tokio runtime, or of several.
///
/// | family | what |
/// |---|---|
/// | `tokio_workers` | worker threads |
/// | `tokio_alive_tasks` | tasks that have been spawned and haven't ended |
/// | `tokio_global_queue_depth` | tasks that wait in the queue of all workers |
/// | `tokio_worker_busy_seconds_total{worker}` | time in which the worker was at work |
/// | `tokio_worker_parks_total{worker}` | times that the worker has gone to sleep, having nothing to do |
/// | `tokio_worker_parks_and_unparks_total{worker}` | the same, and the times that it woke: odd while it sleeps |
///
/// That is all that is stable in tokio's [`RuntimeMetrics`].
///
/// ```
/// use tallymark::{Registry, collectors::TokioRuntime};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// Registry::global().register(TokioRuntime::current()?)?;
/// # Ok(())
/// # }
/// ```
///
/// Several runtimes are one collector, since a family stands once in a registry; the label `runtime` tells them apart:
///
/// ```
/// # use tallymark::{Registry, collectors::TokioRuntime};
/// # let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
/// let (io, cpu) = (runtime()?, runtime()?);
/// let registry = Registry::new();
/// registry.register(TokioRuntime::new(io.handle()).name("io").and("cpu", cpu.handle()))?;
/// let families = registry.gather();
/// assert!(families.iter().any(|family| family.find(&[("runtime", "cpu"), ("worker", "0")]).is_some()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It doesn't keep a runtime alive: its tasks and threads end as ever, and the numbers stay as they were. Like every
/// [`Handle`], the collector holds what is left of the runtime then, some memory and three file descriptors, so
/// unregister it.
#[derive(Clone)]
pub struct TokioRuntime {
    /// With their names; the first may be empty.
    runtimes: Vec<(Cow<'static, str>, RuntimeMetrics)>,
}

impl TokioRuntime {
    const SITE: Site = own_site!();

    /// The collector of the runtime in which this is called.
    ///
    /// # Errors
    /// Outside a runtime.
    pub fn current() -> Result<Self, Error> {
        let handle = Handle::try_current().map_err(|_| {
            Error::new(
                "`TokioRuntime::current` was called outside a tokio runtime; call it inside, or give `new` a handle",
            )
        })?;
        Ok(Self::new(&handle))
    }

    /// The collector of a runtime.
    #[must_use]
    pub fn new(handle: &Handle) -> Self {
        Self { runtimes: vec![(Cow::Borrowed(""), handle.metrics())] }
    }

    /// Gives the runtime that it was made of a name, which stands in the label `runtime`.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        if let Some((first, _)) = self.runtimes.first_mut() {
            *first = name.into();
        }
        self
    }

    /// Takes another runtime in. The label `runtime` tells them apart, so names should differ: of two runtimes with one
    /// name the later is left out.
    #[must_use]
    pub fn and(mut self, name: impl Into<Cow<'static, str>>, handle: &Handle) -> Self {
        self.runtimes.push((name.into(), handle.metrics()));
        self
    }

    /// Whether the runtimes have a label.
    fn labelled(&self) -> bool {
        self.runtimes.len() > 1 || self.runtimes.iter().any(|(name, _)| !name.is_empty())
    }
}

impl fmt::Debug for TokioRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.runtimes.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("TokioRuntime").field("names", &names).finish_non_exhaustive()
    }
}

impl Collector for TokioRuntime {
    fn describe(&self) -> Vec<Descriptor> {
        let labels = |family: &Family| {
            let by_worker = matches!(family.value, Reading::OfWorker(_));
            [("runtime", self.labelled()), ("worker", by_worker)].into_iter().filter(|(_, has)| *has)
        };
        let described = FAMILIES.iter().map(|family| {
            let labels: Vec<&str> = labels(family).map(|(name, _)| name).collect();
            descriptor((family.kind, family.name, family.help), &labels, Self::SITE)
        });
        described.filter_map(Result::ok).collect()
    }

    fn collect(&self, out: &mut Collected) {
        let labelled = self.labelled();
        for family in &FAMILIES {
            let mut given = match family.kind {
                MetricKind::Counter => out.counter(family.name, family.help),
                _ => out.gauge(family.name, family.help),
            };
            for (name, metrics) in &self.runtimes {
                let runtime = labelled.then_some(("runtime", &**name));
                match family.value {
                    Reading::OfRuntime(value) => {
                        given.series(runtime, value(metrics));
                    }
                    Reading::OfWorker(value) => {
                        for worker in 0..metrics.num_workers() {
                            let number = worker.to_string();
                            given.series(runtime.into_iter().chain([("worker", &*number)]), value(metrics, worker));
                        }
                    }
                }
            }
        }
    }
}

struct Family {
    kind: MetricKind,
    name: &'static str,
    help: &'static str,
    value: Reading,
}

#[derive(Clone, Copy)]
enum Reading {
    OfRuntime(fn(&RuntimeMetrics) -> Number),
    OfWorker(fn(&RuntimeMetrics, usize) -> Number),
}

static FAMILIES: [Family; 6] = [
    Family {
        kind: MetricKind::Gauge,
        name: "tokio_workers",
        help: "Worker threads of the runtime.",
        value: Reading::OfRuntime(|metrics| metrics.num_workers().into()),
    },
    Family {
        kind: MetricKind::Gauge,
        name: "tokio_alive_tasks",
        help: "Tasks that have been spawned and have not ended.",
        value: Reading::OfRuntime(|metrics| metrics.num_alive_tasks().into()),
    },
    Family {
        kind: MetricKind::Gauge,
        name: "tokio_global_queue_depth",
        help: "Tasks that wait in the queue of all workers.",
        value: Reading::OfRuntime(|metrics| metrics.global_queue_depth().into()),
    },
    Family {
        kind: MetricKind::Counter,
        name: "tokio_worker_busy_seconds_total",
        help: "Time in which the worker was at work.",
        value: Reading::OfWorker(|metrics, worker| metrics.worker_total_busy_duration(worker).into()),
    },
    Family {
        kind: MetricKind::Counter,
        name: "tokio_worker_parks_total",
        help: "Times that the worker went to sleep, having nothing to do.",
        value: Reading::OfWorker(|metrics, worker| metrics.worker_park_count(worker).into()),
    },
    Family {
        kind: MetricKind::Counter,
        name: "tokio_worker_parks_and_unparks_total",
        help: "Times that the worker went to sleep or woke: odd while it sleeps.",
        value: Reading::OfWorker(|metrics, worker| metrics.worker_park_unpark_count(worker).into()),
    },
];
