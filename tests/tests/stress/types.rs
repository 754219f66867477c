//! Summaries, infos and state sets: what stands on a page belongs together, and comes from the series that is there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Barrier, RwLock};
use std::thread;

use tallymark::{
    Info, InfoSeries, LabelValue, Labels, MetricFamily, Registry, StateSet, StateSetSeries, Summary, SummarySeries,
    Value, quantiles,
};

use crate::page::{Done, Samples, scrape};
use crate::{figure, join};

const THREADS: u64 = 4;

#[derive(Clone, Copy, LabelValue)]
enum Side {
    Left,
    Right,
}

#[derive(Labels)]
struct Finite {
    side: Side,
}

#[derive(Labels)]
struct Open<'a> {
    path: &'a str,
}

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
    Gone,
}

const STATES: [State; 3] = [State::Idle, State::Busy, State::Gone];

#[test]
fn a_summary_counts_and_sums_all_that_threads_observe() {
    let each = figure(1_000_000);
    let registry = Registry::new();
    let plain = Summary::new("plain", "").unwrap();
    let constant = Summary::builder("constant", "").quantiles(quantiles::DEFAULT.iter().copied()).unwrap();
    let constant = constant.max_age(std::time::Duration::from_hours(1)).build().unwrap();
    let ranked = Summary::builder("ranked", "").quantiles([(0.0, 0.1), (0.5, 0.01), (1.0, 0.001)]).unwrap();
    let ranked = ranked.labels::<Open<'static>>().build().unwrap();
    let finite = Summary::builder("finite", "").labels::<Finite>().build().unwrap();
    registry.register(&plain).unwrap();
    registry.register(&constant).unwrap();
    registry.register(&ranked).unwrap();
    registry.register(&finite).unwrap();

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (plain, constant, ranked, finite) = (&plain, &constant, &ranked, &finite);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let kept = ranked.with(&Open { path: "/" });
                    for turn in 0..each {
                        plain.observe(turn);
                        constant.observe(7);
                        // Every number comes once, from one thread or another.
                        let number = turn * THREADS + thread;
                        if turn % 2 == 0 {
                            kept.observe(number);
                        } else {
                            ranked.with(&Open { path: "/" }).observe(number);
                        }
                        finite.with(&Finite { side: Side::Left }).observe(0.25);
                    }
                })
            })
            .collect();
        let scraper = scope.spawn(|| {
            // Where nothing has been ranked yet a quantile reads NaN, which is no less than anything.
            while !done.load(SeqCst) {
                let samples = scrape(&registry);
                for (quantile, _) in quantiles::DEFAULT {
                    let value = samples[&format!("constant{{quantile=\"{quantile}\"}}")];
                    assert!(value == 7.0 || value.is_nan() && samples["constant_count"] <= THREADS as f64, "{value}");
                }
                let (sum, count) = (samples["constant_sum"], samples["constant_count"]);
                assert_eq!(sum, 7.0 * count);
            }
        });
        let ends = Done(&done);
        join(threads);
        drop(ends);
        scraper.join().unwrap();
    });

    let samples = scrape(&registry);
    let all = (THREADS * each) as f64;
    for name in ["plain_count", "constant_count", "ranked_count{path=\"/\"}", "finite_count{side=\"left\"}"] {
        assert_eq!(samples[name], all, "{name}");
    }
    assert_eq!(samples["plain_sum"], (THREADS * (each * (each - 1) / 2)) as f64);
    assert_eq!(samples["constant_sum"], 7.0 * all);
    assert_eq!(samples["ranked_sum{path=\"/\"}"], all * (all - 1.0) / 2.0);
    assert_eq!(samples["finite_sum{side=\"left\"}"], 0.25 * all);
    assert_eq!(samples["finite_count{side=\"right\"}"], 0.0);
    for (quantile, _) in quantiles::DEFAULT {
        assert_eq!(samples[&format!("constant{{quantile=\"{quantile}\"}}")], 7.0);
    }
    let quantile = |quantile: &str| samples[&format!("ranked{{path=\"/\",quantile=\"{quantile}\"}}")];
    assert_eq!((quantile("0.0"), quantile("1.0")), (0.0, all - 1.0));
    // The number `n` has the rank `n + 1`.
    let rank = quantile("0.5") + 1.0;
    assert!((rank - all / 2.0).abs() <= 0.01 * all, "{rank} of {all}");
}

