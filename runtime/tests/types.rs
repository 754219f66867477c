//! What each type of metric shows, from this crate's metrics and from collectors.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Duration;

use tallymark::exposition::text;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Info, LabelValue, Labels, Metric, MetricKind, Registry, StateSet,
    Summary, Value, quantiles,
};

/// A collector out of a function.
struct Custom<C>(C);

impl<C: Fn(&mut Collected) + Send + Sync> Collector for Custom<C> {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        (self.0)(out);
    }
}

#[derive(Labels)]
struct Task<'a> {
    task: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Starting,
    Running,
    #[label("gone \"away\"")]
    Gone,
}

fn registry_of(collect: impl Fn(&mut Collected) + Send + Sync + 'static) -> Registry {
    let registry = Registry::builder().auto_describe(true).build();
    registry.register(Custom(collect)).unwrap();
    registry
}

/// Both ways in which a page is written must give the same.
fn page(registry: &Registry) -> String {
    let encoded = text::encode(&registry.gather());
    let mut written = Vec::new();
    text::write(registry.page(), &mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), encoded);
    encoded
}

fn register<M: Metric>(registry: &Registry, metric: &M)
where
    for<'a> &'a M: tallymark::IntoCollector,
{
    registry.register(metric).unwrap();
}

#[test]
fn collectors_give_every_type() {
    let registry = registry_of(|out| {
        out.counter("a_total", "A.").value(3);
        out.gauge("b", "B.").value(-1.5);
        out.histogram("c", "C.").histogram_series([("x", "1")], [(0.5, 1), (1.0, 2)], 1.5);
        out.summary("d", "D.").summary_series([("x", "1")], 4, 25.2, [(0.5, 4.0), (0.99, 5.2)]);
        out.summary("e", "E.").summary_series([("x", "1"); 0], 2, 3.0, []);
        out.info("f", "F.").info_series([("x", "1")], [("version", "1.4"), ("branch", "\"main\"")]);
        out.info("f", "F.").info_series([("x", "2")], [("version", "2")]);
        out.state_set("g", "G.").state_series([("x", "1")], [("on", true), ("off\n", false)]);
        out.gauge_histogram("h", "H.")
            .histogram_series([("x", "1")], [(-1.0, 1), (1.0, 2), (f64::INFINITY, 3)], -2.5)
            .histogram_series([("x", "2")], [(-1.0, 0), (1.0, 0)], 0.0);
        out.unknown("i", "I.").value(f64::NAN);
    });
    assert_eq!(
        page(&registry),
        r#"# HELP a_total A.
# TYPE a_total counter
a_total 3
# HELP b B.
# TYPE b gauge
b -1.5
# HELP c C.
# TYPE c histogram
c_bucket{x="1",le="0.5"} 1
c_bucket{x="1",le="1.0"} 3
c_bucket{x="1",le="+Inf"} 3
c_sum{x="1"} 1.5
c_count{x="1"} 3
# HELP d D.
# TYPE d summary
d{x="1",quantile="0.5"} 4.0
d{x="1",quantile="0.99"} 5.2
d_sum{x="1"} 25.2
d_count{x="1"} 4
# HELP e E.
# TYPE e summary
e_sum 3.0
e_count 2
# HELP f_info F.
# TYPE f_info gauge
f_info{x="1",version="1.4",branch="\"main\""} 1
f_info{x="2",version="2"} 1
# HELP g G.
# TYPE g gauge
g{x="1",g="on"} 1
g{x="1",g="off\n"} 0
# HELP h H.
# TYPE h histogram
h_bucket{x="1",le="-1.0"} 1
h_bucket{x="1",le="1.0"} 3
h_bucket{x="1",le="+Inf"} 6
h_bucket{x="2",le="-1.0"} 0
h_bucket{x="2",le="1.0"} 0
h_bucket{x="2",le="+Inf"} 0
# HELP h_gsum H.
# TYPE h_gsum gauge
h_gsum{x="1"} -2.5
h_gsum{x="2"} 0.0
# HELP h_gcount H.
# TYPE h_gcount gauge
h_gcount{x="1"} 6
h_gcount{x="2"} 0
# HELP i I.
# TYPE i untyped
i NaN
"#
    );
}

