//! The clock of timers.
//!
//! It is the processor's time stamp counter where the kernel keeps its own time by it, which it does as long as the
//! counter runs at one speed and is the same on every core: on Linux, on x86-64, where
//! `/sys/devices/system/clocksource/clocksource0/current_clocksource` reads `tsc`. Everywhere else it is [`Instant`],
//! which on other systems and processors reads such a counter itself, or is all there is.
//!
//! The counter is read by way of fast-clock, and held against the monotonic clock when it is first asked to. No call waits
//! for that: a thread of its own takes both clocks at once, sleeps and takes them again, twice, and until it is done
//! readings are `Instant`s. They stay so where the two times disagree, as after a machine that was stopped meanwhile.
//! quanta holds the clocks against each other for half a millisecond, which it spins, and takes four crates and 2.5 seconds
//! of CPU time in each clean build; fastant and minstant do so before `main`, for 20 milliseconds of every program, and
//! where there is no counter they take the time of day, which can be set back.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::counter::Counter;

/// A reading of the clock. What has passed since is measured by the clock that gave it, and is never negative.
#[derive(Clone, Copy, Debug)]
pub struct Reading(Source);

#[derive(Clone, Copy, Debug)]
enum Source {
    Counter(u64),
    System(Instant),
}

impl Reading {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(match Counter::calibrated() {
            Some(counter) => Source::Counter(counter.ticks()),
            None => Source::System(system_time()),
        })
    }

    /// How many seconds have passed since.
    #[inline]
    pub(crate) fn seconds(self) -> f64 {
        match self.0 {
            // A thread that is moved to another core may read less there than it did before, by what the kernel puts up
            // with.
            Source::Counter(started) => {
                Counter::calibrated().map_or(0.0, |counter| counter.seconds(counter.ticks().saturating_sub(started)))
            }
            Source::System(started) => started.elapsed().as_secs_f64(),
        }
    }

    /// How long ago it was.
    pub(crate) fn elapsed(self) -> Duration {
        match self.0 {
            Source::Counter(_) => Duration::try_from_secs_f64(self.seconds()).unwrap_or_default(),
            Source::System(started) => started.elapsed(),
        }
    }
}

