//! What the global registry has from the start, in a program whose marks take two of its names.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tallymark::collectors::{BuildInfo, Process};
use tallymark::{Collisions, Counter, Gauge, Registry, Value, gauge};
use tallymark_tests::value;

/// Files.
#[gauge(name = "process_open_fds")]
static OPEN: Gauge;

/// How it was built.
#[gauge(name = "tallymark_build_info")]
static BUILT: Gauge;

fn of(name: &str) -> Vec<String> {
    let collisions: Option<Collisions> = Registry::global().check().err();
    let all = collisions.iter().flat_map(Collisions::iter).filter(|collision| collision.names()[0] == name);
    all.map(|collision| collision.to_string().replace('\\', "/")).collect()
}

/// One test, since it changes the global registry.
#[test]
fn what_is_there_from_the_start_collides_and_can_be_switched_off() {
    let global = Registry::global();
    let linux = cfg!(target_os = "linux");
    OPEN.set(-7.0);
    BUILT.set(-8.0);

    let collisions = of("process_open_fds");
    assert_eq!(collisions.len(), usize::from(linux));
    for collision in collisions {
        assert!(collision.contains("tests/provided.rs:10:1 (provided "), "{collision}");
        assert!(collision.contains("src/collectors/process.rs:"), "{collision}");
        assert!(collision.contains(concat!("(tallymark ", env!("CARGO_PKG_VERSION"), ")")), "{collision}");
    }
    assert_eq!(of("tallymark_build_info").len(), 1);
    assert_eq!(value("process_open_fds", &[]), Some(-7.0), "the mark stays");
    assert_eq!(value("tallymark_build_info", &[]), Some(-8.0), "the mark stays");
    assert_eq!(value("process_threads", &[]).is_some(), linux, "so does what collides with nothing");
    assert_eq!(value("tallymark_collisions", &[]), Some(if linux { 2.0 } else { 1.0 }));

    if let Some(process) = global.process_collector() {
        assert!(process.unregister());
        assert!(!process.unregister());
    }
    assert!(global.process_collector().is_none());
    assert_eq!(value("process_threads", &[]), None);
    assert_eq!(value("process_open_fds", &[]), Some(-7.0));
    assert!(of("process_open_fds").is_empty());
    let after_places_have_moved = || {
        assert_eq!(of("tallymark_build_info").len(), 1);
        assert_eq!(value("tallymark_collisions", &[]), Some(1.0));
        assert_eq!(value("tallymark_build_info", &[]), Some(-8.0));
    };
    after_places_have_moved();
    for round in 0..4 {
        let counters = (0..20).map(|number| Counter::new(format!("provided_{number}_total"), "Things.").unwrap());
        let registered: Vec<_> = counters.map(|counter| global.register(&counter).unwrap()).collect();
        after_places_have_moved();
        assert!(registered.iter().all(|registered| global.unregister(registered)), "{round}");
        after_places_have_moved();
    }
    let beside = global.register(Process::builder().namespace("provided").build().unwrap()).unwrap();
    assert_eq!(value("provided_process_threads", &[]).is_some(), linux);
    assert!(beside.unregister());

    assert!(global.build_info_collector().unwrap().unregister());
    assert!(global.build_info_collector().is_none());
    assert!(global.check().is_ok());
    assert_eq!(value("tallymark_collisions", &[]), Some(0.0));
    assert!(global.register(BuildInfo::new()).is_err(), "the mark has the name");
}

#[test]
fn the_build_is_told_in_labels() {
    let registry = Registry::new();
    registry.register(BuildInfo::new()).unwrap();
    assert!(registry.build_info_collector().is_none() && registry.process_collector().is_none());
    let families = registry.gather();
    let [family] = &*families else { panic!("{families:?}") };
    let [series] = family.series() else { panic!("{family:?}") };
    assert_eq!(family.name(), "tallymark_build_info");
    assert_eq!(*series.value(), Value::Number(1.into()));
    assert_eq!(series.labels().map(|(name, _)| name).collect::<Vec<_>>(), ["version", "rustc", "target", "profile"]);
    assert_eq!(series.label("version"), Some(env!("CARGO_PKG_VERSION")));
    let version = series.label("rustc").unwrap();
    assert!(version.split('.').count() >= 3 && version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
    assert!(series.label("target").unwrap().contains(std::env::consts::ARCH));
    assert!(["debug", "release"].contains(&series.label("profile").unwrap()));
}
