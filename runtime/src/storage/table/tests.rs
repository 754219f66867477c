//! What a family promises of its series.

use std::ops::ControlFlow;
use std::thread;

use super::super::visit::{Order, Position, SORTED};
use super::super::{Counted, Unsigned};
use super::*;

type Open = (bool, &'static str);

fn table<T: LabelTuple>(max_series: usize, shown: bool) -> Table<Unsigned> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let rendering = Rendering::new(std::iter::empty(), names.into_iter().take(T::LENGTH));
    Table::new::<T>((), rendering, max_series, shown)
}

fn state(table: &Table<Unsigned>) -> Vec<(String, u64)> {
    let (mut found, mut scratch) = (Vec::new(), Scratch::default());
    let _ = table.visit(Counted::ByAll, &table.order(), &mut Position::default(), |series| {
        found.extend(series.read(&mut scratch).map(|value| (Rendering::values(series.labels).join(" "), value)));
        ControlFlow::Continue(())
    });
    found
}

fn shown(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(labels, value)| ((*labels).to_owned(), *value)).collect()
}

#[test]
fn past_the_limit_totals_stay_exact() {
    let table = table::<Open>(2, false);
    for (set, count) in
        [((true, "a"), 1), ((false, "b"), 2), ((true, "c"), 4), ((true, "d"), 8), ((false, "e"), 16), ((true, "a"), 32)]
    {
        table.resolve(&set).add_unsigned(count);
    }
    assert_eq!(state(&table), shown(&[("false b", 2), ("false other", 16), ("true a", 33), ("true other", 12)]));
    assert_eq!(table.overflowed(), 3);
}

#[test]
fn a_label_that_reads_other_shares_the_overflow_series() {
    let first = table::<Open>(2, false);
    for text in ["other", "a", "b", "other"] {
        first.resolve(&(true, text)).add_unsigned(1);
    }
    assert_eq!(state(&first), shown(&[("true a", 1), ("true other", 3)]));

    let second = table::<Open>(1, false);
    for text in ["a", "b", "other"] {
        second.resolve(&(true, text)).add_unsigned(1);
    }
    assert_eq!(state(&second), shown(&[("true a", 1), ("true other", 2)]));
}

#[test]
fn removing_makes_room() {
    let table = table::<Open>(1, false);
    table.resolve(&(true, "a")).add_unsigned(1);
    table.resolve(&(true, "b")).add_unsigned(1);
    assert!(table.remove(&(true, "a")) && !table.remove(&(true, "a")) && !table.remove(&(true, "b")));
    table.resolve(&(true, "c")).add_unsigned(1);
    assert_eq!(state(&table), shown(&[("true c", 1), ("true other", 1)]));
    assert!(table.remove(&(true, "other")));
    table.resolve(&(true, "d")).add_unsigned(1);
    assert_eq!(state(&table), shown(&[("true c", 1), ("true other", 1)]));
    table.clear();
    assert!(state(&table).is_empty());
    table.resolve(&(true, "d")).add_unsigned(1);
    assert_eq!(state(&table), shown(&[("true d", 1)]));
}

#[test]
fn a_finite_family_is_shown_or_made_on_demand() {
    type Finite = (bool, Option<bool>);
    assert_eq!(state(&table::<Finite>(0, true)).len(), 6);
    let table = table::<Finite>(0, false);
    assert!(state(&table).is_empty());
    table.resolve(&(true, None::<bool>)).add_unsigned(1);
    assert_eq!(state(&table), shown(&[("true ", 1)]));
    assert!(table.remove(&(true, None::<bool>)) && !table.remove(&(true, None::<bool>)));
    table.resolve(&(true, None::<bool>));
    assert_eq!(state(&table), shown(&[("true ", 0)]));
}

