//! What each type holds, as plainly as that can be kept.

use tallymark::{
    Counter, CounterSeries, Gauge, GaugeSeries, Histogram, HistogramSeries, Info, InfoSeries, LabelValue, Number,
    StateSet, StateSetSeries, Summary, SummarySeries,
};

#[derive(Clone, Copy, Debug, LabelValue, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    #[label("at \"work\"\\\n")]
    Busy,
    #[label("{gone=\"1\"} 2")]
    Gone,
}

pub(crate) const STATES: [(State, &str); 3] =
    [(State::Idle, "idle"), (State::Busy, "at \"work\"\\\n"), (State::Gone, "{gone=\"1\"} 2")];

/// What can be done to a series.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Inc,
    Dec,
    Add(f64),
    Sub(f64),
    Try(f64),
    Set(f64),
    Function(Option<f64>),
    Reset,
    Observe(f64),
    Say(Vec<(String, String)>),
    State(State),
}

/// What a series holds.
#[derive(Clone, Debug)]
pub(crate) enum Model {
    Unsigned(u64),
    Float(f64),
    Gauge(f64),
    Signed(i64),
    /// A gauge that shows what a function returns; none where that panics.
    Called(Option<f64>),
    CalledSigned(Option<f64>),
    Observed(Vec<f64>),
    Said(Vec<(String, String)>),
    State(State),
}

/// Whether something was refused.
type Refused = bool;

impl Model {
    pub(crate) fn apply(&mut self, op: &Op) -> Refused {
        match (&mut *self, op) {
            (Self::Unsigned(value), Op::Inc) => *value += 1,
            (Self::Unsigned(value), Op::Add(by) | Op::Try(by)) => *value += unsigned(*by),
            (Self::Unsigned(value), Op::Reset) => *value = 0,
            (Self::Float(value) | Self::Gauge(value), Op::Inc) => *value += 1.0,
            (Self::Float(value), Op::Add(by)) => {
                if by.is_nan() || *by < 0.0 {
                    return true;
                }
                *value += by;
            }
            (Self::Float(value), Op::Try(by)) => *value += if *by >= 0.0 { *by } else { 0.0 },
            // What has reached infinity stays there.
            (Self::Float(value), Op::Reset) if value.is_finite() => *value = 0.0,
            (Self::Gauge(value), Op::Dec) => *value -= 1.0,
            (Self::Gauge(value), Op::Add(by)) => *value += by,
            (Self::Gauge(value), Op::Sub(by)) => *value -= by,
            (Self::Gauge(value), Op::Set(to)) => *value = *to,
            (Self::Gauge(_) | Self::Called(_), Op::Function(function)) => *self = Self::Called(*function),
            (Self::Signed(value), Op::Inc) => *value = value.wrapping_add(1),
            (Self::Signed(value), Op::Dec) => *value = value.wrapping_sub(1),
            (Self::Signed(value), Op::Add(by)) => *value = value.wrapping_add(whole(*by)),
            (Self::Signed(value), Op::Sub(by)) => *value = value.wrapping_sub(whole(*by)),
            (Self::Signed(value), Op::Set(to)) => *value = whole(*to),
            (Self::Signed(_) | Self::CalledSigned(_), Op::Function(function)) => *self = Self::CalledSigned(*function),
            (Self::Observed(_), Op::Observe(value)) if value.is_nan() => return true,
            (Self::Observed(values), Op::Observe(value)) => values.push(*value),
            (Self::Said(said), Op::Say(texts)) if sayable(texts) => said.clone_from(texts),
            (Self::State(state), Op::State(to)) => *state = *to,
            _ => {}
        }
        false
    }
}

/// The number before the point, as `as` has it.
#[expect(clippy::cast_possible_truncation, reason = "it is what is wanted")]
pub(crate) fn whole(value: f64) -> i64 {
    value as i64
}

/// So far below 2^64 that no sum comes there.
fn unsigned(value: f64) -> u64 {
    whole(value.abs().min(1e9)).unsigned_abs()
}

/// Whether the names are different and are names: of those that `programs` makes, all without a dash.
fn sayable(texts: &[(String, String)]) -> bool {
    let mut names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1]) && names.iter().all(|name| !name.contains('-'))
}

