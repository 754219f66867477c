//! Models of this folder's protocols: loom runs each in every order in which its threads can meet, with every value that
//! the language's memory model lets a load find.
//!
//! What runs is the code itself: the shards, the slots and the thread-locals are loom's and begin anew with each run.
//! There are only two leases and two common shards, blocks are as short as can be, and a counter gets cells when it has
//! counted 2. CONTRIBUTING.md has the command.
//!
//! Who only reads is spawned last, and so runs last at first: loom then gives its loads what they can find, early or late.
//! Of a load that comes before another thread's load and store it would not notice that it can come between.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::time::Duration;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

use super::apart::Counted;
use super::block::models::alive;
use super::counter::{Float, Unsigned};
use super::gauge::{FloatGauge, SignedGauge};
use super::histogram::{Bounds, Buckets};
use super::kind::{Kind, Scratch};
use super::lease;
use super::line::{LOW, Line, NOBODY, Series, new_id};
use super::native::forget_layout;
use super::shard::SHARDS;
use super::slots::{NO_SLOT, give_back, take};
use super::sync::{
    AtomicU64,
    Ordering::{AcqRel, Relaxed, Release},
};
use super::table::Table;
use super::visit::Position;
use crate::label::Rendering;
use crate::native::NativeOptions;

/// Runs a model with so many preemptions at most: with more, all of them together take longer than a few minutes.
/// `LOOM_MAX_PREEMPTIONS` says another number.
fn model(preemptions: usize, run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.max_branches = 10_000;
    builder.check(move || {
        // So that no thread finds it made by another, which would order the two.
        drop(SHARDS.read());
        give_back(NO_SLOT, 1);
        let _ = take(0);
        run();
        lease::end();
    });
}

/// A thread that gives its shard back at its end.
fn spawn<T: 'static>(run: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    thread::spawn(|| {
        let result = run();
        lease::end();
        result
    })
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// A line with a word, as gauges have.
#[repr(C)]
struct WithWord(Line, AtomicU64);

fn line() -> NonNull<Line> {
    NonNull::from(Box::leak(Box::new(WithWord(Line::new(), AtomicU64::new(0))))).cast()
}

/// Gives a line to a series, as tables do.
fn begin(line: NonNull<Line>, slot: u32) -> Series {
    let id = new_id();
    // SAFETY: it was leaked.
    let header = unsafe { line.as_ref() };
    assert!(header.slot.compare_exchange(NO_SLOT, slot, Release, Relaxed).is_ok());
    header.state.store(id << LOW, Release);
    // SAFETY: as above.
    unsafe { Series::new(line, id) }
}

fn series<K: Kind>(shape: K::Shape) -> Series {
    begin(line(), take(K::width(shape)))
}

fn read<K: Kind>(series: Series, shape: K::Shape) -> Option<K::Reading> {
    Table::<K>::read(series, shape, &mut Scratch::default())
}

fn total(series: Series) -> Option<u64> {
    read::<Unsigned>(series, ())
}

fn finite() -> Arc<Table<Unsigned>> {
    let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
    Arc::new(Table::new::<(bool,)>((), rendering, 0, false))
}

fn open(max_series: usize) -> Arc<Table<Unsigned>> {
    let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
    Arc::new(Table::new::<(&str,)>((), rendering, max_series, false))
}

/// Leaves no lease to the threads of a model.
fn all_leased() {
    while SHARDS.claim().is_some() {}
}

// Claim and release of a shard.

#[test]
fn threads_at_once_and_one_after_the_other_lose_nothing() {
    model(3, || {
        let counter = series::<Unsigned>(());
        let threads = [1, 10].map(|by| {
            spawn(move || {
                counter.add_unsigned(by);
                counter.add_unsigned(by);
            })
        });
        join(threads);
        counter.add_unsigned(100);
        assert_eq!(total(counter), Some(122));
    });
}

