#![allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "counts are whole numbers below 2^53")]

mod streams;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use self::streams::Stream;
use super::ages::Ages;
use super::sketch::Sketch;
use super::*;
use crate::quantiles::DEFAULT;

/// A figure, smaller where the program is slow.
const fn figure(full: u32) -> u32 {
    if cfg!(debug_assertions) { full.div_ceil(100) } else { full }
}

fn targets(targets: &[(f64, f64)]) -> Targets {
    Targets::new(targets).unwrap()
}

/// A sketch of values that came in batches of this size.
fn sketch(targets: &Targets, values: &[f64], batch: usize) -> Sketch {
    sketch_and_most(targets, values, batch).0
}

/// The same, and how many tuples it had at most.
fn sketch_and_most(targets: &Targets, values: &[f64], batch: usize) -> (Sketch, usize) {
    let (mut sketch, mut sorted, mut scratch, mut most) = (Sketch::default(), Vec::new(), Vec::new(), 0);
    for values in values.chunks(batch) {
        sorted.clear();
        sorted.extend_from_slice(values);
        sort(&mut sorted);
        sketch.add(targets, &sorted, &mut scratch);
        most = most.max(sketch.len());
    }
    (sketch, most)
}

/// The first answer that isn't what the sketch promises, and why.
fn broken(asked: &[(f64, f64)], values: &[f64], answers: &[(f64, f64)]) -> Option<String> {
    assert_eq!(asked.len(), answers.len());
    let count = values.len() as f64;
    // Of the sums and products of floats.
    let slack = 1e-9 * count.max(1.0);
    asked.iter().zip(answers).find_map(|(&(quantile, error), &(named, answer))| {
        assert_eq!(quantile, named);
        let least = values.iter().filter(|value| **value < answer).count() as f64 + 1.0;
        let most = values.iter().filter(|value| **value <= answer).count() as f64;
        let rank = quantile * count;
        let off = (least - rank).max(rank - most).max(0.0);
        let next_below = (rank + error * count + slack).floor().max(1.0);
        let has_a_value = (next_below - rank).abs() <= error * count + slack;
        let kept = most >= least
            && (off <= error * count + slack || !has_a_value && (least..=most).contains(&next_below))
            && (quantile > 0.0 || least == 1.0)
            && (quantile < 1.0 || most == count);
        let text = || format!("{quantile} ± {error} of {count}: {answer}, which has ranks {least} to {most}");
        (!kept).then(text)
    })
}

fn answers(sketch: &Sketch, targets: &Targets) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    sketch.read(targets, &mut out);
    out
}

/// Targets of any number and nearness.
fn any_targets() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let quantile = prop_oneof![
        6 => 0.0..=1.0,
        2 => (0.5_f64..10.0).prop_map(|nines| 1.0 - 0.5_f64.powf(nines)),
        1 => (0.0..0.01).prop_map(|near| 0.7 + near),
        1 => Just(0.0),
        1 => Just(1.0),
    ];
    let error = (0.3_f64..4.0).prop_map(|digits| 0.1_f64.powf(digits));
    let random = vec((quantile, error), 1..8).prop_map(|mut targets: Vec<(f64, f64)>| {
        targets.sort_by(|a, b| a.0.total_cmp(&b.0));
        targets.dedup_by_key(|target| target.0);
        targets
    });
    prop_oneof![1 => Just(DEFAULT.to_vec()), 4 => random]
}

/// Counts of all magnitudes.
fn counts() -> impl Strategy<Value = u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut off")]
    let count = |digits: f64| 10_f64.powf(digits) as u32;
    let most = if cfg!(debug_assertions) { 4.3 } else { 5.3 };
    (0.0..most).prop_map(count)
}

