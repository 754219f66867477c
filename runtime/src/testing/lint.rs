//! Names and help texts beside Prometheus' conventions.

use std::fmt;

use crate::descriptor::{Descriptor, MetricKind, Site};
use crate::registry::Registry;
use crate::snapshot::MetricFamily;

/// Finds what `promtool check metrics` would object to on the page of a registry, and where it was defined.
///
/// The rules are those of `promlint`, which is a part of `promtool` and of `client_golang`
/// (`prometheus/testutil/promlint`). They come by the names of metrics. Of pages that were read,
/// [`lint_families`] finds the same.
///
/// ```
/// use tallymark::{Counter, Registry, testing};
///
/// let registry = Registry::new();
/// let waited = Counter::new("waited_milliseconds_total", "How long orders waited.")?;
/// registry.register(&waited)?;
/// let problems = testing::lint(&registry);
/// assert_eq!(problems[0].rule(), testing::Rule::BaseUnit);
/// assert!(problems[0].to_string().ends_with("call it `waited_seconds_total`, and count in seconds"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
#[inline]
pub fn lint(registry: &Registry) -> Vec<Problem> {
    let descriptors = registry.descriptors();
    let mut problems = Vec::new();
    for family in registry.gather() {
        let descriptor = descriptors.iter().find(|descriptor| descriptor.name() == family.name());
        lint_family(&family, descriptor, &mut problems);
    }
    problems
}

/// Finds the same in families of any page: what other programs write can break rules that metrics of ours can't, such
/// as that no label of a gauge is called `le`.
///
/// They come in the order of the families.
///
/// ```
/// use tallymark::{Gauge, Registry, testing};
///
/// let registry = Registry::new();
/// let depth: Gauge = Gauge::new("queue_depth_total", "")?;
/// registry.register(&depth)?;
/// let problems = testing::lint_families(&registry.gather());
/// let rules: Vec<testing::Rule> = problems.iter().map(testing::Problem::rule).collect();
/// assert_eq!(rules, [testing::Rule::Help, testing::Rule::Total]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
#[inline]
pub fn lint_families(families: &[MetricFamily]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for family in families {
        lint_family(family, None, &mut problems);
    }
    problems
}

#[inline]
fn lint_family(family: &MetricFamily, descriptor: Option<&Descriptor>, problems: &mut Vec<Problem>) {
    let described = descriptor.into_iter().flat_map(Descriptor::label_names);
    let mut labels: Vec<&str> = Vec::new();
    for label in described.chain(family.series().iter().flat_map(|series| series.labels().map(|(label, _)| label))) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let site = descriptor.map(Descriptor::site);
    let found = check(family.kind(), family.name(), family.help(), &labels);
    let metric = family.name();
    problems.extend(found.into_iter().map(|(rule, text)| Problem { metric: metric.to_owned(), rule, text, site }));
}

/// Something about a metric that keeps no convention.
///
/// It reads ``` `orders` (src/orders.rs:12:1 (shop 1.4.0)) is a counter, whose name ends in `_total`; call it `orders_total` ```.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    metric: String,
    rule: Rule,
    text: String,
    site: Option<Site>,
}

impl Problem {
    /// The name of the metric.
    #[must_use]
    #[inline]
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// The rule that it breaks.
    #[must_use]
    #[inline]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What is wrong with it, and what would be right.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the metric was defined; none where a collector gives it that described nothing, and of other programs'.
    #[must_use]
    #[inline]
    pub fn site(&self) -> Option<Site> {
        self.site
    }
}

impl fmt::Display for Problem {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ", self.metric)?;
        if let Some(site) = self.site {
            write!(f, "({site}) ")?;
        }
        f.write_str(&self.text)
    }
}

/// What [`lint`] and [`lint_families`] look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Every metric has a help text.
    Help,
    /// Names have base units: seconds and bytes, not milliseconds and kilobytes.
    BaseUnit,
    /// Names of counters end in `_total`, and no others.
    Total,
    /// Names in `_timestamp_seconds` are those of gauges.
    Timestamp,
    /// Names in `_bucket`, `_sum` and `_count` are those of samples of histograms and summaries.
    ReservedSuffix,
    /// Labels called `le` are those of histograms, `quantile` those of summaries.
    ReservedLabel,
    /// The type is no part of a name.
    TypeInName,
    /// A colon stands in names that recording rules make.
    Colon,
    /// Names of metrics and labels are in `snake_case`.
    SnakeCase,
    /// Units are spelt out.
    AbbreviatedUnit,
}

