//! Numbers that look random and are the same in every run.

/// Marsaglia's xorshift32 (Journal of Statistical Software 8/14, 2003).
#[derive(Debug)]
pub(crate) struct Random(u32);

impl Random {
    pub(crate) fn new(seed: u32) -> Self {
        // The state must not be 0, and near seeds must not begin alike.
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    /// A number from 0 up to but not including `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.next() as usize % all.len()]
    }

    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}
