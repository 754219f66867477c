//! Names of any characters: what may be called so, and what readers see of it.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tallymark::exposition::{self, Escaping, Format};
use tallymark::testing::lint;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Info, LabelName, LabelValue, Labels, MetricKind,
    MetricName, Registry, StateSet, Value,
};

/// A family of one series with one label.
#[derive(Clone, Debug)]
struct Family {
    kind: MetricKind,
    name: String,
    label: (String, String),
}

impl Family {
    /// What it gives, if its names keep the rules.
    fn descriptor(&self) -> Option<Descriptor> {
        Descriptor::utf8(self.kind, self.name.clone(), "Help.").ok()?.with_labels([self.label.0.clone()]).ok()
    }
}

impl Collector for Family {
    fn describe(&self) -> Vec<Descriptor> {
        self.descriptor().into_iter().collect()
    }

    fn collect(&self, out: &mut Collected) {
        let (out, name, label) = (out.allow_utf8(), &*self.name, [self.label.clone()]);
        match self.kind {
            MetricKind::Counter => out.counter(name, "Help.").series(label, 7),
            MetricKind::Histogram => out.histogram(name, "Help.").histogram_series(label, [(1.0, 2)], 1.5),
            MetricKind::Summary => out.summary(name, "Help.").summary_series(label, 2, 1.5, [(0.5, 1.0)]),
            MetricKind::Info => out.info(name, "Help.").info_series(label, [("says", "it")]),
            MetricKind::StateSet => out.state_set(name, "Help.").state_series(label, [("on", true)]),
            _ => out.gauge(name, "Help.").series(label, 7),
        };
    }
}

/// One that doesn't say before what it will give.
struct Given(fn(&mut Collected));

impl Collector for Given {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        self.0(out);
    }
}

/// Texts at which a reader could lose its way, and few enough that many read alike.
fn name() -> impl Strategy<Value = String> {
    const HOSTILE: [&str; 30] = [
        "\"",
        "a\"b",
        "\\",
        "a\\",
        "\\n",
        "a\\\"",
        "\n",
        "a\nb",
        "\r\n",
        "\t",
        " ",
        "a b",
        "=",
        "a=\"b\"",
        ",",
        "{",
        "}",
        "{a=\"b\"} 1",
        "#",
        "# EOF",
        "# TYPE a gauge",
        "9",
        "9a",
        "\0",
        "\u{1f980}",
        "a\u{1f980}",
        "e\u{301}",
        "\u{feff}",
        "größe",
        "a.b.c",
    ];
    let few = "[ab.:_ä]{1,3}(.total|_total|_sum|.sum|_info|_created)?";
    prop_oneof![4 => few, 3 => prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned), 1 => ".{1,5}", 1 => any::<String>()]
}

fn family() -> impl Strategy<Value = Family> {
    use MetricKind::{Counter, Gauge, Histogram, Info, StateSet, Summary};
    let kind = prop::sample::select(vec![Counter, Gauge, Histogram, Summary, Info, StateSet]);
    (kind, name(), name(), name()).prop_map(|(kind, name, label, text)| Family { kind, name, label: (label, text) })
}

/// As Prometheus' `EscapeName` by underscores.
fn underscored(name: &str, metric: bool) -> String {
    let mut read = String::new();
    for (at, c) in name.chars().enumerate() {
        let plain = c.is_ascii_alphabetic() || c == '_' || (metric && c == ':') || (at > 0 && c.is_ascii_digit());
        read.push(if plain { c } else { '_' });
    }
    read
}

fn is_plain(name: &str, metric: bool) -> bool {
    !name.is_empty() && underscored(name, metric) == name
}

/// What a reader finds on a page: samples, each behind the name of its family, with their labels and values.
#[derive(Debug, Default, PartialEq)]
struct Read {
    types: Vec<(String, String)>,
    samples: Vec<Sample>,
}

