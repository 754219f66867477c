//! metrics, with metrics-exporter-prometheus.

use std::sync::LazyLock;

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{Buffer, COUNTER, Counters, HISTOGRAM, Histograms, Page};
use crate::data::BOUNDS;

/// The recorder of the process, which the macros use.
pub(crate) fn global() -> &'static PrometheusHandle {
    static GLOBAL: LazyLock<PrometheusHandle> = LazyLock::new(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are bounds");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("it is set once");
        handle
    });
    &GLOBAL
}

/// A family in a recorder of its own, since that of the process can't be emptied. What is called is what the macros
/// call.
pub(crate) struct Family<const HISTOGRAMS: bool> {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

fn key(name: &'static str, tenant: &str, path: &str) -> Key {
    Key::from_parts(name, vec![Label::new("tenant", tenant.to_owned()), Label::new("path", path.to_owned())])
}

impl<const HISTOGRAMS: bool> Family<HISTOGRAMS> {
    fn of() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are bounds");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }
}

impl<const HISTOGRAMS: bool> Page for Family<HISTOGRAMS> {
    fn page(&self, buffer: &mut Buffer) {
        self.handle.render_to_write(&mut buffer.bytes).expect("writing to memory can't fail");
    }
}

impl Counters for Family<false> {
    const NAME: &'static str = "metrics";

    fn new() -> Self {
        Self::of()
    }

    #[inline]
    fn inc(&self, tenant: &str, path: &str) {
        self.recorder.register_counter(&key(COUNTER, tenant, path), &METADATA).increment(1);
    }
}

impl Histograms for Family<true> {
    const NAME: &'static str = "metrics";

    fn new() -> Self {
        Self::of()
    }

    #[inline]
    fn observe(&self, tenant: &str, path: &str, seconds: f64) {
        self.recorder.register_histogram(&key(HISTOGRAM, tenant, path), &METADATA).record(seconds);
    }
}