/// Which states hold, by the labels of the series.
fn states(families: &[MetricFamily]) -> Vec<(String, usize)> {
    let series = families.iter().flat_map(|family| family.series().iter().map(|series| (family.name(), series)));
    let on = series.filter_map(|(name, series)| match series.value() {
        Value::StateSet(states) => Some((format!("{name}{series:?}"), states.states().filter(|(_, on)| *on).count())),
        _ => None,
    });
    on.collect()
}

/// The same of a page.
fn states_on_page(samples: &Samples) -> HashMap<String, f64> {
    let mut sums = HashMap::new();
    for (sample, on) in samples {
        let (series, _) = sample.rsplit_once("_state=\"").unwrap();
        *sums.entry(series.to_owned()).or_default() += on;
    }
    sums
}

#[test]
fn a_state_set_is_in_one_state_on_every_page() {
    let scrapes = figure(50_000);
    let registry = Registry::new();
    let plain = StateSet::<State>::new("plain_state", "").unwrap();
    let finite = StateSet::<State>::builder("finite_state", "").labels::<Finite>().build().unwrap();
    let open = StateSet::<State>::builder("open_state", "").labels::<Open<'static>>().build().unwrap();
    registry.register(&plain).unwrap();
    registry.register(&finite).unwrap();
    registry.register(&open).unwrap();

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (plain, finite, open, done) = (&plain, &finite, &open, &done);
            scope.spawn(move || {
                let path = format!("/{}", thread % 2);
                let kept = open.with(&Open { path: &path });
                let mut turn = thread;
                while !done.load(SeqCst) {
                    let state = STATES[usize::try_from(turn % 3).unwrap()];
                    plain.set(state);
                    finite.with(&Finite { side: Side::Right }).set(state);
                    kept.set(state);
                    // A series that comes and goes is in one state as long as it is there.
                    open.with(&Open { path: "/gone" }).set(state);
                    if turn % 5 == 0 {
                        open.remove(&Open { path: "/gone" });
                    }
                    turn += 1;
                }
            });
        }
        let _ends = Done(&done);
        for _ in 0..scrapes {
            let torn: Vec<_> = states(&registry.gather()).into_iter().filter(|(_, on)| *on != 1).collect();
            assert!(torn.is_empty(), "{torn:?}");
            let torn: Vec<_> = states_on_page(&scrape(&registry)).into_iter().filter(|(_, on)| *on != 1.0).collect();
            assert!(torn.is_empty(), "{torn:?}");
        }
    });
    plain.set(State::Gone);
    finite.with(&Finite { side: Side::Right }).set(State::Busy);
    let samples = scrape(&registry);
    assert_eq!(samples["plain_state{plain_state=\"gone\"}"], 1.0);
    assert_eq!(samples["finite_state{side=\"right\",finite_state=\"busy\"}"], 1.0);
    assert_eq!(samples["finite_state{side=\"left\",finite_state=\"idle\"}"], 1.0);
}

/// The texts behind the last two labels, which say the same wherever an info is whole.
fn pair(sample: &str) -> Option<(&str, &str)> {
    let (rest, commit) = sample.rsplit_once("commit=\"")?;
    let (_, version) = rest.rsplit_once("version=\"")?;
    Some((version.trim_end_matches("\","), commit.trim_end_matches("\"}")))
}

#[test]
fn an_info_is_never_torn() {
    let scrapes = figure(50_000);
    let registry = Registry::new();
    let plain = Info::new("plain", "").unwrap();
    let finite = Info::builder("finite", "").labels::<Finite>().build().unwrap();
    let open = Info::builder("open", "").labels::<Open<'static>>().build().unwrap();
    registry.register(&plain).unwrap();
    registry.register(&finite).unwrap();
    registry.register(&open).unwrap();

    let done = AtomicBool::new(false);
    let all_said = Barrier::new(usize::try_from(THREADS).unwrap() + 1);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (plain, finite, open, done, all_said) = (&plain, &finite, &open, &done, &all_said);
            scope.spawn(move || {
                let path = format!("/{}", thread % 2);
                let kept = open.with(&Open { path: &path });
                let mut turn = thread;
                let mut say = || {
                    let text = "x".repeat(usize::try_from(turn % 50).unwrap()) + &turn.to_string();
                    let texts = || [("version", text.clone()), ("commit", text.clone())];
                    plain.set(texts()).unwrap();
                    finite.with(&Finite { side: Side::Left }).set(texts()).unwrap();
                    finite.with(&Finite { side: Side::Right }).set(texts()).unwrap();
                    kept.set(texts()).unwrap();
                    turn += THREADS;
                };
                say();
                all_said.wait();
                while !done.load(SeqCst) {
                    say();
                }
            });
        }
        all_said.wait();
        let _ends = Done(&done);
        for _ in 0..scrapes {
            let samples = scrape(&registry);
            assert_eq!(samples.len(), 5, "{samples:?}");
            for (sample, value) in samples {
                let (version, commit) = pair(&sample).unwrap();
                assert!(version == commit && !commit.is_empty() && value == 1.0, "{sample} {value}");
            }
            for series in registry.gather().iter().flat_map(MetricFamily::series) {
                assert_eq!(series.label("version"), series.label("commit"));
            }
        }
    });
    plain.set([("version", "last")]).unwrap();
    assert_eq!(scrape(&registry)["plain_info{version=\"last\"}"], 1.0);
}