/// The name of the family, its own, labels and value.
type Sample = (String, String, Vec<(String, String)>, String);

/// A line that is being read. It shares no code with what writes pages.
struct Line<'a>(&'a str);

impl Line<'_> {
    fn take(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn quoted(&mut self) -> String {
        let (mut text, mut characters) = (String::new(), self.0.chars());
        loop {
            match characters.next().expect("a quote is closed") {
                '"' => break,
                '\\' => text.push(match characters.next().expect("something is escaped") {
                    'n' => '\n',
                    other @ ('"' | '\\') => other,
                    other => panic!("\\{other}"),
                }),
                other => text.push(other),
            }
        }
        self.0 = characters.as_str();
        text
    }

    fn name(&mut self) -> String {
        if self.take('"') {
            return self.quoted();
        }
        let end = self.0.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(self.0.len());
        let (name, rest) = self.0.split_at(end);
        assert!(!name.is_empty(), "{}", self.0);
        self.0 = rest;
        name.to_owned()
    }
}

fn read(page: &str) -> Read {
    let mut read = Read::default();
    for line in page.strip_suffix('\n').unwrap().split('\n') {
        if let Some(comment) = line.strip_prefix("# ") {
            let (word, rest) = comment.split_once(' ').unwrap_or((comment, ""));
            let mut rest = Line(rest);
            match word {
                "TYPE" => {
                    let name = rest.name();
                    assert!(rest.take(' '));
                    read.types.push((name, rest.0.to_owned()));
                }
                "HELP" => assert!(!rest.name().is_empty() && rest.take(' ') && rest.0 == "Help.", "{line}"),
                "EOF" => assert!(page.ends_with("# EOF\n")),
                other => panic!("{other}"),
            }
            continue;
        }
        let mut rest = Line(line);
        let (mut name, mut labels) = (None, Vec::new());
        if !rest.0.starts_with('{') {
            name = Some(rest.name());
        }
        if rest.take('{') {
            while !rest.take('}') {
                let word = rest.name();
                if rest.take('=') {
                    assert!(rest.take('"'));
                    labels.push((word, rest.quoted()));
                } else {
                    assert_eq!(name.replace(word), None, "{line}");
                }
                assert!(rest.take(',') || rest.0.starts_with('}'), "{line}");
            }
        }
        assert!(rest.take(' '), "{line}");
        let family = read.types.last().unwrap().0.clone();
        read.samples.push((family, name.unwrap(), labels, rest.0.to_owned()));
    }
    read
}

/// What must stand on a page that lets names be.
fn expected(families: &[&Family], openmetrics: bool) -> Read {
    let mut expected = Read::default();
    let mut sorted: Vec<(String, &Family)> = Vec::new();
    for family in families {
        let info = family.kind == MetricKind::Info && !family.name.ends_with("_info");
        sorted.push((family.name.clone() + if info { "_info" } else { "" }, family));
    }
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, family) in sorted {
        let cut = |ending| if openmetrics { name.strip_suffix(ending).unwrap_or(&name) } else { &name };
        let (base, word) = match family.kind {
            MetricKind::Counter => (cut("_total"), "counter"),
            MetricKind::Histogram => (&*name, "histogram"),
            MetricKind::Summary => (&*name, "summary"),
            MetricKind::Info => (cut("_info"), if openmetrics { "info" } else { "gauge" }),
            MetricKind::StateSet => (&*name, if openmetrics { "stateset" } else { "gauge" }),
            _ => (&*name, "gauge"),
        };
        expected.types.push((base.to_owned(), word.to_owned()));
        let own = |label: &str, text: &str| Some((label.to_owned(), text.to_owned()));
        let samples = match family.kind {
            MetricKind::Counter if openmetrics => vec![("_total", None, "7")],
            MetricKind::Histogram => vec![
                ("_bucket", own("le", "1.0"), "2"),
                ("_bucket", own("le", "+Inf"), "2"),
                ("_sum", None, "1.5"),
                ("_count", None, "2"),
            ],
            MetricKind::Summary => {
                vec![("", own("quantile", "0.5"), "1.0"), ("_sum", None, "1.5"), ("_count", None, "2")]
            }
            MetricKind::Info if openmetrics => vec![("_info", own("says", "it"), "1")],
            MetricKind::Info => vec![("", own("says", "it"), "1")],
            MetricKind::StateSet => vec![("", own(&name, "on"), "1")],
            _ => vec![("", None, "7")],
        };
        for (suffix, own, value) in samples {
            let labels = [Some(family.label.clone()), own].into_iter().flatten().collect();
            expected.samples.push((base.to_owned(), format!("{base}{suffix}"), labels, value.to_owned()));
        }
    }
    expected
}

