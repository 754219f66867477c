//! What a registry promises: all checks before any change, every collision, and a page that is sound whatever a
//! collector does.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Once};

use tallymark::exposition::text;
use tallymark::{
    Collected, Collector, Counter, Descriptor, Gauge, Histogram, Labels, MetricFamily, MetricKind, Number, Registry,
    Value,
};

/// Keeps the panics that a test makes on purpose off the terminal.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !info.to_string().contains("on purpose") {
                before(info);
            }
        }));
    });
}

fn page(registry: &Registry) -> String {
    text::encode(&registry.gather())
}

fn number(families: &[MetricFamily], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    match families.iter().find(|family| family.name() == name)?.find(labels)?.value() {
        Value::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}

/// A collector out of two functions.
struct Custom<D, C>(D, C);

impl<D, C> Collector for Custom<D, C>
where
    D: Fn() -> Vec<Descriptor> + Send + Sync,
    C: Fn(&mut Collected) + Send + Sync,
{
    fn describe(&self) -> Vec<Descriptor> {
        (self.0)()
    }

    fn collect(&self, out: &mut Collected) {
        (self.1)(out);
    }
}

fn undescribed<C: Fn(&mut Collected) + Send + Sync>(collect: C) -> Custom<fn() -> Vec<Descriptor>, C> {
    Custom(Vec::new, collect)
}

fn gauge_named(name: &'static str) -> Descriptor {
    Descriptor::new(MetricKind::Gauge, name, "Help.").unwrap()
}

#[test]
fn a_new_registry_is_empty() {
    assert_eq!(page(&Registry::new()), "");
    assert!(Registry::new().check().is_ok());
}

#[test]
fn families_come_by_name_and_series_by_label_values() {
    #[derive(Labels)]
    struct Place {
        shelf: &'static str,
        row: u8,
    }
    let registry = Registry::new();
    let books = Counter::builder("books_total", "Books.").labels::<Place>().build().unwrap();
    let aisles = Gauge::new("aisles", "Aisles.").unwrap();
    registry.register(&books).unwrap();
    registry.register(&aisles).unwrap();
    for (shelf, row) in [("b", 1), ("a", 2), ("b", 0), ("a", 10), ("", 7)] {
        books.with(&Place { shelf, row }).inc();
    }
    let first = page(&registry);
    assert_eq!(
        first,
        "# HELP aisles Aisles.\n# TYPE aisles gauge\naisles 0.0\n\
         # HELP books_total Books.\n# TYPE books_total counter\n\
         books_total{shelf=\"\",row=\"7\"} 1\nbooks_total{shelf=\"a\",row=\"10\"} 1\nbooks_total{shelf=\"a\",row=\"2\"} 1\n\
         books_total{shelf=\"b\",row=\"0\"} 1\nbooks_total{shelf=\"b\",row=\"1\"} 1\n"
    );
    assert_eq!(page(&registry), first);
}

#[test]
fn label_values_and_help_are_escaped() {
    #[derive(Labels)]
    struct Text<'a> {
        text: &'a str,
    }
    let registry = Registry::new();
    let texts = Gauge::builder("texts", "A \\ and\na line.").labels::<Text<'static>>().build().unwrap();
    registry.register(&texts).unwrap();
    for text in [String::from("\\\"\n\t\u{1f4da}"), String::new()] {
        texts.with(&Text { text: &text }).set(f64::NEG_INFINITY);
    }
    let page = page(&registry);
    assert!(
        page.starts_with("# HELP texts A \\\\ and\\na line.\n# TYPE texts gauge\ntexts{text=\"\"} -Inf\n"),
        "{page}"
    );
    assert!(page.contains("texts{text=\"\\\\\\\"\\n\t\u{1f4da}\"} -Inf\n"), "{page}");
}