/// Families of these types, and their series of one label set.
struct Families {
    summary: Summary<Open<'static>>,
    info: Info<Open<'static>>,
    state: StateSet<State, Finite>,
}

#[derive(Clone)]
struct Handles {
    summary: SummarySeries,
    info: InfoSeries,
    state: StateSetSeries<State>,
}

const PATH: &str = "/a/path/that/is/longer/than/a/line/has/room/for";

impl Families {
    fn handles(&self) -> Handles {
        Handles {
            summary: self.summary.with(&Open { path: PATH }),
            info: self.info.with(&Open { path: PATH }),
            state: self.state.with(&Finite { side: Side::Left }),
        }
    }

    fn remove(&self) {
        assert!(self.summary.remove(&Open { path: PATH }));
        assert!(self.info.remove(&Open { path: PATH }));
        assert!(self.state.remove(&Finite { side: Side::Left }));
    }
}

/// Threads write in series that are being removed or have been, while others do in those that have their labels now:
/// of what the former wrote nothing is seen there.
#[test]
fn a_series_made_again_shows_nothing_of_the_one_that_was_removed() {
    const EACH: u64 = 100;
    let generations = figure(5000);

    let registry = Registry::new();
    let summary = Summary::builder("ranked", "").quantiles([(0.0, 0.1), (1.0, 0.1)]).unwrap();
    let families = Families {
        summary: summary.labels::<Open<'static>>().build().unwrap(),
        info: Info::builder("said", "").labels::<Open<'static>>().build().unwrap(),
        state: StateSet::<State>::builder("job_state", "").labels::<Finite>().build().unwrap(),
    };
    registry.register(&families.summary).unwrap();
    registry.register(&families.info).unwrap();
    registry.register(&families.state).unwrap();
    let untouched = families.summary.with(&Open { path: "/" });
    untouched.observe(1);
    let current = RwLock::new(families.handles());
    let removed = RwLock::new(None::<Handles>);
    let turn = Barrier::new(usize::try_from(THREADS).unwrap() + 1);
    let done = AtomicBool::new(false);

    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    if let Some(removed) = &*removed.read().unwrap() {
                        removed.summary.observe(-1);
                        removed.info.set([("ghost", "1")]).unwrap();
                        removed.state.set(State::Gone);
                    }
                }
            });
        }
        scope.spawn(|| {
            while !done.load(SeqCst) {
                let samples = scrape(&registry);
                let on = |state: &str| samples[&format!("job_state{{side=\"left\",job_state=\"{state}\"}}")];
                if samples.keys().any(|sample| sample.starts_with("job_state{side=\"left\"")) {
                    assert_eq!(on("idle") + on("busy") + on("gone"), 1.0);
                }
            }
        });
        for _ in 0..THREADS {
            let (current, turn) = (&current, &turn);
            scope.spawn(move || {
                for generation in 0..generations {
                    turn.wait();
                    let handles = current.read().unwrap().clone();
                    for _ in 0..EACH {
                        handles.summary.observe(generation);
                        handles.state.set(State::Busy);
                    }
                    handles.info.set([("generation", generation.to_string())]).unwrap();
                    turn.wait();
                }
            });
        }
        let mut wrong = Vec::new();
        for generation in 0..generations {
            turn.wait();
            turn.wait();
            let samples = scrape(&registry);
            let of_path = |name: &str, more: &str| samples.get(&format!("{name}{{path=\"{PATH}\"{more}}}")).copied();
            let all = (THREADS * EACH) as f64;
            let sound = of_path("ranked_count", "") == Some(all)
                && of_path("ranked_sum", "") == Some(all * generation as f64)
                && ["0.0", "1.0"]
                    .iter()
                    .all(|quantile| of_path("ranked", &format!(",quantile=\"{quantile}\"")) == Some(generation as f64))
                && of_path("said_info", &format!(",generation=\"{generation}\"")) == Some(1.0)
                && samples["job_state{side=\"left\",job_state=\"busy\"}"] == 1.0;
            if !sound {
                wrong.push((generation, samples));
            }
            *removed.write().unwrap() = Some(current.read().unwrap().clone());
            families.remove();
            let new = families.handles();
            assert!(new.state.is(State::Idle) && new.info.get().is_empty());
            *current.write().unwrap() = new;
        }
        drop(Done(&done));
        assert!(wrong.is_empty(), "{} of {generations}: {:?}", wrong.len(), &wrong[..wrong.len().min(2)]);
    });
    assert_eq!(scrape(&registry)["ranked_count{path=\"/\"}"], 1.0);
}