#[test]
fn a_thread_goes_on_where_another_ended() {
    model(2, || {
        let counter = series::<Unsigned>(());
        // One lease is left, so the second thread gets the first's, or a common shard.
        assert!(SHARDS.claim().is_some());
        let threads = [(); 2].map(|()| spawn(move || counter.add_unsigned(1)));
        let reader = spawn(move || total(counter).unwrap());
        join(threads);
        assert!(reader.join().unwrap() <= 2);
        assert_eq!(total(counter), Some(2));
    });
}

// Growth during a scrape.

#[test]
fn a_shard_grows_while_it_is_read() {
    model(3, || {
        let [first, second] = [(); 2].map(|()| series::<Unsigned>(()));
        let owner = spawn(move || {
            first.add_unsigned(1);
            second.add_unsigned(1);
            first.add_unsigned(1);
        });
        let reader = spawn(move || {
            let mut before = (0, 0);
            for _ in 0..2 {
                let now = (total(first).unwrap(), total(second).unwrap());
                assert!(now.0 >= before.0 && now.1 >= before.1);
                before = now;
            }
        });
        owner.join().unwrap();
        reader.join().unwrap();
        assert_eq!((total(first), total(second)), (Some(2), Some(1)));
        // Readers free what was retired while they read: there is the block of the one shard.
        assert_eq!(alive(), 1);
    });
}

#[test]
fn shards_grow_at_once() {
    model(2, || {
        let [first, second] = [(); 2].map(|()| series::<Unsigned>(()));
        let owners = [(); 2].map(|()| {
            spawn(move || {
                first.add_unsigned(1);
                second.add_unsigned(1);
            })
        });
        let reader = spawn(move || total(first).unwrap());
        join(owners);
        assert!(reader.join().unwrap() <= 2);
        assert_eq!((total(first), total(second)), (Some(2), Some(2)));
        assert!(alive() <= 2);
    });
}

// Histograms.

fn histogram(series: Series, bounds: &'static Bounds) -> Option<(u64, u64, f64)> {
    let mut scratch = Scratch::default();
    let sum = Table::<Buckets>::read(series, bounds, &mut scratch)?;
    Some((scratch.counts[0], scratch.counts[1], sum))
}

fn whole(reading: (u64, u64, f64)) {
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let sum = reading.0 as f64 + 100.0 * reading.1 as f64;
    assert_eq!(sum.to_bits(), reading.2.to_bits(), "{reading:?}");
}

#[test]
fn a_histogram_is_never_torn() {
    model(3, || {
        let bounds = Bounds::of(&[1.0]);
        let series = series::<Buckets>(bounds);
        // The model is of what comes after the thread has cells.
        series.observe(bounds, 1.0);
        lease::end();
        let owner = spawn(move || {
            series.observe(bounds, 100.0);
            series.observe(bounds, 1.0);
        });
        let reader = spawn(move || {
            let first = histogram(series, bounds).unwrap();
            whole(first);
            let second = histogram(series, bounds).unwrap();
            whole(second);
            assert!(first.0 <= second.0 && first.1 <= second.1);
        });
        join([owner, reader]);
        assert_eq!(histogram(series, bounds), Some((2, 1, 102.0)));
    });
}

#[test]
fn a_histogram_of_two_owners_is_never_torn() {
    model(2, || {
        let bounds = Bounds::of(&[1.0]);
        let series = series::<Buckets>(bounds);
        let owners = [1.0, 100.0].map(|value| spawn(move || series.observe(bounds, value)));
        let reader = spawn(move || whole(histogram(series, bounds).unwrap()));
        join(owners);
        join([reader]);
        assert_eq!(histogram(series, bounds), Some((1, 1, 101.0)));
    });
}

