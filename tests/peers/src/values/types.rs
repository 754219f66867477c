//! Every type, made at run time, by marks and by collectors, each with hostile texts.

use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Info, LabelValue, Registry, StateSet, Summary,
    collector, counter, gauge, histogram, info, stateset, summary,
};

use super::{HELP, Number, TEXTS, Texts, Values};
use crate::checks::Result;

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    #[label("at \"work\"\\\n")]
    Busy,
    #[label("{gone=\"1\"} 2")]
    Gone,
}

const STATES: [(State, &str); 3] =
    [(State::Idle, "idle"), (State::Busy, "at \"work\"\\\n"), (State::Gone, "{gone=\"1\"} 2")];

/// The same for each type: where it comes from stands in the middle of its names.
struct Names {
    counter: &'static str,
    gauge: &'static str,
    histogram: &'static str,
    summary: &'static str,
    info: &'static str,
    state: &'static str,
}

const MADE: Names = Names {
    counter: "peers_made_jobs_total",
    gauge: "peers_made_depth",
    histogram: "peers_made_wait_seconds",
    summary: "peers_made_answer_bytes",
    info: "peers_made_info",
    state: "peers_made_state",
};

const MARKED: Names = Names {
    counter: "peers_marked_jobs_total",
    gauge: "peers_marked_depth",
    histogram: "peers_marked_wait_seconds",
    summary: "peers_marked_answer_bytes",
    info: "peers_marked_info",
    state: "peers_marked_state",
};

const COLLECTED: Names = Names {
    counter: "peers_collected_jobs_total",
    gauge: "peers_collected_depth",
    histogram: "peers_collected_wait_seconds",
    summary: "peers_collected_answer_bytes",
    info: "peers_collected_info",
    state: "peers_collected_state",
};

/// What collectors alone give.
const LEVEL: &str = "peers_collected_level";
const LEVEL_SUM: &str = "peers_collected_level_gsum";
const LEVEL_COUNT: &str = "peers_collected_level_gcount";
const UNKNOWN: &str = "peers_collected_something";

/// Names against which promtool has something, whatever stands there.
pub(super) const ODD: [&str; 4] = ["peers:odd", "peers_oddCase", "peers_odd_total", "peers_odd_milliseconds"];

const QUANTILES: [(f64, f64); 3] = [(0.0, 0.1), (0.5, 0.05), (0.99, 0.001)];

/// What is observed, and the quantiles of it: where no rank is within the error, that of the next rank below.
const OBSERVED: [f64; 5] = [1.5, -0.25, 1e300, 0.1, 7.0];
const RANKED: [(&str, f64); 3] = [("0.0", -0.25), ("0.5", 0.1), ("0.99", 7.0)];

/// All of them in the first bucket.
const WAITED: [f64; 3] = [0.05, 0.1, 0.1];

/// Added up one by one, as they are observed.
fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value)
}

/// Jobs.
#[counter(name = "peers_marked_jobs_total")]
static JOBS: Counter<Texts<'static>>;

/// Depth.
#[gauge(name = "peers_marked_depth")]
static DEPTH: Gauge<Texts<'static>>;

/// Time to wait.
#[histogram(name = "peers_marked_wait_seconds", unit = "seconds", buckets = [0.1, 1.0])]
static WAIT: Histogram<Texts<'static>>;

/// Sizes of answers.
#[summary(name = "peers_marked_answer_bytes", unit = "bytes", quantiles = [(0, 0.1), (0.5, 0.05), (0.99, 0.001)])]
static ANSWERS: Summary<Texts<'static>>;

/// What was said.
#[info(name = "peers_marked")]
static SAID: Info<Texts<'static>>;

/// What it does.
#[stateset(name = "peers_marked_state")]
static STATE: StateSet<State, Texts<'static>>;

#[collector]
fn collected_by_mark(out: &mut Collected) {
    collect(out);
}

struct Custom;

impl Collector for Custom {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        collect(out);
    }
}