#[test]
fn a_series_that_is_made_again_begins_at_zero_and_old_handles_count_nowhere() {
    type Finite = (bool,);
    let finite = table::<Finite>(0, true);
    let open = table::<(&str,)>(10, false);
    // Within its line, and in cells.
    for count in [1, 100_000] {
        let kept = [finite.resolve(&(true,)), open.resolve(&("x",))];
        for series in &kept {
            series.add_unsigned(count);
        }
        assert!(finite.remove(&(true,)) && open.remove(&("x",)));
        for series in &kept {
            series.add_unsigned(count);
        }
        let again = [finite.resolve(&(true,)), open.resolve(&("x",))];
        for series in &kept {
            series.add_unsigned(count);
        }
        for series in again {
            assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), Some(0));
            series.add_unsigned(7);
            assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), Some(7));
        }
        for series in kept {
            assert_eq!(Table::<Unsigned>::read(series, (), &mut Scratch::default()), None);
        }
        table_is_sound(&open);
        open.clear();
        finite.clear();
    }
}

fn table_is_sound(table: &Table<Unsigned>) {
    let mut labels: Vec<_> = state(table).into_iter().map(|(labels, _)| labels).collect();
    let before = labels.len();
    labels.dedup();
    assert_eq!(labels.len(), before);
}

#[test]
fn churn_takes_no_more_lines_than_there_were_series_at_once() {
    // Other tests may be reading, and lines are not written anew meanwhile.
    let lines = || (0..100).map(|_| lines_after_churn()).find(|lines| *lines <= 64 + 128 + 256);
    assert!(lines().is_some());
}

fn lines_after_churn() -> usize {
    let table = table::<(&str, &str)>(1000, false);
    let (rounds, series) = if cfg!(miri) { (3, 10) } else { (20, 100) };
    for round in 0..rounds {
        for index in 0..series {
            let (short, long) = (format!("{round}"), format!("{index}-{}", "x".repeat(index)));
            table.resolve(&(short.as_str(), long.as_str())).add_unsigned(1);
        }
        assert!(state(&table).iter().all(|(_, value)| *value == 1));
        assert_eq!(state(&table).len(), series);
        for index in 0..series {
            let (short, long) = (format!("{round}"), format!("{index}-{}", "x".repeat(index)));
            assert!(table.remove(&(short.as_str(), long.as_str())));
        }
    }
    table.lock().runs.iter().map(|run| run.count).sum()
}

#[test]
fn texts_of_every_length_are_told_apart() {
    let table = table::<(&str, &str, u64)>(10_000, false);
    let long = "0123456789abcdef0123456789abcdef0123456789abcdef";
    let texts: Vec<String> = (0..long.len())
        .map(|length| long[..length].to_owned())
        // The same length and the same ends.
        .chain((9..40).map(|at| format!("{}?{}", &long[..at], &long[at + 1..])))
        .step_by(if cfg!(miri) { 11 } else { 1 })
        .collect();
    for (count, text) in texts.iter().enumerate() {
        table.resolve(&(text.as_str(), "b", 1_u64)).add_unsigned(count as u64);
        table.resolve(&("b", text.as_str(), 1_u64)).add_unsigned(1);
        table.resolve(&("b", "c", count as u64)).add_unsigned(2);
    }
    for (count, text) in texts.iter().enumerate() {
        let read = |series| Table::<Unsigned>::read(series, (), &mut Scratch::default());
        if text != "b" {
            assert_eq!(read(table.resolve(&(text.as_str(), "b", 1_u64))), Some(count as u64), "{text}");
        }
    }
    assert_eq!(table.overflowed(), 0);
    table_is_sound(&table);
}