#[test]
fn a_histogram_takes_the_cells_of_another() {
    model(3, || {
        let bounds = Bounds::of(&[1.0]);
        let old = series::<Buckets>(bounds);
        old.observe(bounds, 1.0);
        lease::end();
        let next = spawn(move || {
            let slot = old.line().slot.load(Relaxed);
            assert!(old.retire::<Buckets>());
            let new = begin(line(), slot);
            new.observe(bounds, 100.0);
            new
        });
        let reader = spawn(move || {
            // Removed it is nothing, and never a part.
            let found = histogram(old, bounds);
            assert!(found.is_none() || found == Some((1, 0, 1.0)), "{found:?}");
        });
        let new = next.join().unwrap();
        join([reader]);
        assert_eq!(histogram(new, bounds), Some((0, 1, 100.0)));
    });
}

// Native histograms. The first observation of each model is over before its threads begin: what is made then stands behind
// a lock of the standard library's, which loom doesn't know.

fn native(options: NativeOptions) -> &'static Bounds {
    Bounds::of_native(&[], Some(options))
}

/// How often 3 and 100 were observed, by the sum, and in how many buckets.
fn natively(series: Series, bounds: &'static Bounds) -> Option<(u64, u64, usize)> {
    let mut scratch = Scratch::default();
    let sum = Table::<Buckets>::read(series, bounds, &mut scratch)?;
    let native = &scratch.native;
    let counts = native.positive.iter().map(|(_, count)| *count);
    let count = native.zero_count + counts.sum::<u64>();
    assert_eq!([count], *scratch.counts, "{native:?}");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small sum")]
    let sum = sum as u64;
    let hundreds = sum.saturating_sub(3 * count) / 97;
    assert_eq!(3 * (count - hundreds) + 100 * hundreds, sum, "{native:?}");
    Some((count - hundreds, hundreds, native.positive.len()))
}

fn observe(series: Series, bounds: &'static Bounds, value: f64) {
    series.observe(bounds, value);
}

#[test]
fn a_native_histogram_is_never_torn_while_it_gets_a_bucket() {
    model(2, || {
        let bounds = native(NativeOptions::new().max_buckets(2).min_reset(Duration::ZERO));
        let series = series::<Buckets>(bounds);
        observe(series, bounds, 3.0);
        lease::end();
        let owner = spawn(move || {
            observe(series, bounds, 100.0);
            observe(series, bounds, 3.0);
        });
        let reader = spawn(move || {
            let first = natively(series, bounds).unwrap();
            let second = natively(series, bounds).unwrap();
            assert!(first.0 <= second.0 && first.1 <= second.1, "{first:?} {second:?}");
        });
        join([owner, reader]);
        assert_eq!(natively(series, bounds), Some((2, 1, 2)));
        forget_layout(series);
    });
}

#[test]
fn a_native_histogram_loses_nothing_while_its_buckets_become_fewer() {
    model(2, || {
        let bounds = native(NativeOptions::new().max_buckets(1).min_reset(Duration::ZERO));
        let series = series::<Buckets>(bounds);
        observe(series, bounds, 3.0);
        lease::end();
        let owner = spawn(move || observe(series, bounds, 100.0));
        let reader = spawn(move || {
            let (threes, hundreds, buckets) = natively(series, bounds).unwrap();
            assert!(threes == 1 && hundreds <= 1 && buckets <= 1);
        });
        join([owner, reader]);
        assert_eq!(natively(series, bounds), Some((1, 1, 1)));
        forget_layout(series);
    });
}

#[test]
fn two_owners_of_a_native_histogram_agree_on_its_buckets() {
    model(2, || {
        let bounds = native(NativeOptions::new().max_buckets(1).min_reset(Duration::ZERO));
        let series = series::<Buckets>(bounds);
        observe(series, bounds, 3.0);
        lease::end();
        let owners = [100.0, 3.0].map(|value| spawn(move || observe(series, bounds, value)));
        join(owners);
        assert_eq!(natively(series, bounds), Some((2, 1, 1)));
        forget_layout(series);
    });
}