fn page(format: Format, registry: &Registry) -> String {
    let mut page = Vec::new();
    exposition::write(format, registry.page(), &mut page).unwrap();
    assert_eq!(page, exposition::encode(format, &registry.gather()));
    String::from_utf8(page).unwrap()
}

const FORMATS: [Format; 4] =
    [Format::TEXT_0_0_4, Format::TEXT_1_0_0, Format::OPENMETRICS_0_0_1, Format::OPENMETRICS_1_0_0];
const ESCAPINGS: [Escaping; 4] = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn names_of_any_characters_read_back_and_no_reader_finds_one_name_twice(
        families in prop::collection::vec(family(), 1..12),
    ) {
        let registry = Registry::new();
        let mut there: Vec<&Family> = Vec::new();
        for family in &families {
            let good = MetricName::utf8(family.name.clone()).is_ok() && LabelName::utf8(family.label.0.clone()).is_ok();
            let states = family.kind == MetricKind::StateSet;
            let described = family.descriptor().is_some();
            prop_assert!(good || !described);
            prop_assert!(described || !good || states);
            if described && registry.register(family.clone()).is_ok() {
                there.push(family);
            }
        }
        prop_assert_eq!(registry.gather().len(), there.len());
        // It must look at any name.
        let _ = lint(&registry);
        for format in FORMATS.into_iter().flat_map(|format| ESCAPINGS.map(|escaping| format.with_escaping(escaping))) {
            let openmetrics = [Format::OPENMETRICS_0_0_1, Format::OPENMETRICS_1_0_0]
                .iter().any(|one| one.with_escaping(format.escaping()) == format);
            let text = page(format, &registry);
            if there.is_empty() {
                continue;
            }
            let read = read(&text);
            if format.escaping() == Escaping::AllowUtf8 {
                prop_assert_eq!(&read, &expected(&there, openmetrics));
                continue;
            }
            prop_assert_eq!(read.samples.len(), expected(&there, openmetrics).samples.len());
            for (_, name, labels, _) in &read.samples {
                prop_assert!(is_plain(name, true) && labels.iter().all(|(label, _)| is_plain(label, false)), "{}", text);
            }
            if format.escaping() == Escaping::Underscores {
                let mut names = BTreeMap::new();
                for (family, name, labels, _) in &read.samples {
                    prop_assert_eq!(*names.entry(name).or_insert(family), family, "{}", text);
                    let labels_named: BTreeSet<&str> = labels.iter().map(|(label, _)| &**label).collect();
                    prop_assert_eq!(labels_named.len(), labels.len(), "{}", text);
                }
                let typed: BTreeSet<&str> = read.types.iter().map(|(name, _)| &**name).collect();
                prop_assert_eq!(typed.len(), read.types.len(), "{}", text);
                let sampled = |name: &str| names.get(&name.to_owned()).is_none_or(|family| *family == name);
                prop_assert!(typed.iter().all(|name| sampled(name)), "{}", text);
            }
        }
    }

    #[test]
    fn metrics_are_found_and_removed_by_such_names(
        name in name(),
        (label, text) in (name(), name()),
        method in name(),
    ) {
        let builder = Counter::builder(name.clone(), "").allow_utf8().const_label(label.clone(), text.clone());
        let Ok(counter) = builder.labels::<Request<'static>>().build() else {
            let bad = |name: &str, metric| name.is_empty() || underscored(name, metric).starts_with("__");
            let reserved = matches!(&*label, "le" | "quantile") || underscored(&label, false) == "http_method";
            prop_assert!(bad(&name, true) || bad(&label, false) || reserved);
            return Ok(());
        };
        let registry = Registry::builder().allow_utf8().const_label("of.registry", "x").build();
        if underscored(&label, false) == "of_registry" {
            prop_assert!(registry.register(&counter).is_err());
            return Ok(());
        }
        registry.register(&counter).unwrap();
        counter.with(&Request { method: &method }).inc();
        let labels = [("of.registry", "x"), (&*label, &*text), ("http.method", &*method)];
        prop_assert_eq!(registry.value(&name, labels), Some(1.0));
        prop_assert_eq!(registry.get(&name, labels).unwrap(), Some(Value::Number(1_u64.into())));
        prop_assert_eq!(registry.restricted([&*name]).gather().len(), 1);
        prop_assert!(registry.restricted([name.clone() + "x"]).gather().is_empty());
        prop_assert!(registry.remove(&name, [("http.method", "another")]).is_ok_and(|removed| !removed || method == "another"));
        prop_assert_eq!(registry.remove(&name, labels).unwrap(), method != "another");
        prop_assert_eq!(registry.value(&name, labels), None);
    }
}