#[test]
fn a_histogram_with_a_negative_bound_has_neither_sum_nor_count() {
    let registry = Registry::new();
    for (name, bounds) in [("negative", [-1.0, 1.0]), ("positive", [0.5, 1.0])] {
        let histogram = Histogram::builder(name, "").buckets(bounds).unwrap().build().unwrap();
        registry.register(&histogram).unwrap();
        histogram.observe(0.75);
        histogram.observe(f64::NAN);
        histogram.observe(f64::INFINITY);
    }
    let page = page(&registry);
    let (negative, positive) = page.split_once("# TYPE positive").unwrap();
    assert_eq!(
        negative,
        "# TYPE negative histogram\nnegative_bucket{le=\"-1.0\"} 0\nnegative_bucket{le=\"1.0\"} 1\nnegative_bucket{le=\"+Inf\"} 2\n"
    );
    assert!(positive.contains("positive_sum +Inf\npositive_count 2\n"), "{positive}");
    assert!(positive.contains("tallymark_refused_total{metric=\"negative\"} 1\n"), "{positive}");
}

#[test]
fn what_collides_is_refused_with_both_sites_and_nothing_changes() {
    let registry = Registry::new();
    registry.register(Histogram::new("x_seconds", "Time.").unwrap()).unwrap();
    let before = page(&registry);
    let error = registry
        .register(Custom(
            || vec![gauge_named("fine"), gauge_named("x_seconds"), gauge_named("x_seconds_sum")],
            |_: &mut Collected| {},
        ))
        .unwrap_err();
    let text = error.to_string();
    assert_eq!(error.collisions().map(tallymark::Collisions::len), Some(2), "{text}");
    assert_eq!(text.matches("registry.rs:").count(), 4, "{text}");
    assert_eq!(page(&registry), before);
    registry.register(Gauge::new("fine", "").unwrap()).unwrap();
}

#[test]
fn a_collector_must_not_collide_with_itself() {
    let registry = Registry::new();
    let twice = Custom(|| vec![gauge_named("x"), gauge_named("x")], |_: &mut Collected| {});
    assert!(registry.register(twice).unwrap_err().to_string().contains("`x` is registered twice"));
}

#[test]
fn the_same_metric_can_be_registered_once() {
    let registry = Registry::new();
    let counter = Counter::new("x_total", "").unwrap();
    registry.register(&counter).unwrap();
    assert!(registry.register(&counter).is_err());
    assert!(Registry::new().register(&counter).is_ok());
}

#[test]
fn unregistering_frees_the_names() {
    let registry = Registry::new();
    let other = Registry::new();
    let registered = registry.register(Histogram::new("x", "").unwrap()).unwrap();
    assert!(registry.register(Gauge::new("x_count", "").unwrap()).is_err());
    assert!(!other.unregister(&registered));
    assert!(registry.unregister(&registered));
    assert!(!registry.unregister(&registered) && !registered.unregister());
    assert_eq!(page(&registry), "");
    let gauge = registry.register(Gauge::new("x_count", "").unwrap()).unwrap();
    assert!(gauge.unregister());
}

#[test]
fn names_are_free_and_taken_as_before_however_many_come_and_go() {
    let registry = Registry::new();
    let pair = |number: usize| {
        let name = move |suffix| Descriptor::new(MetricKind::Gauge, format!("pair_{number}{suffix}"), "").unwrap();
        Custom(move || vec![name(""), name("_more")], |_: &mut Collected| {})
    };
    let single = |number: usize| Histogram::new(format!("single_{number}"), "").unwrap();
    let mut members = Vec::new();
    for number in 0..200 {
        members.push((number, registry.register(pair(number)).unwrap()));
        members.push((number, registry.register(single(number)).unwrap()));
    }
    let (stay, go): (Vec<_>, Vec<_>) = members.into_iter().partition(|(number, _)| number % 7 == 0);
    for (_, gone) in &go {
        assert!(registry.unregister(gone) && !registry.unregister(gone));
    }
    let refused = |number: usize| {
        let other = Gauge::new(format!("pair_{number}_more"), "").unwrap();
        registry.register(pair(number)).unwrap_err().collisions().map(tallymark::Collisions::len) == Some(2)
            && registry.register(&other).is_err()
            && registry.register(Gauge::new(format!("single_{number}_sum"), "").unwrap()).is_err()
    };
    assert!(stay.iter().all(|(number, _)| refused(*number)));
    let names: Vec<String> = registry.gather().iter().map(|family| family.name().to_owned()).collect();
    let mut there: Vec<String> = (0..200).step_by(7).map(|number| format!("single_{number}")).collect();
    there.sort();
    assert_eq!(names, there);
    for number in (0..200).filter(|number| number % 7 != 0) {
        registry.register(pair(number)).unwrap();
        registry.register(single(number)).unwrap();
    }
    assert!((0..200).all(refused));
    assert!(stay.iter().all(|(_, member)| member.unregister()));
    assert_eq!(registry.gather().len(), 200 - 29);
}