/// One that begins anew with each new bucket, and has counted 3.
fn beginning_anew() -> (&'static Bounds, Series) {
    let bounds = native(NativeOptions::new().max_buckets(1).min_reset(Duration::from_nanos(1)));
    let series = series::<Buckets>(bounds);
    observe(series, bounds, 3.0);
    lease::end();
    (bounds, series)
}

#[test]
fn a_native_histogram_that_begins_anew_is_never_partly_the_old_one() {
    // With 2 it holds as well, and takes minutes.
    model(1, || {
        let (bounds, series) = beginning_anew();
        let owner = spawn(move || observe(series, bounds, 100.0));
        let reader = spawn(move || {
            let found = natively(series, bounds).unwrap();
            assert!(matches!(found, (1, 0, 1) | (0, 0, 0) | (0, 1, 1)), "{found:?}");
        });
        join([owner, reader]);
        assert_eq!(natively(series, bounds), Some((0, 1, 1)));
        forget_layout(series);
    });
}

#[test]
fn two_owners_of_a_native_histogram_begin_it_anew_one_after_the_other() {
    model(2, || {
        let (bounds, series) = beginning_anew();
        let owners = [100.0, 3.0].map(|value| spawn(move || observe(series, bounds, value)));
        join(owners);
        // The 3 is of the old one, or it is new and begins anew in its turn.
        let found = natively(series, bounds).unwrap();
        assert!(matches!(found, (0, 1, 1) | (1, 0, 1)), "{found:?}");
        forget_layout(series);
    });
}

#[test]
fn a_native_histogram_takes_the_cells_of_another() {
    model(2, || {
        let bounds = native(NativeOptions::new().max_buckets(2).min_reset(Duration::ZERO));
        let old = series::<Buckets>(bounds);
        observe(old, bounds, 3.0);
        let slot = old.line().slot.load(Relaxed);
        assert!(old.retire::<Buckets>());
        forget_layout(old);
        let new = begin(line(), slot);
        observe(new, bounds, 100.0);
        lease::end();
        let late = spawn(move || observe(old, bounds, 3.0));
        let owner = spawn(move || observe(new, bounds, 100.0));
        let reader = spawn(move || {
            assert_eq!(natively(old, bounds), None);
            let found = natively(new, bounds);
            assert!(found == Some((0, 1, 1)) || found == Some((0, 2, 1)), "{found:?}");
        });
        join([late, owner, reader]);
        assert_eq!(natively(new, bounds), Some((0, 2, 1)));
        forget_layout(new);
    });
}

// Removal, and what comes after it.

#[test]
fn a_series_made_again_has_what_was_counted_in_it() {
    model(2, || {
        let table = finite();
        let old = table.resolve(&(true,));
        let late = spawn(move || old.add_unsigned(1));
        let other = spawn({
            let table = table.clone();
            move || {
                // It may get the slot that `old` had.
                let other = table.resolve(&(false,));
                other.add_unsigned(10);
                other
            }
        });
        assert!(table.remove(&(true,)));
        let new = table.resolve(&(true,));
        new.add_unsigned(100);
        assert_eq!(total(new), Some(100));
        late.join().unwrap();
        let other = other.join().unwrap();
        assert_eq!((total(old), total(other), total(new)), (None, Some(10), Some(100)));
    });
}

/// A thread that is late gets a shard in which others have counted since.
fn late_in_a_shard(leases: bool) {
    let table = finite();
    let old = table.resolve(&(true,));
    if !leases {
        all_leased();
    }
    let late = spawn(move || old.add_unsigned(1));
    let in_time = spawn({
        let table = table.clone();
        move || {
            assert!(table.remove(&(true,)));
            let new = table.resolve(&(true,));
            new.add_unsigned(100);
            new
        }
    });
    late.join().unwrap();
    assert_eq!(total(in_time.join().unwrap()), Some(100));
}

#[test]
fn who_is_late_takes_no_cells_of_a_shard_that_it_leases() {
    model(3, || late_in_a_shard(true));
}