#[derive(Labels)]
struct Request<'a> {
    #[label("http.method", allow_utf8)]
    method: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
}

fn gauge(name: &'static str) -> Gauge {
    Gauge::builder(name, "").allow_utf8().build().unwrap()
}

#[test]
fn a_name_takes_what_any_reader_sees_of_it() {
    let registry = Registry::new();
    let histogram = Histogram::builder("http.size", "").allow_utf8().build().unwrap();
    registry.register(&histogram).unwrap();
    for taken in
        ["http.size", "http_size", "http size", "http_size_sum", "http.size_sum", "http.size.sum", "http/size_count"]
    {
        assert!(registry.register(gauge(taken)).is_err(), "{taken}");
    }
    for free in ["http.size_total", "httpsize", "http__size", "http_dot_size", "http:size"] {
        registry.register(gauge(free)).unwrap();
    }
    let error = registry.register(gauge("http_size_count")).unwrap_err().to_string();
    assert!(
        error.contains(
            "the histogram `http.size` and the gauge `http_size_count` both use the name `http_size_count` for a scraper that doesn't ask for UTF-8"
        ),
        "{error}"
    );
    let error = registry.register(gauge("http.size_count")).unwrap_err().to_string();
    assert!(error.contains("both use the name `http.size_count`\n"), "{error}");
    let error = registry.register(gauge("http.size")).unwrap_err().to_string();
    assert!(error.contains("`http.size` is a histogram and a gauge"), "{error}");
}

#[test]
fn a_counter_takes_its_name_in_every_format() {
    let registry = Registry::new();
    registry.register(Counter::builder("jobs.total", "").allow_utf8().build().unwrap()).unwrap();
    // For who asks for UTF-8 `OpenMetrics` adds the suffix, for any other reader it is there.
    for taken in ["jobs.total_total", "jobs_created", "jobs", "jobs_total", "jobs.total_created"] {
        assert!(registry.register(gauge(taken)).is_err(), "{taken}");
    }
    for free in ["jobs_total_total", "jobs_total_created"] {
        registry.register(gauge(free)).unwrap();
    }
}