/// The families of a collector.
fn collect(out: &mut Collected) {
    for (text, next) in TEXTS {
        let at = [("text", text), ("next", next)];
        out.counter(COLLECTED.counter, HELP).series(at, 2);
        out.gauge(COLLECTED.gauge, HELP).series(at, -0.5);
        out.histogram(COLLECTED.histogram, HELP).unit("seconds").histogram_series(at, [(0.1, 3), (1.0, 0)], 7.0);
        let ranked = RANKED.map(|(quantile, value)| (quantile.parse().unwrap_or(f64::NAN), value));
        out.summary(COLLECTED.summary, HELP).unit("bytes").summary_series(at, 5, sum(&OBSERVED), ranked);
        out.info(COLLECTED.info, HELP).info_series(at, [("said", next), ("more", text)]);
        let states = STATES.map(|(state, text)| (text, !matches!(state, State::Idle)));
        out.state_set(COLLECTED.state, HELP).state_series(at, states);
        out.gauge_histogram(LEVEL, HELP).histogram_series(at, [(-1.0, 1), (1.0, 2), (f64::INFINITY, 3)], -2.5);
        out.unknown(UNKNOWN, HELP).series(at, f64::NAN);
    }
}

impl Values {
    /// Metrics made at run time, and collectors.
    pub(super) fn types(&mut self) -> Result {
        self.made(&MADE, &[])?;
        self.registry.register(Custom)?;
        self.expect_collected(&[]);
        for name in ODD {
            let family = self.family(name, "gauge", "An odd name.");
            self.registry.register(&Gauge::new(family.name, family.help)?)?;
            self.add(name, &[], Number::Integer(0));
        }
        Ok(())
    }

    /// The global registry, which has what is marked in this program.
    pub(crate) fn marked() -> Result<Self> {
        let mut values = Self { registry: Registry::global().clone(), samples: Vec::new(), families: Vec::new() };
        for (text, next) in TEXTS {
            let at = Texts { text, next };
            JOBS.with(&at).inc_by(2);
            DEPTH.with(&at).set(-0.5);
            for value in WAITED {
                WAIT.with(&at).observe(value);
            }
            for value in OBSERVED {
                ANSWERS.with(&at).observe(value);
            }
            SAID.with(&at).set([("said", next), ("more", text)])?;
            STATE.with(&at).set(State::Busy);
        }
        let helps = ["Jobs.", "Depth.", "Time to wait.", "Sizes of answers.", "What was said.", "What it does."];
        values.expect(&MARKED, helps, &[], sum(&WAITED), &[State::Busy]);
        values.expect_collected(&[]);
        Ok(values)
    }

    /// A registry that has labels of its own, and says what it is about.
    pub(crate) fn constants() -> Result<Self> {
        const HOST: &str = "a\\1\n\"{,}";
        let registry = Registry::builder().const_label("host", HOST);
        let registry = registry.target_info([("service_name", HOST), ("host", "another")]).build();
        let mut values = Self { registry, samples: Vec::new(), families: Vec::new() };
        values.family("target_info", "gauge", "Target metadata.");
        values.add("target_info", &[("service_name", HOST), ("host", "another")], Number::Integer(1));
        values.made(&MADE, &[("host", HOST)])?;
        values.registry.register(Custom)?;
        values.expect_collected(&[("host", HOST)]);
        Ok(values)
    }