#[test]
fn who_is_late_takes_no_cells_of_a_common_shard() {
    model(3, || late_in_a_shard(false));
}

#[test]
fn a_reader_of_a_series_finds_nothing_of_the_next() {
    model(3, || {
        let table = finite();
        let old = table.resolve(&(true,));
        old.add_unsigned(1);
        lease::end();
        let next = spawn({
            let table = table.clone();
            move || {
                assert!(table.remove(&(true,)));
                let new = table.resolve(&(true,));
                new.add_unsigned(100);
                new
            }
        });
        let reader = spawn(move || {
            let found = total(old);
            assert!(found.is_none_or(|found| found == 1), "{found:?}");
        });
        let new = next.join().unwrap();
        join([reader]);
        assert_eq!(total(new), Some(100));
    });
}

#[test]
fn a_series_made_again_is_read_from_zero_on() {
    model(2, || {
        let table = finite();
        let old = table.resolve(&(true,));
        old.add_unsigned(7);
        lease::end();
        let next = spawn({
            let table = table.clone();
            move || {
                assert!(table.remove(&(true,)));
                table.resolve(&(true,)).add_unsigned(100);
            }
        });
        let reader = spawn({
            let table = table.clone();
            move || {
                let series = table.resolve(&(true,));
                let found = total(series);
                if series.id == old.id {
                    assert!(matches!(found, None | Some(7)), "{found:?}");
                } else {
                    assert!(matches!(found, Some(0 | 100)), "{found:?}");
                }
            }
        });
        join([next, reader]);
    });
}

#[test]
fn a_reader_of_a_series_finds_nothing_of_another_with_its_slot() {
    model(3, || {
        let old = series::<Unsigned>(());
        old.add_unsigned(1);
        lease::end();
        let next = spawn(move || {
            let slot = old.line().slot.load(Relaxed);
            assert!(old.retire::<Unsigned>());
            // The line stays as it is, but for its `id`.
            let new = begin(line(), slot);
            new.add_unsigned(100);
            new
        });
        let reader = spawn(move || {
            let found = total(old);
            assert!(found.is_none_or(|found| found == 1), "{found:?}");
        });
        let new = next.join().unwrap();
        join([reader]);
        assert_eq!(total(new), Some(100));
    });
}

#[test]
fn what_a_visitor_reads_is_not_written_over() {
    model(3, || {
        let series = begin(line(), NO_SLOT);
        let text = Arc::new(UnsafeCell::new(1));
        let visitor = spawn({
            let text = text.clone();
            move || {
                // As `Table::visit`.
                let reader = SHARDS.read();
                if series.state().is_some() {
                    // SAFETY: that is what is tried; loom looks.
                    assert_eq!(text.with(|text| unsafe { *text }), 1);
                }
                drop(reader);
            }
        });
        // As `Table::remove` and `Table::line`.
        assert!(series.retire::<Unsigned>());
        if SHARDS.unread() {
            // SAFETY: as above.
            text.with_mut(|text| unsafe { *text = 2 });
        }
        visitor.join().unwrap();
    });
}

/// What a visitor finds: the labels, when the series was made, and its value, asked for in this order.
fn visited(table: &Table<Unsigned>) -> Vec<(String, u64, Option<u64>)> {
    let mut found = Vec::new();
    let _ = table.visit(Counted::ByAll, &table.order(), &mut Position::default(), |series| {
        found.push((series.labels.to_owned(), series.created(), series.read(&mut Scratch::default())));
        ControlFlow::Continue(())
    });
    found
}

