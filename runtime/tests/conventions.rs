//! What is said of names and help texts.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tallymark::testing::{Rule, lint};
use tallymark::{Collected, Collector, Counter, Descriptor, Gauge, Labels, Registry};

#[derive(Labels)]
struct Request {
    #[label("statusCode")]
    ok: bool,
}

#[derive(Labels)]
struct User {
    user: u64,
}

struct Undescribed;

impl Collector for Undescribed {
    fn describe(&self) -> Vec<Descriptor> {
        Vec::new()
    }

    fn collect(&self, out: &mut Collected) {
        out.gauge("given_kb", "").series([("fromWhere", "a")], 1);
    }
}

fn registry() -> Registry {
    let registry = Registry::new();
    let jobs = Counter::new("jobs_total", "Jobs done.").unwrap();
    registry.register(&jobs).unwrap();
    registry.register(Undescribed).unwrap();
    registry
}

#[test]
fn problems_are_found_where_no_series_is_yet_and_name_the_site() {
    let registry = registry();
    let requests = Gauge::builder("requests", "").labels::<Request>().init(false).build().unwrap();
    registry.register(&requests).unwrap();
    let found = lint(&registry);
    let rules: Vec<(&str, Rule)> = found.iter().map(|problem| (problem.metric(), problem.rule())).collect();
    assert_eq!(
        rules,
        [
            ("given_kb", Rule::Help),
            ("given_kb", Rule::SnakeCase),
            ("given_kb", Rule::AbbreviatedUnit),
            ("requests", Rule::Help),
            ("requests", Rule::SnakeCase),
        ]
    );
    assert_eq!(found[0].site(), None);
    let site = found[4].site().unwrap();
    assert!(site.file().ends_with("tests/conventions.rs"), "{site}");
    let expected =
        format!("`requests` ({site}) has a label `statusCode`, which is not in snake_case; call it `status_code`");
    assert_eq!(found[4].to_string(), expected);
}

#[test]
fn the_labels_that_all_series_have_are_looked_at_too() {
    let registry = Registry::builder().const_label("hostName", "a").target_info([("env", "x")]).build();
    let requests = Gauge::builder("requests", "Requests.").labels::<Request>().init(false).build().unwrap();
    registry.register(&requests).unwrap();
    let labels: Vec<String> = lint(&registry).iter().map(ToString::to_string).collect();
    assert_eq!(labels.len(), 2, "{labels:?}");
    assert!(labels.iter().any(|text| text.contains("`host_name`")), "{labels:?}");
}

#[test]
fn nothing_is_to_be_said_of_what_this_crate_shows_itself() {
    struct Broken;

    impl Collector for Broken {
        fn describe(&self) -> Vec<Descriptor> {
            Vec::new()
        }

        fn collect(&self, out: &mut Collected) {
            out.counter("broken_total", "Broken.").value(-1);
            for _ in 0..2 {
                out.gauge("twice", "The same series twice.").value(1);
            }
        }
    }

    assert_eq!(lint(Registry::global()), []);
    let registry = Registry::builder().target_info([("env", "x")]).build();
    let waited = Counter::builder("waited_seconds_total", "Waited.").values::<f64>().build().unwrap();
    let users = Counter::builder("users_total", "Users.").labels::<User>().max_series(1).build().unwrap();
    registry.register(&waited).unwrap();
    registry.register(&users).unwrap();
    registry.register(Broken).unwrap();
    waited.inc_by(f64::NAN);
    (0..2).for_each(|user| users.with(&User { user }).inc());
    let own = || registry.gather().into_iter().filter(|family| family.name().starts_with("tallymark_"));
    assert_eq!((own().count(), own().count()), (4, 4));
    assert_eq!(lint(&registry), []);
}
