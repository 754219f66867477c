//! The peers, each as its documentation says a good user would write it.
//!
//! What several workloads need of a peer stands here, a file a peer; what only one needs stands in that workload.

pub(crate) mod families;
pub(crate) mod fast_telemetry;
pub(crate) mod fastmetrics;
pub(crate) mod foundations;
pub(crate) mod limit;
pub(crate) mod measured;
pub(crate) mod metrics;
pub(crate) mod metriken;
pub(crate) mod opentelemetry;
pub(crate) mod prometheus;
pub(crate) mod prometheus_client;
pub(crate) mod tallymark;

/// What the families are called.
pub(crate) const COUNTER: &str = "requests_total";
pub(crate) const COUNTER_BASE: &str = "requests";
pub(crate) const HISTOGRAM: &str = "request_duration_seconds";
pub(crate) const HELP: &str = "Requests served.";

/// What a page is written into: like a server's buffer, it is kept from one scrape to the next.
#[derive(Default)]
pub(crate) struct Buffer {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    /// Bytes that went through a buffer smaller than the page.
    pub(crate) streamed: usize,
    /// The encoder that one client wants kept.
    pub(crate) measured: ::measured::text::BufferedTextEncoder,
    pub(crate) shared: bytes::Bytes,
}

impl Buffer {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.bytes.clear();
        self.streamed = 0;
        self.shared = bytes::Bytes::new();
    }

    /// How many samples are on the page; nothing where it was streamed.
    pub(crate) fn samples(&self) -> Option<usize> {
        let lines = self
            .text
            .lines()
            .map(str::as_bytes)
            .chain(self.bytes.split(|&byte| byte == b'\n'))
            .chain(self.shared.split(|&byte| byte == b'\n'));
        (self.streamed == 0).then(|| lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).count())
    }
}

/// Something that writes a page.
pub(crate) trait Page: Send + Sync + 'static {
    /// Writes the page into the buffer, which has been cleared. What a client gives as a `String` of its own takes the
    /// place of the buffer's.
    fn page(&self, buffer: &mut Buffer);
}

/// Something that writes a page in protobuf. Two more clients do, `metrics-exporter-prometheus` and `fastmetrics`, but need
/// the compiler `protoc` to be built.
pub(crate) trait Messages: Send + Sync + 'static {
    /// Writes the page into the buffer, which has been cleared.
    fn messages(&self, buffer: &mut Buffer);
}

/// A family of counters with the open labels `tenant` and `path`.
pub(crate) trait Counters: Send + Sync + 'static {
    const NAME: &'static str;

    /// What its page is called, where that differs.
    const PAGE: &'static str = Self::NAME;

    fn new() -> Self
    where
        Self: Sized;

    /// Looks the series up and adds 1. The labels are as if read from a request: they don't live as long as the program,
    /// so a client that looks up with owned keys has to copy them.
    fn inc(&self, tenant: &str, path: &str);
}

/// A family of histograms with the open labels `tenant` and `path`.
pub(crate) trait Histograms: Send + Sync + 'static {
    const NAME: &'static str;

    fn new() -> Self
    where
        Self: Sized;

    fn observe(&self, tenant: &str, path: &str, seconds: f64);
}
