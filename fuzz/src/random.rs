//! Numbers that are no part of the input.

/// Numbers that depend on the input alone, so that it needn't hold any beside the page.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Those of an input.
    #[must_use]
    pub fn of(input: &[u8]) -> Self {
        // FNV-1a.
        let hash = input
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        Self(hash)
    }

    /// Others.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        self.byte();
        Self(self.0)
    }

    /// The next.
    pub fn byte(&mut self) -> u8 {
        // Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 56) as u8
    }
}