#[test]
fn labels_of_one_family_may_not_read_alike() {
    let read = "both read `http_method` for a scraper that doesn't ask for UTF-8; rename one of them";
    let both = ["http.method", "http_method"];
    let descriptor = || Descriptor::utf8(MetricKind::Gauge, "x", "").unwrap();
    let error = descriptor().with_labels(both).unwrap_err().to_string();
    assert!(error.starts_with("`x`: the labels `http.method` and `http_method`") && error.ends_with(read), "{error}");
    assert!(descriptor().with_const_label(both[1], "").unwrap().with_labels([both[0]]).is_err());
    let builder = Gauge::builder("x", "").const_label("http_method", "");
    let error = builder.labels::<Request<'static>>().build().unwrap_err().to_string();
    assert!(error.contains(read), "{error}");
    let state = StateSet::<State>::builder("http.method", "").allow_utf8().const_label("http_method", "").build();
    assert!(state.unwrap_err().to_string().contains("called as the state set"));

    let info = Info::builder("it", "").allow_utf8().const_label("http.method", "").build().unwrap();
    assert!(info.set([("http_method", "")]).unwrap_err().to_string().contains(read));
    assert!(info.set([("a.b", ""), ("a_b", "")]).is_err());
    info.set([("a.b", "x")]).unwrap();
    assert_eq!(info.get(), [("a.b".to_owned(), "x".to_owned())]);
    assert!(Info::new("it", "").unwrap().set([("a.b", "")]).unwrap_err().to_string().contains("`allow_utf8`"));

    let registry = Registry::builder().allow_utf8().const_label("http.method", "x").build();
    registry.check().unwrap();
    let own = Gauge::builder("x", "").const_label("http_method", "").build().unwrap();
    assert!(registry.register(&own).unwrap_err().to_string().contains("which the registry adds to every series"));
    let registry = Registry::builder().allow_utf8().const_label(both[0], "").const_label(both[1], "").build();
    assert!(registry.check().unwrap_err().to_string().contains(read));

    let given = Given(|out| {
        out.allow_utf8().gauge("x", "").series([("http.method", ""), ("http_method", "")], 1);
    });
    let registry = Registry::builder().auto_describe(true).build();
    assert!(registry.register(given).unwrap_err().to_string().contains(read));
}

#[test]
fn a_state_set_is_called_as_its_label_reads() {
    let set = |name: &'static str| StateSet::<State>::builder(name, "").allow_utf8().build().unwrap();
    for (taken, name) in [("task_state", "task:state"), ("x_total", "x:total"), ("x_total", "x.total")] {
        let registry = Registry::new();
        registry.register(set(name)).unwrap();
        let error = registry.register(Gauge::new(taken, "").unwrap()).unwrap_err().to_string();
        assert!(error.contains(&format!("both use the name `{taken}` for a scraper")), "{error}");
    }
    let registry = Registry::new();
    registry.register(Gauge::new("task:state", "").unwrap()).unwrap();
    assert!(registry.register(set("task:state")).is_err());
    // Its name is another one for each reader.
    registry.register(Gauge::new("task_state", "").unwrap()).unwrap();
}

#[test]
fn nothing_of_any_characters_is_taken_without_permission() {
    let cure = "allow it by `allow_utf8`";
    for error in [
        Counter::new("http.requests", "").map(drop),
        Counter::builder("requests", "").const_label("k8s.pod", "").build().map(drop),
        StateSet::<State>::new("a.b", "").map(drop),
        Descriptor::new(MetricKind::Gauge, "a.b", "").map(drop),
        Descriptor::new(MetricKind::Gauge, "a", "").unwrap().with_labels(["a.b"]).map(drop),
        Descriptor::new(MetricKind::Gauge, "a", "").unwrap().with_const_label("a.b", "").map(drop),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(cure), "{error}");
    }
    let registry = Registry::builder().const_label("k8s.pod", "a").target_info([("service.name", "shop")]).build();
    assert_eq!(registry.check().unwrap_err().to_string().matches(cure).count(), 2);

    let given = |out: &mut Collected| {
        out.gauge("a.b", "").value(1);
        out.gauge("c", "").series([("a.b", "")], 1);
        out.allow_utf8().gauge("d.e", "").series([("a.b", "")], 1);
    };
    let registry = Registry::builder().auto_describe(true).build();
    assert!(registry.register(Given(given)).unwrap_err().to_string().contains(cure));
    let registry = Registry::new();
    let _given = registry.register(Given(given)).unwrap();
    assert_eq!(registry.value("d.e", [("a.b", "")]), Some(1.0));
    assert!(registry.gather().iter().all(|family| family.name() != "a.b"));
    assert!(registry.gather().iter().all(|family| family.name() != "c" || family.series().is_empty()));
}