#[test]
fn a_collector_may_use_the_registry_while_it_is_asked_and_when_it_is_dropped() {
    struct Nosy(Registry);

    impl Collector for Nosy {
        fn describe(&self) -> Vec<Descriptor> {
            let _ = self.0.gather();
            vec![gauge_named("nosy")]
        }

        fn collect(&self, out: &mut Collected) {
            let found = self.0.register(Gauge::new("found", "").unwrap()).is_ok();
            out.gauge("nosy", "Help.").value(u8::from(found));
        }
    }

    impl Drop for Nosy {
        fn drop(&mut self) {
            self.0.check().unwrap();
        }
    }

    let registry = Registry::new();
    let nosy = registry.register(Nosy(registry.clone())).unwrap();
    let first = registry.gather();
    assert!(first.iter().all(|family| family.name() != "found"), "a gather shows what was there when it began");
    assert_eq!(number(&first, "nosy", &[]), Some(1.0));
    let second = registry.gather();
    assert!(number(&second, "found", &[]).is_some() && number(&second, "nosy", &[]) == Some(0.0));
    assert!(registry.register(Nosy(registry.clone())).is_err());
    assert!(nosy.unregister());
    // A function that a gauge shows goes with the gauge.
    let twin = Gauge::new("found", "").unwrap();
    let held = Nosy(registry.clone());
    twin.set_function(move || u8::from(held.0.check().is_ok()));
    assert!(registry.register(twin).is_err());
}

#[test]
fn a_collector_that_panics_harms_no_other() {
    static WHEN: AtomicU64 = AtomicU64::new(0);

    quiet();
    let registry = Registry::new();
    let panics = |when: &'static AtomicU64| {
        undescribed(move |out: &mut Collected| {
            out.gauge("half", "Half.").value(1);
            assert!(when.load(Relaxed) == 0, "on purpose");
        })
    };
    registry.register(panics(&WHEN)).unwrap();
    registry.register(Gauge::new("sound", "").unwrap()).unwrap();
    assert!(number(&registry.gather(), "half", &[]).is_some());
    WHEN.store(1, Relaxed);
    let families = registry.gather();
    assert!(number(&families, "half", &[]).is_none() && number(&families, "sound", &[]).is_some());
    let failures = families.iter().find(|family| family.name() == "tallymark_collector_failures_total").unwrap();
    assert!(failures.series()[0].label("collector").unwrap().contains("registry.rs:"));
    assert_eq!(failures.series()[0].value(), &Value::Number(Number::Unsigned(1)));

    let described = Custom(|| panic!("on purpose, 7"), |_: &mut Collected| {});
    let error = registry.register(described).unwrap_err().to_string();
    assert!(
        error.contains("`describe`") && error.contains("on purpose, 7") && error.contains("registry.rs:"),
        "{error}"
    );
}

#[test]
fn a_panic_that_panics_when_it_is_dropped_harms_nobody_either() {
    struct Vicious;

    impl Drop for Vicious {
        fn drop(&mut self) {
            panic!("on purpose, when dropped");
        }
    }

    quiet();
    let registry = Registry::new();
    registry.register(undescribed(|_: &mut Collected| std::panic::panic_any(Vicious))).unwrap();
    registry.register(Gauge::new("sound", "").unwrap()).unwrap();
    assert!(number(&registry.gather(), "sound", &[]).is_some());
    let described = Custom(|| std::panic::panic_any(Vicious), |_: &mut Collected| {});
    assert!(registry.register(described).unwrap_err().to_string().contains("no message"));
}

