//! What a mark says of its metric, known when the program is compiled.

use std::time::Duration;

use super::core::FamilyShape;
use super::quantiles::Window;
use crate::descriptor::{DescriptorRef, MetricKind, Outline, Site, crate_of};
use crate::name::{NameParts, same_label};
use crate::native::NativeOptions;

/// A mark's arguments. The macros check them; what only the compiler knows is checked here, in `const`.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    outline: Outline,
    shape: FamilyShape<'static>,
}

impl Spec {
    /// A metric with a name of its own.
    #[must_use]
    pub const fn named(name: &'static str, site: Site) -> Self {
        Self { outline: Outline::new("", name, site), shape: FamilyShape::DEFAULT }
    }

    /// A metric with a name of any characters; `claimed` is how it reads for a scraper that doesn't ask for UTF-8.
    #[must_use]
    pub const fn utf8(name: &'static str, claimed: &'static str, site: Site) -> Self {
        Self { outline: Outline::utf8(name, claimed, site), shape: FamilyShape::DEFAULT }
    }

    /// A metric whose name is its crate's, an underscore, and `rest`.
    ///
    /// # Panics
    /// When the program is compiled: where the crate's name can't begin a metric's.
    #[must_use]
    #[track_caller]
    pub const fn derived(module_path: &'static str, rest: &'static str, site: Site) -> Self {
        let prefix = crate_of(module_path);
        let bytes = prefix.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            assert!(
                bytes[index].is_ascii_alphanumeric() || bytes[index] == b'_',
                "the crate's name can't stand in a metric's name; write `namespace = \"…\"` with a name of ASCII letters"
            );
            index += 1;
        }
        assert!(
            !(bytes.len() > 1 && bytes[0] == b'_' && bytes[1] == b'_'),
            "the crate's name begins with `__`, which is reserved for Prometheus itself; write `namespace = \"…\"`"
        );
        Self { outline: Outline::new(prefix, rest, site), shape: FamilyShape::DEFAULT }
    }

    /// The help text.
    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        self.outline.help = help;
        self
    }

    /// The unit, in which the name ends.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.outline.unit = Some(unit);
        self
    }

    /// The names of the labels of a marked function.
    #[must_use]
    pub const fn labels(mut self, labels: &'static [&'static str]) -> Self {
        self.outline.labels = labels;
        self
    }

    /// Labels with the same value in every series.
    #[must_use]
    pub const fn const_labels(mut self, const_labels: &'static [(&'static str, &'static str)]) -> Self {
        self.outline.const_labels = const_labels;
        self
    }

    /// The upper bounds of a histogram's buckets.
    ///
    /// # Panics
    /// When the program is compiled: where they don't rise, are NaN, or are none.
    #[must_use]
    #[track_caller]
    pub const fn buckets(self, bounds: &'static [f64]) -> Self {
        let bounds = crate::buckets::without_infinity(bounds);
        if let Some(fault) = crate::buckets::fault(bounds) {
            panic!("{}", fault);
        }
        Self { shape: FamilyShape { bounds: Some(bounds), ..self.shape }, ..self }
    }

    /// The native buckets of a histogram.
    ///
    /// # Panics
    /// When the program is compiled: where an option is out of its range.
    #[must_use]
    #[track_caller]
    pub const fn native(self, options: NativeOptions) -> Self {
        if let Some(fault) = options.fault() {
            panic!("{}", fault);
        }
        Self { shape: FamilyShape { native: Some(options), ..self.shape }, ..self }
    }

    /// The quantiles of a summary, each with the error that its rank may have.
    ///
    /// # Panics
    /// When the program is compiled: where they don't rise, or an error or they themselves are out of their ranges.
    #[must_use]
    #[track_caller]
    pub const fn quantiles(self, quantiles: &'static [(f64, f64)]) -> Self {
        if let Some(fault) = crate::quantiles::fault(quantiles) {
            panic!("{}", fault);
        }
        Self { shape: FamilyShape { quantiles, ..self.shape }, ..self }
    }

    /// Of how many seconds the quantiles of a summary are, and in how many steps observations go.
    ///
    /// # Panics
    /// When the program is compiled: where one of them is 0.
    #[must_use]
    #[track_caller]
    pub const fn window(self, max_age: u64, age_buckets: u32) -> Self {
        let window = Window { max_age: Duration::from_secs(max_age), age_buckets };
        if let Some(fault) = window.fault() {
            panic!("{}", fault);
        }
        Self { shape: FamilyShape { window: Some(window), ..self.shape }, ..self }
    }

    /// How many series there may be.
    #[must_use]
    pub const fn max_series(self, max_series: usize) -> Self {
        Self { shape: FamilyShape { max_series, ..self.shape }, ..self }
    }

    /// Whether every series shows from the first scrape.
    #[must_use]
    pub const fn init(self, init: bool) -> Self {
        Self { shape: FamilyShape { init: Some(init), ..self.shape }, ..self }
    }

    /// Without the checks that need the labels: for a mark that is refused already.
    #[must_use]
    pub const fn unchecked(self) -> Self {
        Self { shape: FamilyShape { max_series: usize::MAX, init: None, ..self.shape }, ..self }
    }

    /// Refuses, when the program is compiled, what the types of the labels make impossible.
    #[track_caller]
    pub(crate) const fn check(&self, kind: MetricKind, finite: usize, open: bool, ambiguous: bool, names: &[&str]) {
        assert!(!ambiguous, "{}", TWO_EMPTY_TEXTS);
        if matches!(kind, MetricKind::StateSet) {
            self.check_state_set(names);
        }
        let most = self.shape.max_series;
        if finite > most {
            let mut text = Text::new();
            text.push("the labels have ");
            text.push_number(finite);
            text.push(" combinations, and a family has up to ");
            text.push_number(most);
            text.push(if most == FamilyShape::DEFAULT.max_series {
                " series unless it says otherwise"
            } else {
                " series"
            });
            text.push(": write `max_series = ");
            text.push_number(finite);
            text.push("`, or drop a label");
            panic!("{}", text.as_str());
        }
        assert!(
            !(open && matches!(self.shape.init, Some(true))),
            "`init = true` can't show the series of a family with an open label (text, an integer, `#[label(display)]`): nobody knows them all; drop it, or make the label an enum"
        );
        let mut constant = 0;
        while constant < self.outline.const_labels.len() {
            let mut variable = 0;
            while variable < names.len() {
                let (name, other) = (self.outline.const_labels[constant].0, names[variable]);
                assert!(
                    !NameParts::whole(name).is(other),
                    "a label stands both in `const_labels` and in the label struct: drop one of them"
                );
                assert!(
                    !same_label(name, other),
                    "a label of `const_labels` and one of the label struct read alike for a scraper that doesn't ask for UTF-8, with `_` for all that isn't plain: rename one of them"
                );
                variable += 1;
            }
            constant += 1;
        }
    }

    /// The states stand in a label that is called as the metric.
    #[track_caller]
    const fn check_state_set(&self, names: &[&str]) {
        let name = self.outline.name();
        assert!(
            self.outline.utf8 || !name.has(b':'),
            "a state set is called as the label in which its states stand, and no label has a `:`; write another `name`"
        );
        assert!(
            !name.is("le") && !name.is("quantile"),
            "a state set is called as the label in which its states stand, and `le` and `quantile` are those of histograms and summaries; write another `name`"
        );
        let mut index = 0;
        while index < names.len() {
            assert!(
                !name.reads_as(NameParts::whole(names[index])),
                "a label is called as the state set, whose states stand in a label of that name; call it something else"
            );
            index += 1;
        }
        index = 0;
        while index < self.outline.const_labels.len() {
            assert!(
                !name.reads_as(NameParts::whole(self.outline.const_labels[index].0)),
                "a constant label is called as the state set, whose states stand in a label of that name; call it something else"
            );
            index += 1;
        }
    }

    /// What it says of a family of this type; `names` are those of its label struct, if it has one.
    pub(crate) fn descriptor(
        &'static self,
        kind: MetricKind,
        names: &'static [&'static str],
    ) -> DescriptorRef<'static> {
        let names = if names.is_empty() { self.outline.labels } else { names };
        DescriptorRef::of_mark(&self.outline, kind, names)
    }

    pub(crate) fn shape(&self) -> FamilyShape<'static> {
        self.shape
    }
}

pub(crate) const TWO_EMPTY_TEXTS: &str = "a label is an `Option`, whose `None` reads as the empty text, and so does a value of the type within: they would be one series; give that value another text: `#[label(\"…\")]`";

/// A message put together while the program is compiled.
struct Text {
    bytes: [u8; 256],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 256], length: 0 }
    }

    const fn push(&mut self, text: &str) {
        let mut index = 0;
        while index < text.len() {
            self.bytes[self.length] = text.as_bytes()[index];
            self.length += 1;
            index += 1;
        }
    }

    const fn push_number(&mut self, number: usize) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        let (_, from_digit) = "0123456789".split_at(number % 10);
        self.push(from_digit.split_at(1).0);
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