#[test]
fn a_summary_counts_sums_and_ranks() {
    let registry = Registry::new();
    let plain = Summary::new("plain", "").unwrap();
    let ranked = Summary::builder("ranked", "")
        .labels::<Task<'static>>()
        .quantiles(quantiles::DEFAULT.iter().copied())
        .unwrap()
        .build()
        .unwrap();
    register(&registry, &plain);
    register(&registry, &ranked);
    let mail = ranked.with(&Task { task: "mail" });
    for value in [3.0, 5.2, f64::NAN, 13.0, 4.0] {
        plain.observe(value);
        mail.observe(value);
    }
    let _ = ranked.with(&Task { task: "web" });
    plain.time(|| ());
    let page = page(&registry);
    assert!(page.contains("plain_count 5\n"), "{page}");
    let expected = "\
ranked{task=\"mail\",quantile=\"0.5\"} 4.0
ranked{task=\"mail\",quantile=\"0.9\"} 5.2
ranked{task=\"mail\",quantile=\"0.99\"} 5.2
ranked_sum{task=\"mail\"} 25.2
ranked_count{task=\"mail\"} 4
ranked{task=\"web\",quantile=\"0.5\"} NaN
ranked{task=\"web\",quantile=\"0.9\"} NaN
ranked{task=\"web\",quantile=\"0.99\"} NaN
ranked_sum{task=\"web\"} 0.0
ranked_count{task=\"web\"} 0
";
    assert!(page.contains(expected), "{page}");
    assert_eq!(registry.value("tallymark_refused_total", [("metric", "ranked")]), Some(1.0));
    let Some(Value::Summary(read)) = registry.get("ranked", [("task", "mail")]).unwrap() else { panic!("a summary") };
    assert_eq!((read.count(), read.quantiles()), (4, &[(0.5, 4.0), (0.9, 5.2), (0.99, 5.2)][..]));
    assert!(ranked.remove(&Task { task: "mail" }));
    mail.observe(1.0);
    ranked.with(&Task { task: "mail" }).observe(7.0);
    assert_eq!(registry.value("ranked", [("task", "mail"), ("quantile", "0.5")]), Some(7.0));
    assert_eq!(registry.value("ranked_count", [("task", "mail")]), Some(1.0));
}

#[test]
fn a_summary_refuses_quantiles_and_windows_that_mean_nothing() {
    let build = || Summary::builder("s", "");
    assert!(build().quantiles([(0.9, 0.1), (0.5, 0.1)]).unwrap_err().to_string().contains("`s`: the quantiles"));
    let asked = || build().quantiles([(0.5, 0.1)]).unwrap();
    for (builder, expected) in [
        (asked().max_age(Duration::ZERO), "no length"),
        (asked().age_buckets(0), "no age buckets"),
        (build().max_age(Duration::from_secs(1)), "ask with `quantiles`"),
    ] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(asked().max_age(Duration::from_secs(1)).build().is_ok());
}

#[test]
fn a_summary_forgets_what_is_older_than_its_window_but_counts_it() {
    let registry = Registry::new();
    let summary = Summary::builder("s", "").quantiles([(0.5, 0.1), (1.0, 0.1)]).unwrap();
    let summary = summary.max_age(Duration::from_millis(20)).age_buckets(2).labels::<Task<'static>>().build().unwrap();
    register(&registry, &summary);
    let mail = summary.with(&Task { task: "mail" });
    for round in 1..=3 {
        mail.observe(4.0);
        let quantile = || registry.value("s", [("task", "mail"), ("quantile", "0.5")]).unwrap();
        loop {
            let value = quantile();
            if value.is_nan() {
                break;
            }
            assert_eq!(value.to_bits(), 4.0_f64.to_bits());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(registry.value("s_count", [("task", "mail")]), Some(f64::from(round)));
        assert_eq!(registry.value("s_sum", [("task", "mail")]), Some(f64::from(4 * round)));
    }
}

#[test]
fn an_info_says_what_it_was_told_last() {
    let registry = Registry::new();
    let build = Info::new("shop_build", "Build.").unwrap();
    let tasks = Info::builder("task", "Tasks.").labels::<Task<'static>>().build().unwrap();
    register(&registry, &build);
    register(&registry, &tasks);
    assert_eq!(
        page(&registry),
        "# HELP shop_build_info Build.\n# TYPE shop_build_info gauge\nshop_build_info 1\n# HELP task_info Tasks.\n# TYPE task_info gauge\n"
    );
    build.set([("version", "1")]).unwrap();
    build.set([("branch", "main"), ("commit", "a\"b")]).unwrap();
    let mail = tasks.with(&Task { task: "mail" });
    mail.set([("owner", String::from("ops"))]).unwrap();
    tasks.with(&Task { task: "web" }).set([("colour", "red")]).unwrap();
    let families = registry.gather();
    assert_eq!(families[0].kind(), MetricKind::Info);
    assert_eq!(families[1].series()[0].label("owner"), Some("ops"));
    let expected = "shop_build_info{branch=\"main\",commit=\"a\\\"b\"} 1\n# HELP task_info Tasks.\n# TYPE task_info gauge\ntask_info{task=\"mail\",owner=\"ops\"} 1\ntask_info{task=\"web\",colour=\"red\"} 1\n";
    assert!(page(&registry).ends_with(expected), "{}", page(&registry));
    assert!(tasks.remove(&Task { task: "mail" }));
    mail.set([("owner", "nobody")]).unwrap();
    assert!(!page(&registry).contains("mail"));
    assert_eq!(tasks.with(&Task { task: "mail" }).get(), []);
}

#[test]
fn infos_of_a_collector_that_say_the_same_stand_once() {
    const NONE: [(&str, &str); 0] = [];
    let registry = registry_of(|out| {
        out.info("f", "")
            .info_series(NONE, [("a", "1")])
            .info_series(NONE, [("b", "1")])
            .info_series(NONE, [("a", "1")])
            .info_series([("a", "1")], [("b", "2")])
            .info_series(NONE, [("b", "2"), ("a", "1")])
            .info_series(NONE, [("b", "1"), ("a", "2")]);
    });
    let page = page(&registry);
    let expected = "# TYPE f_info gauge\nf_info{a=\"1\"} 1\nf_info{b=\"1\"} 1\nf_info{a=\"1\",b=\"2\"} 1\nf_info{b=\"1\",a=\"2\"} 1\n";
    assert!(page.starts_with(expected), "{page}");
    assert!(page.ends_with("tallymark_collisions 2\n"), "{page}");
}

#[test]
fn an_info_refuses_texts_called_as_labels_or_twice() {
    let tasks = Info::builder("task", "").labels::<Task<'static>>().const_label("host", "a").build().unwrap();
    let mail = tasks.with(&Task { task: "mail" });
    mail.set([("owner", "ops")]).unwrap();
    for (texts, expected) in [
        ([("task", "x"), ("a", "y")], "info `task_info`: `task` is one of its labels"),
        ([("host", "x"), ("a", "y")], "`host` is one of its labels"),
        ([("a", "x"), ("a", "y")], "two texts called `a`"),
        ([("a-b", "x"), ("a", "y")], "`a_b`"),
        ([("__a", "x"), ("a", "y")], "reserved"),
    ] {
        let error = mail.set(texts).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(mail.get(), [("owner".to_owned(), "ops".to_owned())]);
    }
    assert!(Info::builder("task", "").unit("seconds").build().unwrap_err().to_string().contains("no unit"));
}

#[test]
fn a_state_set_begins_in_its_first_state_and_is_in_one_at_a_time() {
    let registry = Registry::new();
    let state = StateSet::<State>::new("job", "Job.").unwrap();
    let tasks = StateSet::<State>::builder("task_state", "").labels::<Task<'static>>().build().unwrap();
    register(&registry, &state);
    register(&registry, &tasks);
    assert!(state.is(State::Starting));
    let mail = tasks.with(&Task { task: "mail" });
    mail.set(State::Running);
    state.set(State::Gone);
    assert_eq!((state.get().as_str(), mail.get().as_str()), ("gone \"away\"", "running"));
    let expected = "\
# HELP job Job.
# TYPE job gauge
job{job=\"starting\"} 0
job{job=\"running\"} 0
job{job=\"gone \\\"away\\\"\"} 1
# TYPE task_state gauge
task_state{task=\"mail\",task_state=\"starting\"} 0
task_state{task=\"mail\",task_state=\"running\"} 1
task_state{task=\"mail\",task_state=\"gone \\\"away\\\"\"} 0
";
    assert_eq!(page(&registry), expected);
    let families = registry.gather();
    let Value::StateSet(value) = families[1].series()[0].value() else { panic!("a state set") };
    assert_eq!(value.current(), Some("running"));
    assert!(tasks.remove(&Task { task: "mail" }));
    mail.set(State::Gone);
    assert!(tasks.with(&Task { task: "mail" }).is(State::Starting));
}

#[test]
fn a_state_set_refuses_a_label_called_as_itself_and_a_state_without_a_text() {
    let build = |name: &'static str| StateSet::<State>::builder(name, "").labels::<Task<'static>>().build();
    assert!(build("task").unwrap_err().to_string().contains("called as the state set"));
    assert!(build("a:b").unwrap_err().to_string().contains("`a_b`"));
    assert!(StateSet::<State>::builder("x", "").const_label("x", "").build().is_err());
    let error = StateSet::<Option<State>>::new("x", "").unwrap_err().to_string();
    assert!(error.contains("instead of `None`"), "{error}");
    assert!(StateSet::<State>::builder("x_seconds", "").unit("seconds").build().is_err());
}

#[test]
fn a_registry_gives_its_labels_to_every_series() {
    let registry = Registry::builder()
        .auto_describe(true)
        .const_label("host", "a\"1")
        .target_info([("service_name", "shop"), ("env", "prod")])
        .build();
    let jobs = Counter::builder("jobs_total", "").labels::<Task<'static>>().build().unwrap();
    let build = Info::new("build_info", "").unwrap();
    let plain = Counter::new("plain_total", "").unwrap();
    register(&registry, &jobs);
    register(&registry, &build);
    register(&registry, &plain);
    jobs.with(&Task { task: "mail" }).inc();
    build.set([("host", "builder")]).unwrap();
    registry
        .register(Custom(|out: &mut Collected| {
            out.histogram("h", "").histogram_series([("x", "1"); 0], [(1.0, 1)], 0.5);
            out.state_set("s", "").state_series([("x", "1"); 0], [("on", true)]);
            out.gauge_histogram("z", "").histogram_series([("x", "1"); 0], [(1.0, 1)], 0.5);
        }))
        .unwrap();
    assert_eq!(
        page(&registry),
        r#"# HELP target_info Target metadata.
# TYPE target_info gauge
target_info{service_name="shop",env="prod"} 1
# TYPE build_info gauge
build_info{host="builder"} 1
# TYPE h histogram
h_bucket{host="a\"1",le="1.0"} 1
h_bucket{host="a\"1",le="+Inf"} 1
h_sum{host="a\"1"} 0.5
h_count{host="a\"1"} 1
# TYPE jobs_total counter
jobs_total{host="a\"1",task="mail"} 1
# TYPE plain_total counter
plain_total{host="a\"1"} 0
# TYPE s gauge
s{host="a\"1",s="on"} 1
# TYPE z histogram
z_bucket{host="a\"1",le="1.0"} 1
z_bucket{host="a\"1",le="+Inf"} 1
# TYPE z_gsum gauge
z_gsum{host="a\"1"} 0.5
# TYPE z_gcount gauge
z_gcount{host="a\"1"} 1
"#
    );
}

#[test]
fn what_has_a_label_of_the_registry_collides_with_it() {
    let registry = Registry::builder().const_label("task", "a").const_label("1st", "b").build();
    let faults = registry.check().unwrap_err().to_string();
    assert!(faults.contains("`1st`") && faults.contains("types.rs"), "{faults}");
    let jobs = Counter::builder("jobs_total", "").labels::<Task<'static>>().build().unwrap();
    let error = registry.register(&jobs).unwrap_err().to_string();
    assert!(error.contains("has the label `task`, which the registry adds to every series: rename one"), "{error}");
    assert_eq!(error.matches("types.rs:").count(), 2, "{error}");
    // What nobody described is found at the scrape.
    registry
        .register(Custom(|out: &mut Collected| {
            out.gauge("late", "").series([("task", "x")], 1);
            out.gauge("fine", "").value(1);
        }))
        .unwrap();
    let page = page(&registry);
    assert!(page.contains("fine{task=\"a\"} 1") && !page.contains("late"), "{page}");
    assert!(page.contains("tallymark_collisions{task=\"a\"} 1"), "{page}");
    let twice = Registry::builder().target_info([("a", "b")]).build();
    let error = twice.register(Info::new("target", "").unwrap()).unwrap_err().to_string();
    assert!(error.contains("target"), "{error}");
}

#[test]
fn infos_that_are_alike_with_the_labels_of_a_registry_stand_once() {
    let registry = Registry::builder().const_label("host", "a").build();
    registry
        .register(Custom(|out: &mut Collected| {
            out.info("said", "")
                .info_series([("x", "1")], [("host", "a")])
                .info_series([("x", "1")], [("y", "2"); 0])
                .info_series([("x", "2")], [("host", "b")]);
        }))
        .unwrap();
    let expected = "\
# TYPE said_info gauge
said_info{x=\"1\",host=\"a\"} 1
said_info{x=\"2\",host=\"b\"} 1
# HELP tallymark_collisions";
    assert!(page(&registry).starts_with(expected), "{}", page(&registry));
}