#[test]
fn auto_describe_collects_once_and_checks() {
    quiet();
    let registry = Registry::builder().auto_describe(true).build();
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    let x = undescribed(move |out: &mut Collected| {
        counted.fetch_add(1, Relaxed);
        out.gauge("x", "").value(1);
    });
    registry.register(x).unwrap();
    assert_eq!(asked.load(Relaxed), 1);
    assert!(registry.register(Gauge::new("x", "").unwrap()).is_err());
    for (collect, expected) in [
        (
            (|out: &mut Collected| {
                out.gauge("bad-name", "").value(1);
            }) as fn(&mut Collected),
            "bad-name",
        ),
        (
            |out| {
                out.counter("c_total", "").value(-1);
            },
            "never negative",
        ),
        (
            |out| {
                out.gauge("g", "").series([("a", "1"), ("a", "2")], 1);
            },
            "stands twice",
        ),
        (
            |out| {
                out.gauge("g", "").series([("le", "1")], 1);
            },
            "`le`",
        ),
        (
            |out| {
                out.gauge("g", "").series([("a", "1")], 1).series([("b", "1")], 1);
            },
            "different label names",
        ),
        (
            |out| {
                out.histogram("h", "").value(1);
            },
            "histogram_series",
        ),
        (
            |out| {
                out.gauge("g", "").histogram_series([("a", "1")], [(1.0, 1)], 1.0);
            },
            "is of the type gauge",
        ),
        (
            |out| {
                out.histogram("h", "").histogram_series([("a", "1")], [(1.0, 1), (0.5, 1)], 1.0);
            },
            "don't rise",
        ),
        (|_| panic!("on purpose, 8"), "on purpose, 8"),
    ] {
        let error = registry.register(undescribed(collect)).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("registry.rs:"), "{expected}: {error}");
    }
}

#[test]
fn a_collector_gives_only_what_its_types_allow() {
    type Collect = fn(&mut Collected);
    let registry = Registry::builder().auto_describe(true).build();
    let cases: [(Collect, &str); 11] = [
        (
            |out| {
                out.summary("s", "").summary_series([("a", "1")], 1, 1.0, [(0.9, 1.0), (0.5, 1.0)]);
            },
            "don't rise",
        ),
        (
            |out| {
                out.summary("s", "").summary_series([("a", "1")], 1, 1.0, [(1.5, 1.0)]);
            },
            "between 0 and 1",
        ),
        (
            |out| {
                out.summary("s", "").value(1);
            },
            "summary_series",
        ),
        (
            |out| {
                out.info("i", "").info_series([("a", "1")], [("a", "2")]);
            },
            "`a` stands twice",
        ),
        (
            |out| {
                out.state_set("s", "").state_series([("s", "1")], [("on", true)]);
            },
            "called as itself",
        ),
        (
            |out| {
                out.state_set("s", "").state_series([("a", "1")], [("on", true), ("on", false)]);
            },
            "one of them twice",
        ),
        (
            |out| {
                out.state_set("s", "").state_series([("a", "1")], [("on", true), ("", false)]);
            },
            "a state without a text",
        ),
        (
            |out| {
                out.state_set("s", "").state_series([("a", "1")], [("on", true); 0]);
            },
            "has no states",
        ),
        (
            |out| {
                out.state_set("a:b", "").state_series([("a", "1")], [("on", true)]);
            },
            "`a:b`",
        ),
        (
            |out| {
                out.gauge("g", "").unit("bytes").value(1);
            },
            "`g_bytes`",
        ),
        (
            |out| {
                out.info("i", "").unit("bytes");
            },
            "has no unit",
        ),
    ];
    for (collect, expected) in cases {
        let error = registry.register(undescribed(collect)).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("registry.rs:"), "{expected}: {error}");
    }
}

#[test]
fn late_conflicts_are_left_out_and_counted() {
    let registry = Registry::new();
    registry.register(Gauge::new("taken", "").unwrap()).unwrap();
    registry
        .register(undescribed(|out: &mut Collected| {
            out.gauge("taken", "Late.").value(1);
            out.counter("taken_too_total", "").value(1);
            out.gauge("taken_too", "").value(2);
            out.gauge("twins", "").series([("a", "1")], 1).series([("a", "1")], 2);
        }))
        .unwrap();
    let families = registry.gather();
    assert_eq!(number(&families, "taken", &[]), Some(0.0));
    assert_eq!(number(&families, "taken_too_total", &[]), Some(1.0));
    assert_eq!(number(&families, "taken_too", &[]), None);
    assert_eq!(number(&families, "twins", &[("a", "1")]), Some(1.0));
    assert_eq!(number(&families, "tallymark_collisions", &[]), Some(3.0));
}