/// A series, or a metric that has only one.
pub(crate) trait Handle {
    fn apply(&self, op: &Op);

    /// Whether it reads what the model holds; where the series has been removed, there is none.
    fn reads(&self, model: Option<&Model>) -> bool;
}

/// The same on a metric and on its series.
macro_rules! handle {
    (($($on:ty),*) $body:tt) => {
        $(handle! { $on, $body })*
    };
    ($on:ty, {
        |$this:ident| { $($pattern:pat $(if $guard:expr)? => $run:expr,)* }
        |$model:ident| $reads:expr
    }) => {
        impl Handle for $on {
            fn apply(&self, op: &Op) {
                let $this = self;
                match op {
                    $($pattern $(if $guard)? => $run,)*
                    _ => {}
                }
            }

            fn reads(&self, $model: Option<&Model>) -> bool {
                let $this = self;
                $reads
            }
        }
    };
}

fn function(value: Option<f64>) -> impl Fn() -> f64 {
    move || value.unwrap_or_else(|| std::panic::panic_any(ON_PURPOSE))
}

/// What a function panics with that a gauge was told to show.
pub(crate) const ON_PURPOSE: &str = "on purpose";

handle! { (Counter, CounterSeries) {
    |this| {
        Op::Inc => this.inc(),
        Op::Add(by) => this.inc_by(unsigned(*by)),
        Op::Try(by) => this.try_inc_by(unsigned(*by)).unwrap(),
        Op::Reset => this.reset(),
    }
    |model| match model {
        Some(Model::Unsigned(value)) => this.get() == *value,
        _ => this.get() == 0,
    }
} }

handle! { (Counter<(), f64>, CounterSeries<f64>) {
    |this| {
        Op::Inc => this.inc(),
        Op::Add(by) => this.inc_by(*by),
        Op::Try(by) => assert_eq!(this.try_inc_by(*by).is_err(), by.is_nan() || *by < 0.0),
        Op::Reset => this.reset(),
    }
    |model| match model {
        Some(Model::Float(value)) => this.get().to_bits() == value.to_bits(),
        _ => this.get().to_bits() == 0,
    }
} }

handle! { (Gauge, GaugeSeries) {
    |this| {
        Op::Inc => this.inc(),
        Op::Dec => this.dec(),
        Op::Add(by) if by.is_sign_positive() => this.add(*by),
        Op::Add(by) => this.inc_by(*by),
        Op::Sub(by) if by.is_sign_positive() => this.sub(*by),
        Op::Sub(by) => this.dec_by(*by),
        Op::Set(to) => this.set(*to),
        Op::Function(value) => this.set_function(function(*value)),
    }
    |model| match model {
        Some(Model::Gauge(value)) => alike(this.get(), *value),
        Some(Model::Called(value)) => alike(this.get(), value.unwrap_or_default()),
        _ => this.get().to_bits() == 0,
    }
} }

handle! { (Gauge<(), i64>, GaugeSeries<i64>) {
    |this| {
        Op::Inc => this.inc(),
        Op::Dec => this.dec(),
        Op::Add(by) if by.is_sign_positive() => this.add(whole(*by)),
        Op::Add(by) => this.inc_by(whole(*by)),
        Op::Sub(by) if by.is_sign_positive() => this.sub(whole(*by)),
        Op::Sub(by) => this.dec_by(whole(*by)),
        Op::Set(to) => this.set(whole(*to)),
        Op::Function(value) => this.set_function(function(*value)),
    }
    |model| match model {
        Some(Model::Signed(value)) => this.get() == *value,
        Some(Model::CalledSigned(value)) => this.get() == whole(value.unwrap_or_default()),
        _ => this.get() == 0,
    }
} }

handle! { (Histogram, HistogramSeries) {
    |this| {
        Op::Observe(value) => this.observe(*value),
    }
    |_model| { let _ = this; true }
} }

handle! { (Summary, SummarySeries) {
    |this| {
        Op::Observe(value) => this.observe(*value),
    }
    |_model| { let _ = this; true }
} }

handle! { (Info, InfoSeries) {
    |this| {
        Op::Say(texts) => { let _ = this.set(texts.clone()); },
    }
    |model| match model {
        Some(Model::Said(said)) => this.get() == *said,
        _ => true,
    }
} }

