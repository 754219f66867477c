//! What is measured, and what must come out.

mod enum_labels;
mod gauge;
mod inc;
mod kept;
mod marked;
mod observe;
mod str_labels;
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
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
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
    #[expect(dead_code, reason = "the workloads that aren't timed follow")]
    AtMost(f64),
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
];