#[test]
fn a_restricted_view_asks_only_the_collectors_it_needs() {
    let registry = Registry::new();
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    let other = Custom(
        || vec![gauge_named("other")],
        move |out: &mut Collected| {
            counted.fetch_add(1, Relaxed);
            out.gauge("other", "Help.").value(1);
        },
    );
    registry.register(other).unwrap();
    registry.register(Counter::new("a_total", "").unwrap()).unwrap();
    registry.register(Histogram::new("b", "").unwrap()).unwrap();
    let names = |view: &[&str]| -> BTreeSet<String> {
        registry.restricted(view.iter().copied()).gather().iter().map(|family| family.name().to_owned()).collect()
    };
    assert_eq!(names(&["a_total", "missing"]), BTreeSet::from(["a_total".to_owned()]));
    assert_eq!(names(&["b_bucket"]), BTreeSet::from(["b".to_owned()]));
    assert_eq!(names(&[]), BTreeSet::new());
    assert_eq!(asked.load(Relaxed), 0);
    let view = registry.restricted(["late"]);
    assert!(view.gather().is_empty());
    registry.register(Gauge::new("late", "").unwrap()).unwrap();
    assert_eq!(view.gather().len(), 1);
}

#[test]
fn a_restricted_view_shows_the_samples_that_are_named() {
    let registry = Registry::new();
    let histogram = Histogram::builder("x_seconds", "").buckets([1.0]).unwrap().build().unwrap();
    registry.register(&histogram).unwrap();
    registry.register(Counter::new("jobs_total", "").unwrap()).unwrap();
    histogram.observe(0.5);
    let page = |view: &[&str]| text::encode(&registry.restricted(view.iter().copied()).gather());
    assert_eq!(page(&["x_seconds_count"]), "# TYPE x_seconds histogram\nx_seconds_count 1\n");
    assert_eq!(
        page(&["x_seconds_bucket", "x_seconds_sum"]),
        "# TYPE x_seconds histogram\nx_seconds_bucket{le=\"1.0\"} 1\nx_seconds_bucket{le=\"+Inf\"} 1\nx_seconds_sum 0.5\n"
    );
    assert_eq!(page(&["x_seconds", "x_seconds_count"]).lines().count(), 5);
    // They aren't in this format.
    assert_eq!(page(&["x_seconds_created", "jobs_created"]), "");
    for name in ["jobs", "jobs_total"] {
        assert_eq!(page(&[name]), "# TYPE jobs_total counter\njobs_total 0\n");
    }
}

#[test]
fn a_restricted_view_shows_nothing_that_was_not_asked_for() {
    let registry = Registry::new();
    let two = Custom(
        || vec![gauge_named("two_a"), gauge_named("two_c")],
        |out: &mut Collected| {
            for name in ["two_a", "two_b", "two_c"] {
                out.gauge(name, "Help.").value(1);
            }
        },
    );
    registry.register(two).unwrap();
    let names = |view: &[&str]| -> Vec<String> {
        registry.restricted(view.iter().copied()).gather().iter().map(|family| family.name().to_owned()).collect()
    };
    assert_eq!(names(&["two_a"]), ["two_a"]);
    assert_eq!(names(&["two_a", "two_b"]), ["two_a"]);
    assert_eq!(registry.gather().len(), 3);
}

#[test]
fn a_family_must_be_what_was_described() {
    let registry = Registry::new();
    let described =
        || vec![gauge_named("lie").with_labels(["a"]).unwrap(), gauge_named("truth").with_labels(["a"]).unwrap()];
    let collect = |out: &mut Collected| {
        out.gauge("lie", "Help.").series([("b", "1")], 1);
        out.gauge("truth", "Help.").series([("a", "1")], 1);
        out.gauge("truth", "Another help.").series([("a", "2")], 1);
    };
    registry.register(Custom(described, collect)).unwrap();
    let families = registry.gather();
    assert_eq!(number(&families, "truth", &[("a", "1")]), Some(1.0));
    assert_eq!(
        families.iter().filter(|family| family.name() == "truth").map(|family| family.series().len()).sum::<usize>(),
        1
    );
    assert!(!families.iter().any(|family| family.name() == "lie"));
    assert_eq!(number(&families, "tallymark_collisions", &[]), Some(2.0));
}