#[test]
fn the_labels_of_a_registry_may_be_called_so() {
    let builder = Registry::builder().allow_utf8().const_label("k8s.pod", "a1");
    let registry = builder.target_info([("service.name", "shop")]).build();
    registry.check().unwrap();
    registry.register(gauge("jobs.waiting")).unwrap();
    let utf8 = Format::OPENMETRICS_1_0_0.with_escaping(Escaping::AllowUtf8);
    let expected = "# HELP target Target metadata.\n# TYPE target info\ntarget_info{\"service.name\"=\"shop\"} 1\n\
                    # TYPE \"jobs.waiting\" gauge\n{\"jobs.waiting\",\"k8s.pod\"=\"a1\"} 0\n# EOF\n";
    assert_eq!(page(utf8, &registry).replace("0.0\n", "0\n"), expected);
    assert!(page(Format::TEXT_0_0_4, &registry).contains("jobs_waiting{k8s_pod=\"a1\"} 0"));
}

#[test]
fn what_this_crate_says_of_a_metric_names_it_as_it_is() {
    let registry = Registry::new();
    let waited = Counter::builder("time.waited", "").allow_utf8().values::<f64>().build().unwrap();
    registry.register(&waited).unwrap();
    waited.inc_by(f64::NAN);
    assert_eq!(registry.value("tallymark_refused_total", [("metric", "time.waited")]), Some(1.0));
}

/// Requests served.
#[tallymark::counter(name = "http.requests.größe", allow_utf8, const_labels(straße = "x"))]
static REQUESTS: Counter<Request<'static>>;

/// What it does.
#[tallymark::stateset(name = "task.state", allow_utf8)]
static STATE: StateSet<State>;

/// How it was built.
#[tallymark::info(name = "app.build", allow_utf8)]
static BUILD: Info;

#[tallymark::histogram(name = "call.seconds", allow_utf8, labels(größe: u8 = 3))]
fn call() {}

#[test]
fn marks_allow_any_characters() {
    REQUESTS.with(&Request { method: "GET" }).inc();
    STATE.set(State::Idle);
    BUILD.set([("vcs.revision", "abc")]).unwrap();
    call();
    let registry = Registry::global();
    registry.check().unwrap();
    assert_eq!(registry.value("http.requests.größe", [("straße", "x"), ("http.method", "GET")]), Some(1.0));
    assert_eq!(registry.value("task.state", [("task.state", "idle")]), Some(1.0));
    assert_eq!(registry.value("app.build_info", [("vcs.revision", "abc")]), Some(1.0));
    assert_eq!(registry.value("call.seconds_count", [("größe", "3")]), Some(1.0));
    let families = registry.restricted(["http.requests.größe"]).gather();
    let text = exposition::encode(Format::TEXT_0_0_4, &families);
    let expected = "# HELP http_requests_gr__e Requests served.\n# TYPE http_requests_gr__e counter\n\
                    http_requests_gr__e{stra_e=\"x\",http_method=\"GET\"} 1\n";
    assert_eq!(String::from_utf8(text).unwrap(), expected);

    // A mark takes what any reader sees of its name, as any metric does.
    let global = Gauge::new("http_requests_gr__e", "").unwrap();
    assert!(registry.register(&global).is_err());
}