proptest! {
    #[test]
    fn every_rank_is_within_its_error(
        asked in any_targets(),
        stream in select(&Stream::ALL[..]),
        count in counts(),
        batch in 1_usize..600,
    ) {
        let targets = targets(&asked);
        let values = stream.values(count);
        let sketch = sketch(&targets, &values, batch);
        prop_assert_eq!(sketch.count(), u64::from(count));
        prop_assert_eq!(broken(&asked, &values, &answers(&sketch, &targets)), None);
    }

    /// As no generator of streams would have it.
    #[test]
    fn every_rank_of_pieces_of_streams_is_within_its_error(
        asked in any_targets(),
        pieces in vec((select(&Stream::ALL[..]), 1_u32..1000, -1e3..1e3, -10.0..10.0), 1..20),
        batch in 1_usize..300,
    ) {
        let targets = targets(&asked);
        let moved = |(stream, count, by, times): (Stream, u32, f64, f64)| {
            stream.values(count).into_iter().map(move |value| value * times + by).filter(|value| !value.is_nan())
        };
        let values: Vec<f64> = pieces.into_iter().flat_map(moved).collect();
        let answers = answers(&sketch(&targets, &values, batch), &targets);
        prop_assert_eq!(broken(&asked, &values, &answers), None);
    }

    #[test]
    fn few_values_are_known_as_well_as_can_be(
        asked in any_targets(),
        values in vec(select(vec![f64::NEG_INFINITY, -1.0, -0.0, 0.0, 1e-300, 2.5, 3.0, f64::INFINITY]), 1..40),
    ) {
        let quantiles = Quantiles::new(&targets(&asked), None);
        for end in 1..=values.len() {
            quantiles.observe(values[end - 1]);
            let mut answers = Vec::new();
            quantiles.read(&mut answers);
            prop_assert_eq!(broken(&asked, &values[..end], &answers), None);
        }
    }
}

#[test]
fn the_values_of_aioprometheus_come_out() {
    let quantiles = Quantiles::new(&targets(DEFAULT), None);
    for value in [3.0, 5.2, 13.0, 4.0] {
        quantiles.observe(value);
    }
    let mut out = Vec::new();
    quantiles.read(&mut out);
    assert_eq!(out, [(0.5, 4.0), (0.9, 5.2), (0.99, 5.2)]);
}

#[test]
fn a_broken_promise_is_found() {
    let values: Vec<f64> = (1..=1000).map(f64::from).collect();
    assert_eq!(broken(&[(0.5, 0.01)], &values, &[(0.5, 490.0)]), None);
    for wrong in [489.0, 511.0, 500.5, f64::NAN] {
        assert!(broken(&[(0.5, 0.01)], &values, &[(0.5, wrong)]).is_some(), "{wrong}");
    }
    assert!(broken(&[(0.0, 0.5)], &values, &[(0.0, 2.0)]).is_some());
    assert!(broken(&[(1.0, 0.5)], &values, &[(1.0, 999.0)]).is_some());
}

/// Ten million values in a release build. How much is kept at most is only known from here.
#[test]
fn long_streams_keep_the_promise_in_little_memory() {
    const MEDIAN: &[(f64, f64)] = &[(0.5, 0.001)];
    for stream in Stream::ALL {
        let values = stream.values(figure(10_000_000));
        for (asked, bound) in [(DEFAULT, 5000), (MEDIAN, 8000)] {
            let targets = targets(asked);
            let (sketch, most) = sketch_and_most(&targets, &values, BATCH);
            println!("{stream:?} {asked:?}: {most} tuples at most, {} in the end", sketch.len());
            assert_eq!(broken(asked, &values, &answers(&sketch, &targets)), None, "{stream:?}");
            assert!(most <= bound, "{stream:?} {asked:?}: {most} tuples");
        }
    }
}

#[test]
fn streams_as_they_come_keep_less_than_a_hundred_tuples() {
    let targets = targets(DEFAULT);
    let usual = [Stream::Random, Stream::Sorted, Stream::Reversed, Stream::TwoHumps, Stream::HeavyTail];
    for stream in usual {
        let most = sketch_and_most(&targets, &stream.values(figure(1_000_000)), BATCH).1;
        assert!(most < 100, "{stream:?}: {most} tuples");
    }
}