#[test]
fn a_family_may_be_given_piece_by_piece() {
    let registry = Registry::builder().auto_describe(true).build();
    let disks = undescribed(|out: &mut Collected| {
        for disk in ["sda", "sdb"] {
            out.gauge("disk_free_bytes", "Free.").series([("disk", disk)], 1);
            out.counter("disk_reads_total", "Reads.").series([("disk", disk)], 1);
        }
    });
    registry.register(disks).unwrap();
    let families = registry.gather();
    assert_eq!(families.iter().map(|family| family.series().len()).collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn a_metric_without_labels_keeps_its_one_series() {
    let registry = Registry::new();
    let counter = Counter::new("x_total", "").unwrap();
    registry.register(&counter).unwrap();
    counter.inc();
    counter.clear();
    assert!(!counter.remove(&()));
    counter.inc();
    counter.with(&()).inc();
    assert_eq!(counter.get(), 3);
    assert_eq!(number(&registry.gather(), "x_total", &[]), Some(3.0));
}

#[test]
fn a_counter_refuses_what_is_negative_or_no_number() {
    let registry = Registry::new();
    let counter = Counter::builder("x_total", "").values::<f64>().build().unwrap();
    registry.register(&counter).unwrap();
    counter.inc_by(1.5);
    for bad in [-1.0, -f64::INFINITY, f64::NAN, -f64::MIN_POSITIVE] {
        counter.inc_by(bad);
        assert!(counter.try_inc_by(bad).unwrap_err().to_string().contains("only goes up"));
    }
    counter.try_inc_by(0.0).unwrap();
    assert_eq!(counter.get().to_bits(), 1.5_f64.to_bits());
    assert_eq!(number(&registry.gather(), "tallymark_refused_total", &[("metric", "x_total")]), Some(4.0));
}

#[test]
fn what_is_defined_badly_at_run_time_says_what_is_wrong() {
    #[derive(Labels)]
    struct Wide {
        a: Option<bool>,
        b: Option<bool>,
    }
    let texts = [
        Counter::new("2fast", "").unwrap_err(),
        Gauge::new("a b", "").unwrap_err(),
        Histogram::builder("h", "").buckets([]).unwrap_err(),
        Histogram::builder("h", "").buckets([f64::INFINITY]).unwrap_err(),
        Histogram::builder("h", "").buckets([1.0, 1.0]).unwrap_err(),
        Histogram::builder("h", "").buckets([f64::NAN]).unwrap_err(),
        Gauge::builder("g", "").unit("bytes").build().unwrap_err(),
        Gauge::builder("g", "").const_label("le", "").build().unwrap_err(),
        Gauge::builder("g", "").const_label("a", "").labels::<Wide>().build().unwrap_err(),
        Gauge::builder("g", "").labels::<Wide>().max_series(8).build().unwrap_err(),
    ];
    let expected = [
        "`2fast`",
        "`a b`",
        "at least one",
        "at least one",
        "same bound",
        "NaN",
        "`g_bytes`",
        "`le`",
        "`a` stands twice",
        "9 combinations",
    ];
    for (text, expected) in texts.iter().zip(expected) {
        assert!(text.to_string().contains(expected), "{text}: {expected}");
    }
    let _ = Wide { a: None, b: None };
}

#[test]
fn an_open_family_is_bounded_and_its_totals_stay_exact() {
    #[derive(Labels)]
    struct User {
        user: u32,
        admin: bool,
    }
    let registry = Registry::new();
    let logins = Counter::builder("logins_total", "").labels::<User>().max_series(10).build().unwrap();
    registry.register(&logins).unwrap();
    for user in 0..1000 {
        logins.with(&User { user, admin: user % 2 == 0 }).inc();
    }
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "logins_total").unwrap();
    assert_eq!(family.series().len(), 12);
    assert_eq!(number(&families, "logins_total", &[("user", "other"), ("admin", "true")]), Some(495.0));
    assert_eq!(number(&families, "tallymark_series_overflow_total", &[("metric", "logins_total")]), Some(990.0));
    let total: f64 = family
        .series()
        .iter()
        .map(|series| match series.value() {
            Value::Number(number) => number.as_f64(),
            _ => f64::NAN,
        })
        .sum();
    assert_eq!(total.to_bits(), 1000.0_f64.to_bits());
}
