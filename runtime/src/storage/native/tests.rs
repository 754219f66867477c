//! The cells of native histograms.

use std::thread;
use std::time::Duration;

use super::super::histogram::{Bounds, Buckets};
use super::super::table::Table;
use super::layout::Bucket;
use super::*;
use crate::label::Rendering;
use crate::native::bound;

/// A family of one series.
fn histogram(options: NativeOptions) -> (Table<Buckets>, Series) {
    let rendering = Rendering::new(std::iter::empty(), ["a"].into_iter());
    let table = Table::new::<(bool,)>(Bounds::of_native(&[], Some(options)), rendering, 2, false);
    let series = table.resolve(&(true,));
    (table, series)
}

fn buckets(table: &Table<Buckets>, series: Series) -> NativeBuckets {
    let mut scratch = Scratch::default();
    Table::<Buckets>::read(series, table.shape(), &mut scratch).expect("it stays");
    let native = &scratch.native;
    let counts = native.positive.iter().chain(&native.negative).map(|(_, count)| count);
    assert_eq!(*scratch.counts, [native.zero_count + counts.sum::<u64>()]);
    scratch.native
}

/// The powers of two, which would all have the same place if it were the index alone.
#[test]
fn powers_of_two_have_places_of_their_own() {
    let homes: Vec<u32> =
        (-30..30).map(|power| Bucket { index: power << FINEST, negative: false }.home(128) % 256).collect();
    let mut apart = homes.clone();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(apart.len(), homes.len());
}

#[test]
fn a_bucket_is_what_its_key_says() {
    for index in [i32::MIN, -275_000, -1, 0, 1, 262_145, i32::MAX] {
        for negative in [false, true] {
            let bucket = Bucket { index, negative };
            assert_ne!(bucket.key(), 0);
            assert_eq!(Bucket::of_key(bucket.key()), Some(bucket));
        }
    }
    assert_eq!(Bucket::of_key(0), None);
}

#[test]
fn a_table_has_room_for_all_buckets_that_there_may_be() {
    let options = NativeOptions::new().factor(65_536.0).zero_threshold(0.0).max_buckets(1).min_reset(Duration::ZERO);
    let (table, series) = histogram(options);
    let mut expected = 0;
    for index in -67..=65 {
        for sign in [1.0, -1.0] {
            let value = bound(index, -4);
            if value > 0.0 {
                series.observe(table.shape(), sign * value);
                expected += 1;
            }
        }
    }
    let found = buckets(&table, series);
    // More than may be, since they can't be coarser.
    assert_eq!((found.schema, found.populated()), (-4, expected));
    assert!(found.positive.iter().chain(&found.negative).all(|(_, count)| *count == 1), "{found:?}");
}

#[test]
fn threads_that_come_later_find_what_others_have_laid_out() {
    let (table, series) = histogram(NativeOptions::new().factor(1.003).max_buckets(4).min_reset(Duration::ZERO));
    let values = [1.0, 1.01, 1.1, 1.5, 2.0, 3.0, 4.0, 9.0];
    let each = if cfg!(miri) { 2 } else { 50 };
    thread::scope(|scope| {
        for thread in 0..3 {
            let table = &table;
            scope.spawn(move || {
                for turn in 0..each * values.len() {
                    series.observe(table.shape(), values[(turn + 3 * thread) % values.len()]);
                }
            });
        }
        for _ in 0..each {
            assert!(buckets(&table, series).populated() <= 4);
        }
    });
    let found = buckets(&table, series);
    let count: u64 = found.positive.iter().map(|(_, count)| count).sum();
    assert_eq!(count, 3 * (each * values.len()) as u64);
    // Of (1/4, 1/2] to (8, 16], four have something: up to 1, 2, 4 and 16.
    assert_eq!((found.schema, found.positive.len()), (0, 4));
}

#[test]
fn a_histogram_begins_anew_as_if_it_had_just_been_made() {
    let (table, series) = histogram(NativeOptions::new().max_buckets(2).min_reset(Duration::from_nanos(1)));
    assert_eq!(begun_anew(series), None);
    for value in [1.0, 2.0, 2.0, -0.1] {
        series.observe(table.shape(), value);
    }
    let anew = begun_anew(series).expect("there were three buckets");
    let found = buckets(&table, series);
    assert_eq!((found.schema, found.populated()), (3, 1));
    assert_eq!(found.negative, [(index_of(0.1), 1)]);
    // Another thread still has cells of before, or none.
    thread::scope(|scope| scope.spawn(|| series.observe(table.shape(), 2.0)).join()).expect("nobody panics");
    assert_eq!(buckets(&table, series).positive, [(8, 1)]);
    assert_eq!(begun_anew(series), Some(anew));
}

#[test]
fn it_begins_anew_as_often_as_there_are_epochs_and_becomes_coarser_from_then_on() {
    let (table, series) = histogram(NativeOptions::new().max_buckets(1).min_reset(Duration::from_nanos(1)));
    series.observe(table.shape(), 1.5);
    let last = series.id << LOW | LOW_MASK;
    series.line().state.store(last, Relaxed);
    series.observe(table.shape(), 1.5);
    series.observe(table.shape(), 3.0);
    let found = buckets(&table, series);
    assert_eq!(series.line().state.load(Relaxed), last);
    assert_eq!((found.populated(), found.positive[0].1), (1, 2));
    assert_eq!(found.schema, -1);
}

#[test]
fn what_is_refused_stays_when_a_histogram_begins_anew() {
    let (table, series) = histogram(NativeOptions::new().max_buckets(1).min_reset(Duration::from_nanos(1)));
    series.refuse_observation(table.shape());
    for value in [1.0, 2.0, 4.0] {
        series.observe(table.shape(), value);
    }
    assert_eq!(table.refused(), 1);
}

#[test]
fn a_series_that_is_made_again_has_no_buckets_and_a_layout_of_its_own() {
    let (table, old) = histogram(NativeOptions::new().max_buckets(1).min_reset(Duration::ZERO));
    old.observe(table.shape(), 1.0);
    old.observe(table.shape(), 4.0);
    assert!(buckets(&table, old).schema < 3);
    assert!(table.remove(&(true,)));
    forget_layout(old);
    let new = table.resolve(&(true,));
    old.observe(table.shape(), 1.0);
    let found = buckets(&table, new);
    assert_eq!((found.schema, found.populated()), (3, 0));
    new.observe(table.shape(), 4.0);
    old.observe(table.shape(), 1.0);
    assert_eq!(buckets(&table, new).positive, [(16, 1)]);
}

fn index_of(value: f64) -> i32 {
    crate::native::index(value, 3)
}