#[test]
fn more_series_than_are_sorted_are_all_visited_once() {
    let (count, limit) = if cfg!(miri) { (60, 20) } else { (SORTED as u64 + 3000, SORTED as u64) };
    let table = table::<(u64,)>(100_000, false);
    for number in 0..count {
        table.resolve(&(number,)).add_unsigned(number);
    }
    let mut position = Position::default();
    let order = table.order();
    assert!(cfg!(miri) || matches!(order, Order::AsMade { .. }));
    let (mut sum, mut turns) = (0, 0);
    loop {
        let before = turns;
        let _ = table.visit(Counted::ByAll, &order, &mut position, |series| {
            turns += 1;
            sum += series.read(&mut Scratch::default()).unwrap_or_default();
            if turns % 1000 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        // One that is removed and made again meanwhile doesn't stand there twice.
        if turns == limit / 2 {
            assert!(table.remove(&(1_u64,)));
            table.resolve(&(1_u64,)).add_unsigned(1);
        }
        if turns == before {
            break;
        }
    }
    assert_eq!((turns, sum), (count, (0..count).sum::<u64>()));
}

#[test]
fn series_are_found_while_the_index_grows() {
    type Thirds = Option<bool>;
    // Past the limit, each combination of the finite labels makes a series, and searches are without the lock.
    let (rounds, kept, more) = if cfg!(miri) { (1, 15, 4) } else { (2, 4000, 3_usize.pow(8)) };
    let third = |number: usize, at: u32| [None, Some(false), Some(true)][number / 3_usize.pow(at) % 3];
    for _ in 0..rounds {
        let table = table::<(usize, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds, Thirds)>(kept, false);
        let resolve = |text: usize, number: usize| {
            let third = |at| third(number, at);
            table.resolve(&(text, third(0), third(1), third(2), third(3), third(4), third(5), third(6), third(7)))
        };
        let ids: Vec<u64> = (0..kept).map(|text| resolve(text, 0).id).collect();
        let finished = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !finished.load(Relaxed) {
                        for (text, id) in ids.iter().enumerate() {
                            assert_eq!(resolve(text, 0).id, *id);
                        }
                    }
                });
            }
            (0..more).for_each(|number| resolve(kept, number).add_unsigned(1));
            finished.store(true, Relaxed);
        });
        assert_eq!(table.overflowed(), more as u64);
    }
}

#[test]
fn series_come_and_go_while_they_are_searched_and_visited() {
    let table = table::<(&str,)>(1000, false);
    let (rounds, names) = if cfg!(miri) { (3, 8) } else { (300, 100) };
    let name =
        |index: usize| format!("{}{index}", if index.is_multiple_of(2) { "" } else { "longer than a line has room: " });
    let finished = AtomicBool::new(false);
    thread::scope(|scope| {
        let (table, name, finished) = (&table, &name, &finished);
        let changers: Vec<_> = (0..2)
            .map(|changer| {
                scope.spawn(move || {
                    for _ in 0..rounds {
                        for index in (changer..names).step_by(2) {
                            table.resolve(&(name(index).as_str(),)).add_unsigned(1);
                        }
                        for index in (changer..names).step_by(2) {
                            assert!(table.remove(&(name(index).as_str(),)));
                        }
                    }
                })
            })
            .collect();
        let visitor = scope.spawn(move || {
            let mut scratch = Scratch::default();
            while !finished.load(Relaxed) {
                let _ = table.visit(Counted::ByAll, &table.order(), &mut Position::default(), |series| {
                    let labels = Rendering::values(series.labels);
                    assert!(labels[0] == "stays" || (0..names).any(|index| name(index) == labels[0]), "{labels:?}");
                    let value = series.read(&mut scratch);
                    assert!(labels[0] == "stays" || value.is_none_or(|value| value <= 1), "{labels:?} {value:?}");
                    ControlFlow::Continue(())
                });
            }
        });
        // One that stays is found all the while, and is always the same.
        let stays = table.resolve(&("stays",));
        let mut found = 0;
        while !changers.iter().all(thread::ScopedJoinHandle::is_finished) {
            table.resolve(&("stays",)).add_unsigned(1);
            found += 1;
            if cfg!(miri) {
                thread::yield_now();
            }
        }
        finished.store(true, Relaxed);
        visitor.join().unwrap();
        assert_eq!(Table::<Unsigned>::read(stays, (), &mut Scratch::default()), Some(found));
    });
    assert_eq!(state(&table).len(), 1);
}