#[test]
fn a_table_is_visited_while_a_series_comes_and_goes() {
    model(2, || {
        let table = finite();
        table.resolve(&(true,)).add_unsigned(1);
        let old = visited(&table)[0].1;
        lease::end();
        let changer = spawn({
            let table = table.clone();
            move || {
                assert!(table.remove(&(true,)));
                let new = table.resolve(&(true,));
                new.add_unsigned(10);
                new
            }
        });
        let visitor = spawn({
            let table = table.clone();
            move || visited(&table)
        });
        let new = changer.join().unwrap();
        let found = visitor.join().unwrap();
        assert!(found.len() <= 1, "{found:?}");
        let created = visited(&table)[0].1;
        assert_ne!(old, created);
        for (labels, at, value) in found {
            assert_eq!(labels, r#"a="true""#);
            match value {
                Some(1) => assert_eq!(at, old),
                Some(0 | 10) => assert_eq!(at, created),
                Some(_) => panic!("{value:?}"),
                None => {}
            }
        }
        assert_eq!(total(new), Some(10));
    });
}

// An index that is searched while it changes.

#[test]
fn a_series_is_found_while_its_index_grows() {
    model(2, || {
        let table = open(9);
        let stays = table.resolve(&("stays",));
        let grower = spawn({
            let table = table.clone();
            // The second series of a family makes its index grow, and so does each after it for a while.
            move || ["b", "c"].iter().for_each(|text| table.resolve(&(*text,)).add_unsigned(1))
        });
        let searcher = spawn({
            let table = table.clone();
            move || assert_eq!(table.resolve(&("stays",)).id, stays.id)
        });
        join([grower, searcher]);
        assert_eq!(total(stays), Some(0));
    });
}

#[test]
fn a_series_of_a_full_family_is_found_while_its_index_grows() {
    model(3, || {
        let table = open(1);
        let stays = table.resolve(&("stays",));
        let grower = spawn({
            let table = table.clone();
            // Past the limit, for the series that takes what is past it.
            move || table.resolve(&("b",)).add_unsigned(1)
        });
        let searcher = spawn({
            let table = table.clone();
            // Where the index is found empty, what follows is a search without the lock.
            move || assert_eq!(table.resolve(&("stays",)).id, stays.id)
        });
        join([grower, searcher]);
        assert_eq!((table.overflowed(), total(table.resolve(&("other",)))), (1, Some(1)));
    });
}

#[test]
fn a_search_without_the_lock_misses_nothing_while_the_index_grows() {
    model(3, || {
        let table = open(9);
        table.resolve(&("stays",));
        let grower = spawn({
            let table = table.clone();
            move || assert!(table.resolve(&("b",)).state().is_some())
        });
        let searcher = spawn({
            let table = table.clone();
            move || assert!(!table.misses(&("stays",)))
        });
        join([grower, searcher]);
    });
}

#[test]
fn a_search_without_the_lock_misses_nothing_while_a_gap_is_closed() {
    model(3, || {
        let table = open(9);
        // One that begins where "stays" does, and so stands before it.
        let place = |text: &str| table.hash(&(text,)) >> 60;
        let goes = ('a'..='z').map(String::from).find(|text| place(text) == place("stays")).unwrap();
        table.resolve(&(goes.as_str(),));
        table.resolve(&("stays",));
        let remover = spawn({
            let table = table.clone();
            move || assert!(table.remove(&(goes.as_str(),)))
        });
        let searcher = spawn({
            let table = table.clone();
            move || assert!(!table.misses(&("stays",)))
        });
        join([remover, searcher]);
    });
}

#[test]
fn two_that_make_the_same_series_while_its_index_grows_make_one() {
    model(2, || {
        let table = open(9);
        table.resolve(&("a",));
        let makers = [["b", "c"], ["c", "b"]].map(|texts| {
            let table = table.clone();
            spawn(move || texts.iter().for_each(|text| table.resolve(&(*text,)).add_unsigned(1)))
        });
        join(makers);
        for text in ["b", "c"] {
            assert_eq!(total(table.resolve(&(text,))), Some(2));
        }
    });
}

// A counter is given cells.

#[test]
fn a_counter_is_given_cells_while_two_threads_add() {
    model(2, || {
        let counter = begin(line(), NO_SLOT);
        // The one in its line, the other in its cells, or both in these.
        let adders = [1, 3].map(|by| spawn(move || counter.add_unsigned(by)));
        let reader = spawn(move || {
            let first = total(counter).unwrap();
            assert!(first <= total(counter).unwrap());
        });
        join(adders);
        join([reader]);
        assert_eq!(total(counter), Some(4));
        assert_ne!(counter.line().slot.load(Relaxed), NO_SLOT);
    });
}

#[test]
fn a_counter_is_given_cells_while_it_is_removed() {
    model(2, || {
        let table = finite();
        let old = table.resolve(&(true,));
        // As an open family's, it counts in its line first.
        give_back(old.line().slot.swap(NO_SLOT, Relaxed), 2);
        let late = spawn(move || old.add_unsigned(3));
        assert!(table.remove(&(true,)));
        let new = table.resolve(&(true,));
        new.add_unsigned(10);
        late.join().unwrap();
        new.add_unsigned(10);
        assert_eq!((total(old), total(new)), (None, Some(20)));
        // No slot got lost: the two that there may have been are the new one's and a free one.
        let used = new.line().slot.load(Relaxed);
        let free = take(2);
        assert!(used < 4 && free < 6 && free != used, "{used} {free}");
    });
}

// Gauges.

#[test]
fn a_gauge_is_exact_after_it_was_set() {
    model(2, || {
        let gauge = series::<SignedGauge>(());
        let mover = spawn(move || gauge.move_signed(1));
        let setter = spawn(move || gauge.set_signed(10));
        let reader = spawn(move || {
            let now = read::<SignedGauge>(gauge, ()).unwrap();
            assert!(matches!(now, 0 | 1 | 10 | 11), "{now}");
        });
        join([mover, setter, reader]);
        let now = read::<SignedGauge>(gauge, ()).unwrap();
        assert!(matches!(now, 10 | 11), "{now}");
        gauge.move_signed(5);
        assert_eq!(read::<SignedGauge>(gauge, ()), Some(now + 5));
        gauge.set_signed(-1);
        gauge.move_signed(-1);
        assert_eq!(read::<SignedGauge>(gauge, ()), Some(-2));
    });
}

#[test]
fn a_gauge_of_floats_is_moved_while_it_is_set() {
    model(2, || {
        let gauge = series::<FloatGauge>(());
        gauge.set_float(1.0);
        let movers = [0.5, 0.25].map(|by| spawn(move || gauge.move_float(by)));
        let reader = spawn(move || {
            let now = read::<FloatGauge>(gauge, ()).unwrap();
            assert!([1.0, 1.25, 1.5, 1.75].iter().any(|known| now.to_bits() == f64::to_bits(*known)), "{now}");
        });
        join(movers);
        join([reader]);
        assert_eq!(read::<FloatGauge>(gauge, ()).map(f64::to_bits), Some(1.75_f64.to_bits()));
    });
}

#[test]
fn a_gauge_that_is_being_set_is_not_removed() {
    model(2, || {
        let old = series::<SignedGauge>(());
        let setter = spawn(move || old.set_signed(5));
        let next = spawn(move || {
            assert!(old.retire::<SignedGauge>());
            // The line's next series.
            give_back(old.line().slot.swap(NO_SLOT, AcqRel), 2);
            let new = begin(old.pointer(), take(2));
            new.set_signed(7);
            assert_eq!(read::<SignedGauge>(new, ()), Some(7));
            new
        });
        let reader = spawn(move || {
            let found = read::<SignedGauge>(old, ());
            assert!(matches!(found, None | Some(0 | 5)), "{found:?}");
        });
        join([setter]);
        let new = next.join().unwrap();
        join([reader]);
        assert_eq!((read::<SignedGauge>(old, ()), read::<SignedGauge>(new, ())), (None, Some(7)));
    });
}

#[test]
fn a_gauge_is_read_while_it_is_set() {
    model(3, || {
        let gauge = series::<SignedGauge>(());
        gauge.move_signed(1);
        lease::end();
        let setter = spawn(move || {
            gauge.set_signed(10);
            // It may take the cells.
            let counter = series::<Unsigned>(());
            counter.add_unsigned(100);
        });
        let reader = spawn(move || {
            let first = read::<SignedGauge>(gauge, ()).unwrap();
            let second = read::<SignedGauge>(gauge, ()).unwrap();
            assert!(matches!((first, second), (1, 1 | 10) | (10, 10)), "{first} {second}");
        });
        join([setter, reader]);
        assert_eq!(read::<SignedGauge>(gauge, ()), Some(10));
    });
}

/// A gauge that is set gives its cells back although it stays.
fn late_in_cells_of_a_gauge(leases: bool) {
    let gauge = series::<SignedGauge>(());
    if !leases {
        all_leased();
    }
    let late = spawn(move || gauge.move_signed(1));
    let in_time = spawn(move || {
        gauge.set_signed(5);
        let counter = series::<Unsigned>(());
        counter.add_unsigned(100);
        counter
    });
    late.join().unwrap();
    assert_eq!(total(in_time.join().unwrap()), Some(100));
    assert!(matches!(read::<SignedGauge>(gauge, ()), Some(5 | 6)));
}

#[test]
fn who_is_late_with_a_gauge_takes_no_cells_of_a_shard_that_it_leases() {
    model(3, || late_in_cells_of_a_gauge(true));
}

#[test]
fn who_is_late_with_a_gauge_takes_no_cells_of_a_common_shard() {
    model(3, || late_in_cells_of_a_gauge(false));
}

#[test]
fn cells_of_a_gauge_are_given_back_when_it_has_them_no_more() {
    model(2, || {
        let gauge = series::<SignedGauge>(());
        let setter = spawn(move || gauge.set_signed(5));
        let taker = spawn(|| {
            let counter = series::<Unsigned>(());
            counter.add_unsigned(100);
            counter
        });
        let late = spawn(move || gauge.move_signed(1));
        join([setter]);
        let counter = taker.join().unwrap();
        join([late]);
        assert_eq!(total(counter), Some(100));
        assert!(matches!(read::<SignedGauge>(gauge, ()), Some(5 | 6)));
    });
}

// Common shards.

#[test]
fn threads_without_leases_lose_nothing() {
    model(2, || {
        all_leased();
        let [first, second] = [(); 2].map(|()| series::<Unsigned>(()));
        let threads = [(); 2].map(|()| {
            spawn(move || {
                first.add_unsigned(1);
                second.add_unsigned(1);
            })
        });
        first.add_unsigned(1);
        join(threads);
        second.add_unsigned(1);
        assert_eq!((total(first), total(second)), (Some(3), Some(3)));
    });
}

#[test]
fn a_common_shard_grows_while_it_is_read() {
    model(2, || {
        all_leased();
        let floats = series::<Float>(());
        let counter = series::<Unsigned>(());
        let threads = [1.0, 0.5].map(|by| {
            spawn(move || {
                floats.add_float(by);
                counter.add_unsigned(1);
            })
        });
        let reader = spawn(move || {
            let found = read::<Float>(floats, ()).unwrap();
            assert!([0.0, 0.5, 1.0, 1.5].iter().any(|known| found.to_bits() == f64::to_bits(*known)), "{found}");
        });
        join(threads);
        join([reader]);
        assert_eq!(total(counter), Some(2));
        assert_eq!(read::<Float>(floats, ()).map(f64::to_bits), Some(1.5_f64.to_bits()));
    });
}

#[test]
fn a_line_without_a_series_counts_nothing() {
    model(2, || {
        let counter = begin(line(), NO_SLOT);
        let adder = spawn(move || counter.add_unsigned(1));
        assert!(counter.retire::<Unsigned>());
        adder.join().unwrap();
        assert_eq!(counter.line().state.load(Relaxed), NOBODY << LOW);
        assert_eq!(total(counter), None);
    });
}