#[test]
fn threads_that_observe_at_once_lose_nothing() {
    const THREADS: u32 = 4;
    let each = figure(2_000_000);
    let targets = targets(DEFAULT);
    let quantiles = Quantiles::new(&targets, None);
    let values = Stream::Random.values(THREADS * each);
    let begin = Barrier::new(THREADS as usize + 1);
    thread::scope(|scope| {
        let (quantiles, begin) = (&quantiles, &begin);
        let writers: Vec<_> = values
            .chunks(each as usize)
            .map(|values| {
                scope.spawn(move || {
                    begin.wait();
                    for value in values {
                        quantiles.observe(*value);
                    }
                })
            })
            .collect();
        begin.wait();
        let mut out = Vec::new();
        while !writers.iter().all(thread::ScopedJoinHandle::is_finished) {
            out.clear();
            quantiles.read(&mut out);
            assert_eq!(out.len(), 3);
        }
    });
    let mut out = Vec::new();
    quantiles.read(&mut out);
    assert_eq!(lock(&quantiles.ages).oldest().unwrap().count(), u64::from(THREADS * each));
    assert_eq!(broken(DEFAULT, &values, &out), None);
}

#[test]
fn a_read_waits_for_what_another_has_taken_out_of_the_buffers() {
    let quantiles = Quantiles::new(&targets(DEFAULT), None);
    quantiles.observe(1.0);
    thread::scope(|scope| {
        let ages = lock(&quantiles.ages);
        let read = || {
            let mut out = Vec::new();
            quantiles.read(&mut out);
            out
        };
        let first = scope.spawn(read);
        while !quantiles.stripes.take().values.is_empty() {
            thread::yield_now();
        }
        assert!(quantiles.reading.try_lock().is_err(), "another read would miss the value");
        let second = scope.spawn(read);
        drop(ages);
        for read in [first, second] {
            assert_eq!(read.join().unwrap()[0], (0.5, 1.0));
        }
    });
}

#[test]
fn a_series_of_one_thread_has_one_buffer() {
    let quantiles = Quantiles::new(&targets(DEFAULT), None);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..1000).for_each(|value| quantiles.observe(f64::from(value)))).join().unwrap();
        }
    });
    assert_eq!(quantiles.stripes.drain().count(), 1);
}

#[test]
fn threads_that_meet_take_other_buffers_up_to_a_bound() {
    let stripes = Stripes::new();
    let mut taken: Vec<_> = (0..stripes::most()).map(|_| stripes.take()).collect();
    for buffer in &mut taken {
        buffer.values.push(1.0);
    }
    drop(taken);
    assert_eq!(stripes.drain().filter(|buffer| buffer.values == [1.0]).count(), stripes::most());
}

#[test]
fn a_panic_elsewhere_poisons_nothing() {
    let quantiles = Quantiles::new(&targets(DEFAULT), None);
    thread::scope(|scope| {
        let locks = scope.spawn(|| {
            let _held = (quantiles.stripes.take(), lock(&quantiles.ages), lock(&quantiles.reading));
            panic!("on purpose");
        });
        assert!(locks.join().is_err());
    });
    let mut out = Vec::new();
    quantiles.observe(1.0);
    quantiles.read(&mut out);
    assert_eq!(out, [(0.5, 1.0), (0.9, 1.0), (0.99, 1.0)]);
}

/// A window of ten minutes in five ages, and what has come by now.
struct Windowed(Quantiles);

impl Windowed {
    fn new() -> Self {
        Self(Quantiles::new(&targets(&[(0.0, 0.1), (1.0, 0.1)]), Some(Window::DEFAULT)))
    }