handle! { (StateSet<State>, StateSetSeries<State>) {
    |this| {
        Op::State(state) => this.set(*state),
    }
    |model| {
        let expected = match model { Some(Model::State(state)) => *state, _ => State::Idle };
        this.is(expected) && STATES.contains(&(expected, &this.get()))
    }
} }

/// As numbers, of which there is one zero: what is moved to it keeps no sign.
fn alike(a: f64, b: f64) -> bool {
    a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq) || a.is_nan() && b.is_nan()
}

/// The samples of a series: suffix, a label of its own, and between which two numbers it is.
pub(crate) type Expected = (&'static str, Option<(&'static str, String)>, f64, f64);

/// The bounds of the histograms under test.
pub(crate) const BOUNDS: [f64; 3] = [0.5, 1.0, 100.0];

/// The quantiles of the summaries under test, with their errors.
pub(crate) const QUANTILES: [(f64, f64); 4] = [(0.0, 0.1), (0.5, 0.05), (0.9, 0.01), (1.0, 0.001)];

impl Model {
    /// What stands on a page. Of an info it is the one sample to whose labels [`said`](Self::said) adds.
    pub(crate) fn expected(&self, name: &'static str) -> Vec<Expected> {
        let exactly = |value: f64| vec![("", None, value, value)];
        match self {
            Self::Unsigned(value) => exactly(Number::from(*value).as_f64()),
            Self::Float(value) | Self::Gauge(value) => exactly(*value),
            Self::Signed(value) => exactly(Number::from(*value).as_f64()),
            Self::Called(value) => value.map(exactly).unwrap_or_default(),
            Self::CalledSigned(value) => {
                value.map(|value| exactly(Number::from(whole(value)).as_f64())).unwrap_or_default()
            }
            Self::Observed(values) if name.starts_with("summary") => of_summary(values, name),
            Self::Observed(values) => of_histogram(values),
            Self::Said(_) => exactly(1.0),
            Self::State(state) => {
                let on = |it: State| if it == *state { 1.0 } else { 0.0 };
                STATES.map(|(it, text)| ("", Some((name, text.to_owned())), on(it), on(it))).to_vec()
            }
        }
    }

    pub(crate) fn said(&self) -> &[(String, String)] {
        if let Self::Said(said) = self { said } else { &[] }
    }
}

fn count(values: usize) -> f64 {
    Number::from(values).as_f64()
}

fn sum_and_count(values: &[f64]) -> [Expected; 2] {
    let sum: f64 = values.iter().fold(0.0, |sum, value| sum + value);
    [("_sum", None, sum, sum), ("_count", None, count(values.len()), count(values.len()))]
}

fn of_histogram(values: &[f64]) -> Vec<Expected> {
    let bucket = |(bound, text): (f64, &str)| {
        let below = count(values.iter().filter(|value| **value <= bound).count());
        ("_bucket", Some(("le", text.to_owned())), below, below)
    };
    let bounds = [(0.5, "0.5"), (1.0, "1.0"), (100.0, "100.0"), (f64::INFINITY, "+Inf")];
    bounds.map(bucket).into_iter().chain(sum_and_count(values)).collect()
}

fn of_summary(values: &[f64], name: &str) -> Vec<Expected> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |(quantile, error): (f64, f64)| {
        let all = count(sorted.len());
        let text = format!("{quantile:?}");
        let at = |rank: f64| {
            let index = usize::try_from(whole(rank.clamp(1.0, all.max(1.0)))).unwrap() - 1;
            sorted.get(index).copied().unwrap_or(f64::NAN)
        };
        let (least, most) = match text.as_str() {
            "0.0" => (at(1.0), at(1.0)),
            "1.0" => (at(all), at(all)),
            // Where no rank is within the error, it is the next one below.
            _ => {
                let most = (quantile * all + error * all).floor();
                (at((quantile * all - error * all).ceil().min(most)), at(most))
            }
        };
        ("", Some(("quantile", text)), least, most)
    };
    let ranked = name.ends_with("ranked").then_some(QUANTILES).into_iter().flatten();
    ranked.map(quantile).chain(sum_and_count(values)).collect()
}
