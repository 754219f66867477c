//! What the workloads count and observe: made the same way in every run.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// The upper bounds that most clients have by default.
pub(crate) const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The same in microseconds, for peers whose histograms take integers.
pub(crate) const BOUNDS_MICROS: [u64; 11] =
    [5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000];

/// Splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0) % end
    }

    /// In 0..1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A method of a request: a finite label, as each client derives it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    tallymark::LabelValue,
    measured::FixedCardinalityLabel,
    prometheus_client::encoding::EncodeLabelValue,
    fastmetrics::derive::EncodeLabelValue,
    serde::Serialize,
)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// How a request ended: a finite label.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    tallymark::LabelValue,
    measured::FixedCardinalityLabel,
    prometheus_client::encoding::EncodeLabelValue,
    fastmetrics::derive::EncodeLabelValue,
    serde::Serialize,
)]
pub(crate) enum Status {
    Informed,
    Succeeded,
    Redirected,
    Refused,
    Failed,
}

impl Method {
    pub(crate) const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    pub(crate) fn as_str(self) -> &'static str {
        ["get", "post", "put", "patch", "delete"][self as usize]
    }
}

impl Status {
    pub(crate) const ALL: [Self; 5] = [Self::Informed, Self::Succeeded, Self::Redirected, Self::Refused, Self::Failed];

    pub(crate) fn as_str(self) -> &'static str {
        ["informed", "succeeded", "redirected", "refused", "failed"][self as usize]
    }
}

/// Something for each step of a walk, which then begins again. A power of two that the compiler knows, so that taking the
/// next costs nothing but the load.
pub(crate) struct Walk<T: 'static, const STEPS: usize>(&'static [T; STEPS]);

impl<T, const STEPS: usize> Clone for Walk<T, STEPS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const STEPS: usize> Copy for Walk<T, STEPS> {}

impl<T: Copy, const STEPS: usize> Walk<T, STEPS> {
    fn new(mut next: impl FnMut(usize) -> T) -> Self {
        const { assert!(STEPS.is_power_of_two(), "only then is `at` without a branch") };
        let steps: Box<[T]> = (0..STEPS).map(&mut next).collect();
        let steps: Result<Box<[T; STEPS]>, _> = steps.try_into();
        let Ok(steps) = steps else { unreachable!("there are as many") };
        Self(Box::leak(steps))
    }

    #[inline]
    pub(crate) fn at(self, step: usize) -> T {
        self.0[step & (STEPS - 1)]
    }
}

/// A walk over the 25 combinations.
pub(crate) fn requests() -> Walk<(Method, Status), { 1 << 12 }> {
    static REQUESTS: LazyLock<Walk<(Method, Status), { 1 << 12 }>> = LazyLock::new(|| {
        let mut random = Random(5);
        Walk::new(|_| (Method::ALL[random.below(5)], Status::ALL[random.below(5)]))
    });
    *REQUESTS
}

/// Durations in seconds between 1 ms and 20 s, each magnitude as frequent as any other.
pub(crate) fn latencies() -> Walk<f64, { 1 << 14 }> {
    static LATENCIES: LazyLock<Walk<f64, { 1 << 14 }>> = LazyLock::new(|| {
        let mut random = Random(7);
        Walk::new(|_| 0.001 * 20_000_f64.powf(random.unit()))
    });
    *LATENCIES
}

/// The same in microseconds.
pub(crate) fn latencies_micros() -> Walk<u64, { 1 << 14 }> {
    static MICROS: LazyLock<Walk<u64, { 1 << 14 }>> = LazyLock::new(|| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "20 s are 2 × 10^7 µs")]
        Walk::new(|step| (latencies().at(step) * 1e6) as u64)
    });
    *MICROS
}

/// Two label values: a tenant of 4 to 16 bytes and a path of 6 to 24, distinct for each number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    pub(crate) tenant: String,
    pub(crate) path: String,
}

impl Key {
    /// Writes the key of a number over this one, so that millions need no memory. Numbers share tenants and paths as
    /// they would in a program: a tenant has many paths, a path many tenants.
    pub(crate) fn set(&mut self, number: usize) {
        // A tenant for every 64 numbers; the path is one of 64, unless there are more tenants than names.
        text(&mut self.tenant, "", number / 64, 4..=16);
        text(&mut self.path, "/", number % 64, 6..=24);
    }

    pub(crate) fn of(number: usize) -> Self {
        let mut key = Self::default();
        key.set(number);
        key
    }
}

/// A text that begins with the number, so that two numbers never read alike. Middling lengths are the most frequent.
fn text(out: &mut String, prefix: &str, number: usize, lengths: RangeInclusive<usize>) {
    use std::fmt::Write;

    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz-_.eat";
    let mut random = Random(*lengths.end() as u64 ^ (number as u64) << 16);
    let half = (lengths.end() - lengths.start()) / 2 + 1;
    let length = lengths.start() + random.below(half) + random.below(half);
    out.clear();
    write!(out, "{prefix}{number:x}.").expect("writing to a string can't fail");
    let mut letters = random.next();
    while out.len() < length {
        if letters == 0 {
            letters = random.next();
        }
        out.push(char::from(LETTERS[usize::try_from(letters & 31).unwrap_or(0)]));
        letters >>= 5;
    }
}

/// Label values that live as long as the program.
pub(crate) type Pair = (&'static str, &'static str);

/// So many pairs, at addresses that have nothing to do with their order.
pub(crate) fn pairs(count: usize) -> &'static [Pair] {
    let mut order: Vec<usize> = (0..count).collect();
    shuffle(&mut order);
    let mut pairs = vec![("", ""); count];
    for number in order {
        let Key { tenant, path } = Key::of(number);
        pairs[number] = (tenant.leak(), path.leak());
    }
    pairs.leak()
}

fn shuffle<T>(items: &mut [T]) {
    let mut random = Random(3);
    for end in (1..items.len()).rev() {
        items.swap(end, random.below(end + 1));
    }
}

/// A walk over numbers of series.
pub(crate) type Numbers = Walk<u32, { 1 << 18 }>;

/// A walk over so many numbers, each as frequent as any other.
pub(crate) fn uniform(count: usize) -> Numbers {
    let mut random = Random(11);
    Walk::new(|_| u32::try_from(random.below(count)).unwrap_or(0))
}

/// A walk over so many numbers, the `n`th most frequent one `1 / n` times as frequent as the first (Zipf's law).
pub(crate) fn zipf(count: usize) -> Numbers {
    let mut weights = Vec::with_capacity(count);
    let mut total = 0.0;
    for rank in 1..=count {
        #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
        let weight = 1.0 / rank as f64;
        total += weight;
        weights.push(total);
    }
    let mut numbers: Vec<u32> = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
    shuffle(&mut numbers);
    let mut random = Random(13);
    Walk::new(|_| {
        let at = random.unit() * total;
        numbers[weights.partition_point(|&weight| weight < at).min(count - 1)]
    })
}
