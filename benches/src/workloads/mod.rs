//! What is measured, and what must come out.

mod builds;
mod enum_labels;
mod gauge;
mod inc;
mod kept;
mod marked;
mod messages;
mod observe;
mod observe_native;
mod parse;
pub(crate) mod register;
pub(crate) mod resident;
pub(crate) mod scrape;
mod str_labels;
mod summary;
mod text;

use crate::harness::Figure;

/// Something to measure.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) unit: Unit,
    pub(crate) threads: &'static [usize],
    /// What must come out with so many threads.
    pub(crate) reach: fn(usize) -> Reach,
    pub(crate) run: fn(usize) -> Vec<Figure>,
}

/// What a workload's numbers are.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    /// To the same when idle.
    Idle,
    Crates,
    CpuSeconds,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::Idle => "× idle",
            Self::Crates => "crates",
            Self::CpuSeconds => "cpu s",
        }
    }
}

/// What tallymark must reach.
pub(crate) enum Reach {
    /// So many times the best peer.
    Best(f64),
    /// So many times the best peer, and so many times every other.
    BestAndOthers(f64, f64),
    /// So many times another contender.
    Over(&'static str, f64),
    /// The number itself.
    AtMost(f64),
    /// Nothing.
    None,
}

const ONE_AND_TWO: &[usize] = &[1, 2];
const ONE: &[usize] = &[1];

/// All of them, in the order in which they run.
pub(crate) const ALL: &[Workload] = &[
    Workload {
        name: "inc",
        about: "Add 1 to an unlabelled counter.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::BestAndOthers(0.75, 0.15),
        run: inc::run,
    },
    Workload {
        name: "inc-enum-labels",
        about: "Add 1 to a series of a family with two finite labels of 5 values each, given at each call.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::BestAndOthers(0.8, 0.25),
        run: enum_labels::run,
    },
    Workload {
        name: "inc-str-labels-100",
        about: "Add 1 to one of 100 series of a family with two `&str` labels, looked up at each call.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |threads| Reach::Best(if threads == 1 { 0.45 } else { 0.15 }),
        run: str_labels::hundred,
    },
    Workload {
        name: "inc-str-labels-10000",
        about: "The same of 10,000 series, each as frequent as any other.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |threads| Reach::Best(if threads == 1 { 0.65 } else { 0.45 }),
        run: str_labels::uniform,
    },
    Workload {
        name: "inc-str-labels-10000-zipf",
        about: "The same of 10,000 series, the n-th 1/n times as frequent as the first.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |threads| Reach::Best(if threads == 1 { 0.65 } else { 0.45 }),
        run: str_labels::zipf,
    },
    Workload {
        name: "inc-kept-handle",
        about: "Add 1 through a kept handle to a series of a family with two `&str` labels.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(0.15),
        run: kept::handle,
    },
    Workload {
        name: "inc-literal-labels",
        about: "Add 1 at a call site whose two labels are literals: a marked function, a macro, or else a kept handle.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(0.15),
        run: kept::literal,
    },
    Workload {
        name: "observe",
        about: "Observe a value in a histogram with 11 buckets.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(0.35),
        run: observe::run,
    },
    Workload {
        name: "observe-native",
        about: "Observe a value in a native histogram with a factor of 1.1 and at most 160 buckets.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(0.35),
        run: observe_native::run,
    },
    Workload {
        name: "summary-observe",
        about: "Observe a value in a summary with the quantiles 0.5 ± 0.05, 0.9 ± 0.01 and 0.99 ± 0.001, or all ± 0.001.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(1.0),
        run: summary::run,
    },
    Workload {
        name: "gauge-up-down",
        about: "Add 1 to a gauge and take it off again.",
        unit: Unit::Nanoseconds,
        threads: ONE_AND_TWO,
        reach: |_| Reach::Best(0.15),
        run: gauge::run,
    },
    Workload {
        name: "marked-histogram",
        about: "Call an empty function whose duration goes into a histogram.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.65),
        run: marked::histogram,
    },
    Workload {
        name: "marked-all-four",
        about: "Call an empty function with all four attributes, beside one with `#[histogram]` alone.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Over(marked::ALONE, 1.15),
        run: marked::all_four,
    },
    Workload {
        name: "text-1000-counters",
        about: "Write the page of 1,000 counters with two labels; ns a line.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.15),
        run: |_| text::counters(1_000, 1),
    },
    Workload {
        name: "text-1000-counters-8-threads",
        about: "The same after eight threads have each counted in every series.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.15),
        run: |_| text::counters(1_000, 8),
    },
    Workload {
        name: "text-1000000-counters",
        about: "Write the page of 1,000,000 counters with two labels; ns a line.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.06),
        run: |_| text::counters(1_000_000, 1),
    },
    Workload {
        name: "text-1000000-counters-8-threads",
        about: "The same after eight threads have each counted in every series.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.06),
        run: |_| text::counters(1_000_000, 8),
    },
    Workload {
        name: "text-10000-histograms",
        about: "Write the page of 10,000 histograms with two labels and 11 buckets; ns a line.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.15),
        run: |_| text::histograms(10_000),
    },
    Workload {
        name: "openmetrics-1000-counters",
        about: "Write the page of 1,000 counters in `OpenMetrics`, with the time when each began, beside the text format; \
            ns a line.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Over(text::PLAIN, 1.2),
        run: |_| text::openmetrics(1_000),
    },
    Workload {
        name: "protobuf-1000-counters",
        about: "Write the page of 1,000 counters with two labels in protobuf, with the time when each began; ns a series.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.06),
        run: |_| messages::counters(1_000),
    },
    Workload {
        name: "protobuf-1000000-counters",
        about: "The same of 1,000,000 counters.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.06),
        run: |_| messages::counters(1_000_000),
    },
    Workload {
        name: "protobuf-10000-histograms",
        about: "The same of 10,000 histograms with 11 buckets.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.06),
        run: |_| messages::histograms(10_000),
    },
    Workload {
        name: "parse-text",
        about: "Read a page of 10,000 counters and 1,000 histograms in the text format into families; ns a line.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.33),
        run: parse::text,
    },
    Workload {
        name: "parse-openmetrics",
        about: "The same page in OpenMetrics.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(0.33),
        run: parse::openmetrics,
    },
    Workload {
        name: "parse-protobuf",
        about: "Read a page of 10,000 counters and 1,000 histograms in protobuf into families, or of a peer into its \
                messages; ns a series.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::Best(1.0),
        run: messages::parse,
    },
    Workload {
        name: "scrape-memory",
        about: "By how much a process grows at most while a page of 1,000,000 series is read: over HTTP where the client \
                has a server, else from its encoder.",
        unit: Unit::Bytes,
        threads: ONE,
        reach: |_| Reach::AtMost(2_000_000.0),
        run: scrape::memory,
    },
    Workload {
        name: "resident-bytes-a-series",
        about: "By how much a process grows for each of 1,000,000 counters with two open labels, made by one thread.",
        unit: Unit::Bytes,
        threads: ONE,
        reach: |_| Reach::AtMost(150.0),
        run: resident::run,
    },
    Workload {
        name: "register",
        about: "Register a metric in a registry that has up to 1,000; made before, where that is another step.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::AtMost(60.0),
        run: register::run,
    },
    Workload {
        name: "register-and-make",
        about: "Make a metric, and register it in a registry that has up to 1,000.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::None,
        run: register::made,
    },
    Workload {
        name: "register-marked",
        about: "First use and check of the global registry in a program with 1,000 marked functions; ns a function.",
        unit: Unit::Nanoseconds,
        threads: ONE,
        reach: |_| Reach::AtMost(60.0),
        run: register::marked,
    },
    Workload {
        name: "inc-during-scrape",
        about: "The 99th percentile of increments of a family of 1,000,000 series while another thread writes its page \
                over and over, to the same while none is written.",
        unit: Unit::Idle,
        threads: ONE,
        reach: |_| Reach::AtMost(1.1),
        run: scrape::inc,
    },
    Workload {
        name: "build-marks-crates",
        about: "Crates in a hello-world that counts, without HTTP.",
        unit: Unit::Crates,
        threads: ONE,
        reach: |_| Reach::AtMost(15.0),
        run: builds::marks_crates,
    },
    Workload {
        name: "build-marks-cpu",
        about: "CPU time of its clean release build.",
        unit: Unit::CpuSeconds,
        threads: ONE,
        reach: |_| Reach::AtMost(18.0),
        run: builds::marks_cpu,
    },
    Workload {
        name: "build-http-crates",
        about: "Crates in a hello-world that counts and serves over HTTP.",
        unit: Unit::Crates,
        threads: ONE,
        reach: |_| Reach::AtMost(35.0),
        run: builds::http_crates,
    },
    Workload {
        name: "build-http-cpu",
        about: "CPU time of its clean release build.",
        unit: Unit::CpuSeconds,
        threads: ONE,
        reach: |_| Reach::AtMost(26.0),
        run: builds::http_cpu,
    },
    Workload {
        name: "build-1000-functions",
        about: "CPU time that marks on 1,000 functions add to the release build of their crate, beside `#[instrument]`.",
        unit: Unit::CpuSeconds,
        threads: ONE,
        reach: |_| Reach::Best(1.0),
        run: builds::thousand,
    },
];