/// The time of day, in nanoseconds since the Unix epoch; 0 where the system's clock stands before that or, in the year
/// 2554, beyond what a `u64` holds. It allocates nothing and begins nothing.
///
/// It is read where a series is made, which takes so much longer that a cheaper clock would save a twentieth, and would
/// have to be held against this one again and again, since the two drift apart.
pub(crate) fn since_epoch() -> u64 {
    if cfg!(miri) {
        // It has no time of day; what it does has an order all the same.
        static NEXT: AtomicU64 = AtomicU64::new(1_000_000_000);
        return NEXT.fetch_add(1, Relaxed);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or_default()
}

/// Of the system's clock: where there is no counter, or none yet.
#[cold]
fn system_time() -> Instant {
    calibrate();
    Instant::now()
}

/// Begins to calibrate the counter, unless that has begun before or there is none that can be trusted.
#[inline]
pub(crate) fn calibrate() {
    counter::calibrate();
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
mod counter {
    use std::fs;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::thread;
    use std::time::{Duration, Instant};

    use fast_clock::std_clocks::InstantClock;
    use fast_clock::tsc::Tsc;
    use fast_clock::{CalibratedClock, Clock, ClockSynchronization};

    /// For how long the two clocks are held against each other, twice: each is taken to some ten nanoseconds, so what is
    /// measured is off by less than a millionth.
    const HELD: Duration = Duration::from_millis(50);

    /// By how much the two may differ, as a part of either. Where a machine is busy, more may pass between taking one
    /// clock and taking the other.
    const AGREE: f64 = 0.001;

    /// How often it is tried.
    const ATTEMPTS: usize = 5;

    static CALIBRATED: OnceLock<Counter> = OnceLock::new();

    static BEGUN: AtomicBool = AtomicBool::new(false);

    /// The time stamp counter, and how fast it runs.
    #[derive(Debug)]
    pub(super) struct Counter {
        clock: Tsc,
        seconds_per_tick: f64,
    }

    impl Counter {
        #[inline]
        pub(super) fn calibrated() -> Option<&'static Self> {
            CALIBRATED.get()
        }

        #[inline]
        pub(super) fn ticks(&self) -> u64 {
            self.clock.now().to_ticks()
        }

        #[inline]
        #[expect(clippy::cast_precision_loss, reason = "past 2^53 ticks, a month or so, some ticks are lost")]
        pub(super) fn seconds(&self, ticks: u64) -> f64 {
            ticks as f64 * self.seconds_per_tick
        }

        fn calibrate(clock: Tsc) -> Option<Self> {
            (0..ATTEMPTS).find_map(|_| {
                let first = taken(clock);
                let [second, third] = [0; 2].map(|_| {
                    thread::sleep(HELD);
                    taken(clock)
                });
                let [once, again] = [rate(first, second)?, rate(second, third)?];
                let seconds_per_tick = rate(first, third)?;
                ((once - again).abs() <= AGREE * seconds_per_tick).then_some(Self { clock, seconds_per_tick })
            })
        }
    }

    /// Both clocks at one instant.
    fn taken(clock: Tsc) -> (Instant, u64) {
        let both = ClockSynchronization::new_aba_calibrated(&CalibratedClock::inherent(InstantClock), &clock);
        (both.epoch_a(), both.epoch_b().to_ticks())
    }

    /// Seconds a tick; none where a clock stood or went back.
    #[expect(clippy::cast_precision_loss, reason = "a second has fewer ticks than 2^53")]
    fn rate(from: (Instant, u64), to: (Instant, u64)) -> Option<f64> {
        let ticks = to.1.checked_sub(from.1).filter(|&ticks| ticks > 0)?;
        let seconds = to.0.checked_duration_since(from.0)?.as_secs_f64();
        (seconds > 0.0).then_some(seconds / ticks as f64)
    }

    pub(super) fn calibrate() {
        // The plain load spares the readings where there is no counter the cost of the other.
        if BEGUN.load(Relaxed) || BEGUN.swap(true, Relaxed) {
            return;
        }
        let thread = thread::Builder::new().name(String::from("tallymark-clock"));
        let begun = thread.spawn(|| {
            if let Some(counter) = trusted().and_then(Counter::calibrate) {
                CALIBRATED.get_or_init(|| counter);
            }
        });
        // Where the system gives no thread, there is still the system's clock.
        drop(begun);
    }

    /// The counter, where the kernel keeps time by it.
    fn trusted() -> Option<Tsc> {
        if is_trusted() { Tsc::try_new_linux_sys().ok() } else { None }
    }

    pub(super) fn is_trusted() -> bool {
        fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource")
            .is_ok_and(|source| source.trim_end() == "tsc")
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64", not(miri))))]
mod counter {
    /// There is none.
    #[derive(Debug)]
    pub(super) enum Counter {}

    impl Counter {
        #[inline]
        pub(super) fn calibrated() -> Option<&'static Self> {
            None
        }

        #[inline]
        pub(super) fn ticks(&self) -> u64 {
            match *self {}
        }

        #[inline]
        pub(super) fn seconds(&self, _: u64) -> f64 {
            match *self {}
        }
    }

    #[inline]
    pub(super) fn calibrate() {}

    #[cfg(test)]
    pub(super) fn is_trusted() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// A reading by the counter, where there is one.
    fn calibrated() -> Reading {
        calibrate();
        while counter::is_trusted() && Counter::calibrated().is_none() {
            thread::yield_now();
        }
        Reading::now()
    }

    /// Holds two readings that stand around a third, and what each says has passed, against each other.
    fn agrees_with_the_system(read: impl FnOnce() -> Reading) {
        let before = Instant::now();
        let reading = read();
        let after = Instant::now();
        while after.elapsed() < Duration::from_millis(5) {
            thread::yield_now();
        }
        let least = after.elapsed();
        let (seconds, elapsed) = (reading.seconds(), reading.elapsed());
        let most = before.elapsed();
        // The counter is calibrated to far less than a hundredth.
        let (least, most) = (least.mul_f64(0.99), most.mul_f64(1.01));
        assert!((least.as_secs_f64()..=most.as_secs_f64()).contains(&seconds), "{seconds} s of {least:?} to {most:?}");
        assert!((least..=most).contains(&elapsed), "{elapsed:?} of {least:?} to {most:?}");
    }

    #[test]
    fn the_counter_agrees_with_the_systems_clock() {
        agrees_with_the_system(calibrated);
    }

    #[test]
    fn a_reading_from_before_the_counter_is_calibrated_measures_by_the_clock_that_gave_it() {
        agrees_with_the_system(|| {
            let reading = Reading(Source::System(Instant::now()));
            calibrated();
            reading
        });
    }

    #[test]
    fn a_counter_that_goes_back_has_not_moved() {
        calibrated();
        let reading = Reading(Source::Counter(u64::MAX));
        assert!(reading.seconds() == 0.0 && reading.elapsed() == Duration::ZERO);
    }

    #[test]
    fn the_counter_is_read_where_the_kernel_keeps_time_by_it() {
        assert_eq!(matches!(calibrated().0, Source::Counter(_)), counter::is_trusted());
    }
}
