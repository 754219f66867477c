//! Registries that are served.

use std::net::Ipv4Addr;
use std::sync::{Mutex, mpsc};

use tallymark::http::{BackgroundExporter, Exporter};
use tallymark::{Collected, Collector, Counter, Descriptor, MetricKind, Registry};

pub(crate) const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

pub(crate) fn jobs() -> (BackgroundExporter, Counter) {
    let (registry, jobs) = registry();
    (Exporter::builder().registry(&registry).start(LOOPBACK).unwrap(), jobs)
}

pub(crate) fn registry() -> (Registry, Counter) {
    let registry = Registry::new();
    let jobs = Counter::new("jobs_total", "Jobs done.").unwrap();
    registry.register(&jobs).unwrap();
    (registry, jobs)
}

pub(crate) fn serving(collector: impl Collector + 'static) -> BackgroundExporter {
    let registry = Registry::new();
    registry.register(collector).unwrap();
    Exporter::builder().registry(&registry).start(LOOPBACK).unwrap()
}

/// Gives the gauge `given` by a closure.
pub(crate) struct Giving<F>(pub(crate) F);

impl<F: Fn(&mut Collected) + Send + Sync> Collector for Giving<F> {
    fn describe(&self) -> Vec<Descriptor> {
        vec![Descriptor::new(MetricKind::Gauge, "given", "").unwrap()]
    }

    fn collect(&self, out: &mut Collected) {
        self.0(out);
    }
}

/// A collector that says when it is asked, and blocks until it is let go on.
pub(crate) fn gate() -> (impl Collector, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (enter, entered) = mpsc::channel();
    let (open, opened) = mpsc::channel();
    let opened = Mutex::new(opened);
    let gate = Giving(move |out: &mut Collected| {
        let _ = enter.send(());
        let _ = opened.lock().unwrap().recv();
        out.gauge("given", "").value(1);
    });
    (gate, entered, open)
}
