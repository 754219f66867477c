//! Streams that are hard on sketches.

/// A kind of stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stream {
    Random,
    Sorted,
    Reversed,
    Constant,
    FewValues,
    TwoHumps,
    HeavyTail,
    /// By turns from below and from above, ever nearer to the middle, so that what is in it is never known well.
    ClosingIn,
    /// By turns below and above all that came before.
    SpreadingOut,
    /// The least and the greatest value, then the others in their order: what breaks CKMS.
    ExtremesFirst,
    /// The same, but the others fall.
    ExtremesFirstFalling,
    /// Sorted, over and over, in the gaps that the last time left.
    SortedBlocks,
    /// A saw that drifts upwards, so that every place is visited for long, and then never again.
    DriftingSaw,
    /// Sorted, but for values from below that come in between, which raise all other ranks.
    Sinking,
    /// A few steps up, a few down.
    Zigzag,
    Infinities,
}

impl Stream {
    pub(super) const ALL: [Self; 16] = [
        Self::Random,
        Self::Sorted,
        Self::Reversed,
        Self::Constant,
        Self::FewValues,
        Self::TwoHumps,
        Self::HeavyTail,
        Self::ClosingIn,
        Self::SpreadingOut,
        Self::ExtremesFirst,
        Self::ExtremesFirstFalling,
        Self::SortedBlocks,
        Self::DriftingSaw,
        Self::Sinking,
        Self::Zigzag,
        Self::Infinities,
    ];

    /// So many values.
    pub(super) fn values(self, count: u32) -> Vec<f64> {
        let mut random = Random(u64::from(count));
        let last = count.saturating_sub(1);
        (0..count).map(|at| self.value(at, last, &mut random)).collect()
    }

    fn value(self, at: u32, last: u32, random: &mut Random) -> f64 {
        let by_turns = |value: u32| if at.is_multiple_of(2) { f64::from(value) } else { -f64::from(value) };
        match self {
            Self::Random => random.unit(),
            Self::Sorted => f64::from(at),
            Self::Reversed => -f64::from(at),
            Self::Constant => 0.25,
            Self::FewValues => (random.unit() * 5.0).floor(),
            Self::TwoHumps => random.unit() + if random.unit() < 0.7 { 1.0 } else { 100.0 },
            Self::HeavyTail => (1.0 - random.unit()).powf(-1.5),
            Self::ClosingIn => by_turns(last - at),
            Self::SpreadingOut => by_turns(at),
            Self::ExtremesFirst => f64::from(match at {
                0 => 0,
                1 => last,
                at => at - 1,
            }),
            Self::ExtremesFirstFalling => f64::from(match at {
                0 => 0,
                1 => last,
                at => last + 1 - at,
            }),
            Self::SortedBlocks => f64::from(at % 1000) + f64::from(at / 1000) / f64::from(last + 1),
            Self::DriftingSaw => f64::from(at % 1000) + f64::from(at / 1000),
            Self::Sinking => {
                if at.is_multiple_of(3) {
                    f64::from(at)
                } else {
                    -random.unit()
                }
            }
            Self::Zigzag => {
                f64::from(at / 10)
                    + if (at / 5).is_multiple_of(2) { f64::from(at % 5) } else { 9.0 - f64::from(at % 5) }
            }
            Self::Infinities => match at % 7 {
                0 => f64::INFINITY,
                1 | 2 => f64::NEG_INFINITY,
                _ => random.unit(),
            },
        }
    }
}

/// Splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    /// In 0..1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
