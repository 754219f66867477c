//! Instants.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An instant, in seconds and nanoseconds since the Unix epoch: as exact as any format has it.
///
/// ```
/// use tallymark::Timestamp;
///
/// let at = Timestamp::from_millis(1_520_879_607_789);
/// assert_eq!((at.seconds(), at.nanos()), (1_520_879_607, 789_000_000));
/// assert!(Timestamp::from(std::time::SystemTime::now()) > at);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    /// Behind that; always below a second, also before the epoch.
    nanos: u32,
}

const NANOS: u32 = 1_000_000_000;

impl Timestamp {
    /// The instant so many seconds, and nanoseconds more, after the epoch; none where the nanoseconds make a second.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32) -> Option<Self> {
        if nanos < NANOS { Some(Self { seconds, nanos }) } else { None }
    }

    /// The instant so many milliseconds after the epoch.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of 1,000 is below 1,000")]
    pub const fn from_millis(millis: i64) -> Self {
        Self { seconds: millis.div_euclid(1000), nanos: millis.rem_euclid(1000) as u32 * 1_000_000 }
    }

    /// Now, as the system's clock has it.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds behind the whole seconds.
    #[must_use]
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// Milliseconds since the epoch, rounded down; the first or the last that an `i64` holds where it holds no more.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        let millis = i128::from(self.seconds) * 1000 + i128::from(self.nanos / 1_000_000);
        i64::try_from(millis).unwrap_or(if millis < 0 { i64::MIN } else { i64::MAX })
    }

    /// Seconds since the epoch. For times of today the last digit is about a quarter of a microsecond.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the documented loss")]
    pub fn as_secs_f64(self) -> f64 {
        self.seconds as f64 + f64::from(self.nanos) / f64::from(NANOS)
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self { seconds: seconds(after), nanos: after.subsec_nanos() },
            Err(error) => {
                let before = error.duration();
                match before.subsec_nanos() {
                    0 => Self { seconds: -seconds(before), nanos: 0 },
                    nanos => Self { seconds: -seconds(before) - 1, nanos: NANOS - nanos },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_before_the_epoch_are_rounded_down_too() {
        let half_before = Timestamp::from(UNIX_EPOCH - Duration::from_millis(500));
        assert_eq!((half_before.seconds(), half_before.nanos()), (-1, 500_000_000));
        assert_eq!(half_before, Timestamp::from_millis(-500));
        assert_eq!(half_before.as_millis(), -500);
        assert!((half_before.as_secs_f64() + 0.5).abs() < f64::EPSILON);
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(2)), Timestamp::from_millis(-2000));
        assert_eq!(Timestamp::new(0, NANOS), None);
        assert_eq!(Timestamp::from_millis(i64::MIN).as_millis(), i64::MIN);
    }
}