    fn observe(&self, seconds: u32, value: f64) {
        self.0.observe_in(value, Window::DEFAULT.age(f64::from(seconds)));
    }

    /// The least and the greatest value.
    fn read(&self, seconds: u32) -> (f64, f64) {
        let mut out = Vec::new();
        self.0.read_in(Window::DEFAULT.age(f64::from(seconds)), &mut out);
        (out[0].1, out[1].1)
    }
}

#[test]
fn a_window_has_what_came_in_it() {
    let window = Windowed::new();
    for second in 0..3000 {
        window.observe(second, f64::from(second));
        let (least, greatest) = window.read(second);
        assert_eq!(greatest, f64::from(second));
        // Ten minutes, but for up to two.
        let since = f64::from((second / 120).saturating_sub(4) * 120);
        assert_eq!(least, since, "at {second} s");
    }
}

#[test]
fn a_window_forgets_what_only_waited_in_a_buffer() {
    let window = Windowed::new();
    window.observe(10, 1.0);
    assert_eq!(window.read(599), (1.0, 1.0));
    let (least, greatest) = window.read(600);
    assert!(least.is_nan() && greatest.is_nan());
    // What comes in another age doesn't take the earlier value along.
    window.observe(601, 2.0);
    window.observe(730, 3.0);
    assert_eq!(window.read(1199), (2.0, 3.0));
    assert_eq!(window.read(1200), (3.0, 3.0));
}

#[test]
fn an_age_that_nobody_saw_costs_nothing() {
    let window = Windowed::new();
    window.observe(0, 1.0);
    // As many ages as there are seconds in a century: one step each would take a minute.
    let mut ages = lock(&window.0.ages);
    ages.advance(100 * 365 * 86_400);
    ages.advance(u64::MAX / 2);
    drop(ages);
    assert!(window.read(1).0.is_nan());
}

#[test]
fn values_that_come_late_are_of_their_own_age() {
    let targets = targets(&[(0.5, 0.1)]);
    let mut ages = Ages::new(2);
    ages.advance(3);
    ages.add(&targets, &[1.0], 2);
    assert_eq!(ages.oldest().unwrap().count(), 1);
    // What is read now began with the age 3.
    ages.advance(4);
    assert_eq!(ages.oldest().unwrap().count(), 0);
    // The age 1 is over.
    ages.add(&targets, &[1.0], 1);
    assert_eq!(ages.oldest().unwrap().count(), 0);
}

#[test]
fn a_window_reads_the_clock_by_itself() {
    let long = Window { max_age: Duration::from_hours(1), age_buckets: 1 };
    let quantiles = Quantiles::new(&targets(DEFAULT), Some(long));
    quantiles.observe(1.0);
    let mut out = Vec::new();
    quantiles.read(&mut out);
    assert_eq!(out[0], (0.5, 1.0));

    let short = Window { max_age: Duration::from_nanos(1), age_buckets: 5 };
    let quantiles = Quantiles::new(&targets(DEFAULT), Some(short));
    quantiles.observe(1.0);
    // The clock moves on by itself.
    loop {
        out.clear();
        quantiles.read(&mut out);
        if out.iter().all(|(_, value)| value.is_nan()) {
            break;
        }
    }
}

#[test]
fn windows_have_a_length_and_ages() {
    assert_eq!(Window::DEFAULT.fault(), None);
    assert!(Window { max_age: Duration::ZERO, ..Window::DEFAULT }.fault().is_some());
    assert!(Window { age_buckets: 0, ..Window::DEFAULT }.fault().is_some());
}

#[test]
fn nothing_observed_has_no_quantiles() {
    for window in [None, Some(Window::DEFAULT)] {
        let quantiles = Quantiles::new(&targets(DEFAULT), window);
        let mut out = Vec::new();
        quantiles.read(&mut out);
        assert!(out.len() == 3 && out.iter().all(|(_, value)| value.is_nan()), "{out:?}");
    }
}