/// Units that are a base unit, or that have one.
const UNITS: &[(&str, &str)] = &[
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

/// As promlint has them, `mibi` too.
const PREFIXES: &[&str] = &[
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga", "gibi",
    "tera", "tebi", "peta", "pebi",
];

const ABBREVIATIONS: &[(&str, &str)] = &[
    ("s", "seconds"),
    ("ms", "seconds"),
    ("us", "seconds"),
    ("ns", "seconds"),
    ("sec", "seconds"),
    ("b", "bytes"),
    ("kb", "bytes"),
    ("mb", "bytes"),
    ("gb", "bytes"),
    ("tb", "bytes"),
    ("pb", "bytes"),
    ("m", "metres"),
    ("h", "seconds"),
    ("d", "seconds"),
];

const TYPES: &[&str] = &["counter", "gauge", "histogram", "summary"];

#[inline]
fn check(kind: MetricKind, name: &str, help: &str, labels: &[&str]) -> Vec<(Rule, String)> {
    let mut found = Vec::new();
    let mut problem = |rule, text| found.push((rule, text));
    if help.trim().is_empty() {
        problem(Rule::Help, "has no help text; say in a sentence what it counts or shows".to_owned());
    }
    if let Some((unit, base)) = unit_of(name).filter(|(unit, base)| unit != base) {
        let better = with_word(name, unit, Some(base));
        problem(Rule::BaseUnit, format!("is in `{unit}`; call it `{better}`, and count in {base}"));
    }
    suffixes(kind, name, &mut problem);
    reserved_labels(kind, labels, &mut problem);
    let lower = name.to_ascii_lowercase();
    // The first word may be called so.
    let words = || lower.split('_').skip(1);
    for word in TYPES.iter().filter(|word| words().any(|it| it == **word)) {
        let better = with_word(name, word, None);
        problem(Rule::TypeInName, format!("has a type in its name, `{word}`; call it `{better}`"));
    }
    if name.contains(':') {
        let better = name.replace(':', "_");
        problem(Rule::Colon, format!("has a `:` in its name, as what recording rules make; call it `{better}`"));
    }
    if let Some(better) = in_snake_case(name) {
        problem(Rule::SnakeCase, format!("is not in snake_case; call it `{better}`"));
    }
    // The states of a state set stand in a label of its name.
    let own = (kind == MetricKind::StateSet).then_some(name);
    for label in labels.iter().copied().chain(own) {
        if let Some(better) = in_snake_case(label) {
            problem(Rule::SnakeCase, format!("has a label `{label}`, which is not in snake_case; call it `{better}`"));
        }
    }
    for (word, unit) in ABBREVIATIONS.iter().filter(|(word, _)| words().any(|it| it == *word)) {
        let better = with_word(name, word, Some(unit));
        problem(
            Rule::AbbreviatedUnit,
            format!("abbreviates a unit, `{word}`; spell out what it is, for example `{better}`"),
        );
    }
    found
}

/// What only some types' names end in.
#[inline]
fn suffixes(kind: MetricKind, name: &str, problem: &mut impl FnMut(Rule, String)) {
    if kind == MetricKind::Unknown {
        return;
    }
    let without = |suffix: &str| name.strip_suffix(suffix);
    match (kind, without("_total")) {
        (MetricKind::Counter, None) => {
            problem(Rule::Total, format!("is a counter, whose name ends in `_total`; call it `{name}_total`"));
        }
        (MetricKind::Counter, Some(_)) | (_, None) => {}
        (_, Some(better)) => {
            problem(Rule::Total, format!("ends in `_total`, as only counters do; call it `{better}`"));
        }
    }
    if kind != MetricKind::Gauge && !is_gauge_in_text(kind) && without("_timestamp_seconds").is_some() {
        problem(
            Rule::Timestamp,
            "ends in `_timestamp_seconds`, as only gauges do; make it a gauge, or call it by what it counts".to_owned(),
        );
    }
    let is_histogram = matches!(kind, MetricKind::Histogram | MetricKind::GaugeHistogram);
    for (suffix, fits) in [
        ("_bucket", is_histogram),
        ("_sum", is_histogram || kind == MetricKind::Summary),
        ("_count", is_histogram || kind == MetricKind::Summary),
    ] {
        if let Some(better) = without(suffix).filter(|_| !fits) {
            let text =
                format!("ends in `{suffix}`, as only samples of histograms and summaries do; call it `{better}`");
            problem(Rule::ReservedSuffix, text);
        }
    }
}

/// The labels in which only some types' samples say which they are.
#[inline]
fn reserved_labels(kind: MetricKind, labels: &[&str], problem: &mut impl FnMut(Rule, String)) {
    if kind == MetricKind::Unknown {
        return;
    }
    for (reserved, of, fits) in [
        ("le", "histograms", matches!(kind, MetricKind::Histogram | MetricKind::GaugeHistogram)),
        ("quantile", "summaries", kind == MetricKind::Summary),
    ] {
        if !fits && labels.contains(&reserved) {
            let text = format!("has a label `{reserved}`, as only samples of {of} do; call it by what it tells apart");
            problem(Rule::ReservedLabel, text);
        }
    }
}

/// Types that the text format doesn't know.
#[inline]
fn is_gauge_in_text(kind: MetricKind) -> bool {
    matches!(kind, MetricKind::Info | MetricKind::StateSet)
}

/// The first unit in a name, and its base unit.
#[inline]
fn unit_of(name: &str) -> Option<(&str, &'static str)> {
    let base = |word: &str| UNITS.iter().find(|(unit, _)| *unit == word).map(|(_, base)| *base);
    name.split('_').find_map(|word| {
        let prefixed = || PREFIXES.iter().find_map(|prefix| base(word.strip_prefix(prefix)?));
        Some((word, base(word).or_else(prefixed)?))
    })
}

/// A name with another word in the place of one, whatever its case, or with none; with none too where the other is there.
#[inline]
fn with_word(name: &str, word: &str, other: Option<&str>) -> String {
    let other = other.filter(|other| !name.split('_').any(|there| there == *other));
    let words = name.split('_').filter_map(|it| if it.eq_ignore_ascii_case(word) { other } else { Some(it) });
    words.collect::<Vec<_>>().join("_")
}

/// A name in `snake_case`; none where it is already.
#[inline]
fn in_snake_case(name: &str) -> Option<String> {
    let mut better = String::new();
    let mut before = '_';
    let mut mixed = false;
    for c in name.chars() {
        if before.is_ascii_lowercase() && c.is_ascii_uppercase() {
            mixed = true;
            better.push('_');
        }
        better.push(c.to_ascii_lowercase());
        before = c;
    }
    mixed.then_some(better)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTER: MetricKind = MetricKind::Counter;
    const GAUGE: MetricKind = MetricKind::Gauge;
    const HISTOGRAM: MetricKind = MetricKind::Histogram;
    const SUMMARY: MetricKind = MetricKind::Summary;

    /// What `promtool check metrics` says of the same, but for timestamps, of which only its later versions say anything.
    const VERDICTS: &[(MetricKind, &str, &[Rule])] = &[
        (COUNTER, "orders_total", &[]),
        (COUNTER, "orders", &[Rule::Total]),
        (COUNTER, "orders_count", &[Rule::Total, Rule::ReservedSuffix]),
        (COUNTER, "orders_sum", &[Rule::Total, Rule::ReservedSuffix]),
        (COUNTER, "orders_bucket", &[Rule::Total, Rule::ReservedSuffix]),
        (COUNTER, "orders_bucket_total", &[]),
        (COUNTER, "waited_seconds_total", &[]),
        (COUNTER, "waited_total_seconds", &[Rule::Total]),
        (COUNTER, "waited_milliseconds_total", &[Rule::BaseUnit]),
        (COUNTER, "started_timestamp_seconds", &[Rule::Total, Rule::Timestamp]),
        (COUNTER, "order_counter_total", &[Rule::TypeInName]),
        (COUNTER, "order_Counter_total", &[Rule::TypeInName]),
        (COUNTER, "sent_mb_total", &[Rule::AbbreviatedUnit]),
        (COUNTER, "job:orders_total", &[Rule::Colon]),
        (COUNTER, "ordersPlaced_total", &[Rule::SnakeCase]),
        (GAUGE, "queue_depth", &[]),
        (GAUGE, "queue_total", &[Rule::Total]),
        (GAUGE, "queue_count", &[Rule::ReservedSuffix]),
        (GAUGE, "queue_sum", &[Rule::ReservedSuffix]),
        (GAUGE, "queue_bucket", &[Rule::ReservedSuffix]),
        (GAUGE, "queue_count_bytes", &[]),
        (GAUGE, "count", &[]),
        (GAUGE, "queue_gauge", &[Rule::TypeInName]),
        (GAUGE, "queue_gauge_bytes", &[Rule::TypeInName]),
        (GAUGE, "gauge", &[]),
        (GAUGE, "gauge_depth", &[]),
        (GAUGE, "queue_gauges", &[]),
        (GAUGE, "queue_histogram_summary", &[Rule::TypeInName, Rule::TypeInName]),
        (GAUGE, "started_timestamp_seconds", &[]),
        (GAUGE, "memory_bytes", &[]),
        (GAUGE, "memory_kilobytes", &[Rule::BaseUnit]),
        (GAUGE, "memory_kibibytes", &[Rule::BaseUnit]),
        (GAUGE, "memory_mebibytes", &[]),
        (GAUGE, "memory_mibibytes", &[Rule::BaseUnit]),
        (GAUGE, "memory_bits", &[Rule::BaseUnit]),
        (GAUGE, "memory_megabits", &[Rule::BaseUnit]),
        (GAUGE, "memory_kb", &[Rule::AbbreviatedUnit]),
        (GAUGE, "memory_KB", &[Rule::AbbreviatedUnit]),
        (GAUGE, "memory_b_free", &[Rule::AbbreviatedUnit]),
        (GAUGE, "b_free", &[]),
        (GAUGE, "up_minutes", &[Rule::BaseUnit]),
        (GAUGE, "minutes", &[Rule::BaseUnit]),
        (GAUGE, "up_Minutes", &[]),
        (GAUGE, "up_hours", &[Rule::BaseUnit]),
        (GAUGE, "up_days", &[Rule::BaseUnit]),
        (GAUGE, "up_weeks", &[Rule::BaseUnit]),
        (GAUGE, "up_h", &[Rule::AbbreviatedUnit]),
        (GAUGE, "up_d", &[Rule::AbbreviatedUnit]),
        (GAUGE, "room_celsius", &[]),
        (GAUGE, "room_kelvin", &[]),
        (GAUGE, "room_kelvins", &[Rule::BaseUnit]),
        (GAUGE, "room_fahrenheit", &[Rule::BaseUnit]),
        (GAUGE, "way_metres", &[]),
        (GAUGE, "way_kilometers", &[Rule::BaseUnit]),
        (GAUGE, "way_miles", &[Rule::BaseUnit]),
        (GAUGE, "thermometers", &[]),
        (GAUGE, "load_pounds", &[Rule::BaseUnit]),
        (GAUGE, "load_kilograms", &[Rule::BaseUnit]),
        (GAUGE, "queueDepth", &[Rule::SnakeCase]),
        (GAUGE, "queueDepth_ms", &[Rule::SnakeCase, Rule::AbbreviatedUnit]),
        (GAUGE, "QUEUE_DEPTH", &[]),
        (GAUGE, "job:queue:depth", &[Rule::Colon]),
        (HISTOGRAM, "latency_seconds", &[]),
        (HISTOGRAM, "latency_ms", &[Rule::AbbreviatedUnit]),
        (HISTOGRAM, "latency_us_ns", &[Rule::AbbreviatedUnit, Rule::AbbreviatedUnit]),
        (HISTOGRAM, "latency_microseconds", &[Rule::BaseUnit]),
        (HISTOGRAM, "latency_total", &[Rule::Total]),
        (HISTOGRAM, "latency_count", &[]),
        (HISTOGRAM, "latency_bucket", &[]),
        (HISTOGRAM, "latency_histogram_seconds", &[Rule::TypeInName]),
        (HISTOGRAM, "latency_timestamp_seconds", &[Rule::Timestamp]),
        (SUMMARY, "sizes_bytes", &[]),
        (SUMMARY, "sizes_count", &[]),
        (SUMMARY, "sizes_sum", &[]),
        (SUMMARY, "sizes_bucket", &[Rule::ReservedSuffix]),
        (SUMMARY, "sizes_summary", &[Rule::TypeInName]),
        (SUMMARY, "sizes_total", &[Rule::Total]),
        (MetricKind::Unknown, "things", &[]),
        (MetricKind::Unknown, "things_total", &[]),
        (MetricKind::Unknown, "things_count", &[]),
        (MetricKind::Unknown, "things_ms", &[Rule::AbbreviatedUnit]),
        (MetricKind::Info, "build_info", &[]),
        (MetricKind::Info, "build_gauge_info", &[Rule::TypeInName]),
        (MetricKind::StateSet, "job_state", &[]),
        (MetricKind::StateSet, "jobState", &[Rule::SnakeCase, Rule::SnakeCase]),
        (MetricKind::StateSet, "job_timestamp_seconds", &[]),
        (MetricKind::GaugeHistogram, "waiting_seconds", &[]),
        (MetricKind::GaugeHistogram, "waiting_bucket", &[]),
    ];

    #[test]
    fn verdicts_are_promtools() {
        for (kind, name, expected) in VERDICTS {
            let found: Vec<Rule> = check(*kind, name, "Help.", &["path"]).into_iter().map(|(rule, _)| rule).collect();
            assert_eq!(found, *expected, "{kind} {name}");
        }
    }

    #[test]
    fn help_and_labels_are_looked_at() {
        for help in ["", " \n"] {
            assert_eq!(check(GAUGE, "x", help, &[])[0].0, Rule::Help);
        }
        let found = check(GAUGE, "x", "Help.", &["path", "statusCode", "Method"]);
        let expected = "has a label `statusCode`, which is not in snake_case; call it `status_code`";
        assert_eq!(found, [(Rule::SnakeCase, expected.to_owned())]);
    }

    #[test]
    fn labels_of_buckets_and_quantiles_are_theirs() {
        let rules = |kind, label| -> Vec<Rule> {
            check(kind, "x", "Help.", &[label]).into_iter().map(|(rule, _)| rule).collect()
        };
        for (kind, le, quantile) in [
            (GAUGE, 1, 1),
            (HISTOGRAM, 0, 1),
            (MetricKind::GaugeHistogram, 0, 1),
            (SUMMARY, 1, 0),
            (MetricKind::Unknown, 0, 0),
        ] {
            assert_eq!(rules(kind, "le"), vec![Rule::ReservedLabel; le], "{kind}");
            assert_eq!(rules(kind, "quantile"), vec![Rule::ReservedLabel; quantile], "{kind}");
        }
    }

    #[test]
    fn each_says_what_to_call_it() {
        for (kind, name, better) in [
            (COUNTER, "orders", "`orders_total`"),
            (COUNTER, "waited_milliseconds_total", "`waited_seconds_total`"),
            (GAUGE, "queue_gauge_bytes", "`queue_bytes`"),
            (GAUGE, "queue_count", "`queue`"),
            (GAUGE, "memory_KB", "`memory_bytes`"),
            (GAUGE, "memory_bytes_kb", "`memory_bytes`"),
            (GAUGE, "job:depth", "`job_depth`"),
            (GAUGE, "queueDepthMax", "`queue_depth_max`"),
            (HISTOGRAM, "latency_total", "`latency`"),
        ] {
            let (_, text) = &check(kind, name, "Help.", &[])[0];
            assert!(text.contains(better), "{text}");
        }
    }
}