    /// Makes a metric of each type; `constant` are the labels that the registry adds.
    fn made(&mut self, names: &Names, constant: &[(&'static str, &str)]) -> Result {
        let jobs = Counter::builder(names.counter, HELP).labels::<Texts<'static>>().build()?;
        let depth = Gauge::builder(names.gauge, HELP).labels::<Texts<'static>>().build()?;
        let wait = Histogram::builder(names.histogram, HELP).unit("seconds").buckets([0.1, 1.0])?;
        let wait = wait.labels::<Texts<'static>>().build()?;
        let answers = Summary::builder(names.summary, HELP).unit("bytes").quantiles(QUANTILES)?;
        let answers = answers.labels::<Texts<'static>>().build()?;
        let said = Info::builder(names.info, HELP).labels::<Texts<'static>>().build()?;
        let state = StateSet::<State>::builder(names.state, HELP).labels::<Texts<'static>>().build()?;
        self.registry.register(&jobs)?;
        self.registry.register(&depth)?;
        self.registry.register(&wait)?;
        self.registry.register(&answers)?;
        self.registry.register(&said)?;
        self.registry.register(&state)?;
        for (text, next) in TEXTS {
            let at = Texts { text, next };
            jobs.with(&at).inc_by(2);
            depth.with(&at).set_function(|| -0.5);
            for value in WAITED {
                wait.with(&at).observe(value);
            }
            for value in OBSERVED {
                answers.with(&at).observe(value);
            }
            said.with(&at).set([("said", next), ("more", text)])?;
            state.with(&at).set(State::Busy);
        }
        self.expect(names, [HELP; 6], constant, sum(&WAITED), &[State::Busy]);
        Ok(())
    }

    fn expect_collected(&mut self, constant: &[(&'static str, &str)]) {
        self.expect(&COLLECTED, [HELP; 6], constant, 7.0, &[State::Busy, State::Gone]);
        // The text format has no word for them: three families are one.
        self.family(LEVEL, "histogram", HELP);
        self.family(LEVEL_SUM, "gauge", HELP);
        self.family(LEVEL_COUNT, "gauge", HELP);
        self.family(UNKNOWN, "unknown", HELP);
        for (text, next) in TEXTS {
            let labels = [constant, &[("text", text), ("next", next)]].concat();
            for (bound, count) in [("-1.0", 1), ("1.0", 3), ("+Inf", 6)] {
                self.add(&format!("{LEVEL}_bucket"), &[&labels[..], &[("le", bound)]].concat(), Number::Integer(count));
            }
            self.add(LEVEL_SUM, &labels, Number::Float(-2.5));
            self.add(LEVEL_COUNT, &labels, Number::Integer(6));
            self.add(UNKNOWN, &labels, Number::Float(f64::NAN));
        }
    }

    /// What comes of one metric of each type.
    fn expect(
        &mut self,
        names: &Names,
        helps: [&'static str; 6],
        constant: &[(&'static str, &str)],
        waited: f64,
        on: &[State],
    ) {
        let kinds = ["counter", "gauge", "histogram", "summary", "gauge", "gauge"];
        let all = [names.counter, names.gauge, names.histogram, names.summary, names.info, names.state];
        for ((name, kind), help) in all.into_iter().zip(kinds).zip(helps) {
            self.family(name, kind, help);
        }
        for (text, next) in TEXTS {
            let labels = [constant, &[("text", text), ("next", next)]].concat();
            let with = |name: &'static str, text: &'static str| [&labels[..], &[(name, text)]].concat();
            self.add(names.counter, &labels, Number::Integer(2));
            self.add(names.gauge, &labels, Number::Float(-0.5));
            for bound in ["0.1", "1.0", "+Inf"] {
                self.add(&format!("{}_bucket", names.histogram), &with("le", bound), Number::Integer(3));
            }
            self.add(&format!("{}_count", names.histogram), &labels, Number::Integer(3));
            self.add(&format!("{}_sum", names.histogram), &labels, Number::Float(waited));
            for (quantile, value) in RANKED {
                self.add(names.summary, &with("quantile", quantile), Number::Float(value));
            }
            self.add(&format!("{}_count", names.summary), &labels, Number::Integer(5));
            self.add(&format!("{}_sum", names.summary), &labels, Number::Float(sum(&OBSERVED)));
            let said = [&labels[..], &[("said", next), ("more", text)]].concat();
            self.add(names.info, &said, Number::Integer(1));
            for (state, text) in STATES {
                let on = on.iter().any(|on| on.index() == state.index());
                self.add(names.state, &with(names.state, text), Number::Integer(on.into()));
            }
        }
    }
}