/// Several threads remove by labels while others go on in the same families: what has other labels loses nothing.
#[test]
fn removing_by_labels_takes_nothing_from_other_series() {
    #[derive(Labels)]
    struct Both<'a> {
        path: &'a str,
        side: Side,
    }

    let each = figure(50_000);
    let registry = Registry::new();
    let counter = tallymark::Counter::builder("counted_total", "").labels::<Both<'static>>().build().unwrap();
    let summary = Summary::builder("ranked", "").quantiles([(0.5, 0.1)]).unwrap();
    let summary = summary.labels::<Both<'static>>().build().unwrap();
    let info = Info::builder("said", "").labels::<Both<'static>>().build().unwrap();
    let state = StateSet::<State>::builder("job_state", "").labels::<Both<'static>>().build().unwrap();
    registry.register(&counter).unwrap();
    registry.register(&summary).unwrap();
    registry.register(&info).unwrap();
    registry.register(&state).unwrap();
    let write = |path: &str, side: Side| {
        counter.with(&Both { path, side }).inc();
        summary.with(&Both { path, side }).observe(3);
        info.with(&Both { path, side }).set([("of", path)]).unwrap();
        state.with(&Both { path, side }).set(State::Busy);
    };
    let removers: [&(dyn Fn() -> usize + Sync); 4] = [
        &|| counter.remove_by_labels([("side", "left")]).unwrap(),
        &|| summary.remove_by_labels([("side", "left")]).unwrap(),
        &|| registry.remove_by_labels("said_info", [("side", "left")]).unwrap(),
        &|| registry.remove_by_labels("job_state", [("side", "left"), ("path", "/1")]).unwrap(),
    ];

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let write = &write;
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    for turn in 0..each {
                        let path = format!("/{}", (turn + thread) % 3);
                        write(&path, Side::Right);
                        write(&path, Side::Left);
                    }
                })
            })
            .collect();
        // Two of each, so that they meet.
        let removing: Vec<_> = removers
            .iter()
            .chain(&removers)
            .map(|remove| {
                scope.spawn(|| {
                    let mut removed = 0;
                    while !done.load(SeqCst) {
                        removed += remove();
                        thread::yield_now();
                    }
                    removed
                })
            })
            .collect();
        let ends = Done(&done);
        join(threads);
        drop(ends);
        assert!(join(removing).iter().sum::<usize>() > 0);
    });

    for remove in removers {
        remove();
        assert_eq!(remove(), 0);
    }
    let samples = scrape(&registry);
    for path in 0..3 {
        let turns = |thread: u64| (0..each).filter(|turn| (turn + thread) % 3 == path).count();
        let written = (0..THREADS).map(turns).sum::<usize>() as f64;
        let labels = format!("path=\"/{path}\",side=\"right\"");
        assert_eq!(samples[&format!("counted_total{{{labels}}}")], written);
        assert_eq!(samples[&format!("ranked_count{{{labels}}}")], written);
        assert_eq!(samples[&format!("ranked_sum{{{labels}}}")], 3.0 * written);
        assert_eq!(samples[&format!("ranked{{{labels},quantile=\"0.5\"}}")], 3.0);
        assert_eq!(samples[&format!("said_info{{{labels},of=\"/{path}\"}}")], 1.0);
        assert_eq!(samples[&format!("job_state{{{labels},job_state=\"busy\"}}")], 1.0);
    }
    let left = samples.keys().filter(|sample| sample.contains("side=\"left\"") && !sample.starts_with("job_state"));
    assert_eq!(left.count(), 0);
    assert!(samples.keys().any(|sample| sample.contains("path=\"/0\",side=\"left\"")), "of these nobody was removed");
    write("/0", Side::Left);
    let again = scrape(&registry);
    assert_eq!(again["counted_total{path=\"/0\",side=\"left\"}"], 1.0);
    assert_eq!(again["ranked_count{path=\"/0\",side=\"left\"}"], 1.0);
}
