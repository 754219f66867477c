//! Native histograms: where their buckets end, and what is asked of one.

mod options;

pub use self::options::NativeOptions;

/// The finest schema that there is: each power of two has 2^8 buckets.
pub(crate) const FINEST: i32 = 8;

/// The coarsest: a bucket reaches over 2^4 powers of two.
pub(crate) const COARSEST: i32 = -4;

/// How many buckets a power of two has in the finest schema.
pub(crate) const STEPS: usize = 1 << FINEST;

/// Where the buckets of the finest schema end, as halves to ones. Those of schema `s` are every 2^(8 - s)th of them.
///
/// They are the numbers that Prometheus and `client_golang` have, to the last bit, and not always those nearest to the
/// powers of two: there each schema's were multiplied from those of the one before.
/// (<https://github.com/prometheus/client_golang>, `prometheus/histogram.go`, "nativeHistogramBounds".)
pub(crate) const FRACTIONS: [f64; STEPS] = fractions();

const fn fractions() -> [f64; STEPS] {
    // The second bound of each schema from 1 on: 2^(2^-s) / 2.
    const SECOND: [f64; FINEST as usize] = [
        0.707_106_781_186_547_5,
        0.594_603_557_501_360_5,
        0.545_253_866_332_628_8,
        0.522_136_891_213_706_9,
        0.510_948_574_327_058_3,
        0.505_444_643_025_850_2,
        0.502_714_950_556_401_4,
        0.501_355_637_525_101_3,
    ];
    let mut bounds = [0.5; STEPS];
    let (mut schema, mut step) = (0, STEPS);
    while schema < SECOND.len() {
        let mut at = 0;
        while at < STEPS {
            bounds[at + step / 2] = bounds[at] * (2.0 * SECOND[schema]);
            at += step;
        }
        schema += 1;
        step /= 2;
    }
    bounds
}

/// Where a bucket above zero ends; the one before it ends where it begins.
///
/// The last that has numbers ends at the greatest of them, since infinity has a bucket of its own behind it
/// (`histogram.go`, "getLe"). A schema that isn't there is taken as the nearest one.
pub(crate) fn bound(index: i32, schema: i32) -> f64 {
    let schema = schema.clamp(COARSEST, FINEST);
    // In steps of the finest schema.
    let steps = i64::from(index) << (FINEST - schema);
    let fraction = FRACTIONS[usize::try_from(steps & ((1 << FINEST) - 1)).unwrap_or_default()];
    let exponent = (steps >> FINEST) + 1;
    if steps == i64::from(LAST) {
        return f64::MAX;
    }
    scaled(fraction, exponent)
}

/// The end of the last bucket that has numbers, in steps of the finest schema: 2^1024.
const LAST: i32 = 1024 << FINEST;

/// The bucket of a number that is not NaN, by how far it is from zero. Its upper bound is in it.
#[inline]
pub(crate) fn index(value: f64, schema: i32) -> i32 {
    coarser(finest(value), FINEST - schema)
}

/// The bucket of the finest schema.
#[inline]
pub(crate) fn finest(value: f64) -> i32 {
    finest_of_normal(value).unwrap_or_else(|| finest_of_others(value.to_bits() & (u64::MAX >> 1)))
}

/// The same; none of a subnormal number and of infinity.
#[inline]
pub(crate) fn finest_of_normal(value: f64) -> Option<i32> {
    let bits = value.to_bits() & (u64::MAX >> 1);
    // One comparison for both.
    if (bits >> MANTISSA).wrapping_sub(1) < 0x7FE { Some(finest_of(bits, 0)) } else { None }
}

/// The bucket of a schema that is coarser by so much: `ceil(index / 2^by)`.
#[inline]
pub(crate) const fn coarser(index: i32, by: i32) -> i32 {
    -(-index >> by)
}

/// How many bits of a float are its mantissa.
const MANTISSA: u32 = 52;

/// Of a normal number's bits; `powers` is by how many powers of two it is less.
#[inline]
fn finest_of(bits: u64, powers: i32) -> i32 {
    let mantissa = bits & ((1 << MANTISSA) - 1);
    let cell = SEARCH[(mantissa >> (MANTISSA - CELL_BITS)) as usize];
    let step = (cell & CELL_STEPS) as i32 + i32::from(mantissa > cell >> STEP_BITS);
    let exponent = (bits >> MANTISSA) as i32 - 1023 - powers;
    (exponent << FINEST) + step
}

#[cold]
fn finest_of_others(bits: u64) -> i32 {
    if bits == f64::INFINITY.to_bits() {
        // Behind the last bucket of numbers, in every schema.
        return LAST + 1;
    }
    // A subnormal number, made normal by 2^52; or zero, which is in no bucket but a number all the same.
    let powers = i32::try_from(MANTISSA).unwrap_or_default();
    finest_of((f64::from_bits(bits) * 4_503_599_627_370_496.0).to_bits(), powers)
}

/// For mantissas that begin with these bits, how many bounds are below all of them, and above that the mantissa of the
/// next bound. A cell is narrower than a bucket, so no other bound is in it.
static SEARCH: [u64; 1 << CELL_BITS] = search();

/// How many bits of a mantissa are the number of its cell.
const CELL_BITS: u32 = FINEST as u32 + 1;

/// How many bits of what is in a cell say how many bounds are below.
const STEP_BITS: u32 = FINEST as u32 + 1;
const CELL_STEPS: u64 = (1 << STEP_BITS) - 1;

const fn search() -> [u64; 1 << CELL_BITS] {
    let mut cells = [0; 1 << CELL_BITS];
    let (mut cell, mut below) = (0, 0);
    while cell < cells.len() {
        let begins = (cell as u64) << (MANTISSA - CELL_BITS);
        while below < STEPS && mantissa_of(below) < begins {
            below += 1;
        }
        // Behind the last bound is one that nothing is above.
        let next = if below < STEPS { mantissa_of(below) } else { 1 << MANTISSA };
        cells[cell] = next << STEP_BITS | below as u64;
        cell += 1;
    }
    cells
}

const fn mantissa_of(step: usize) -> u64 {
    FRACTIONS[step].to_bits() & ((1 << MANTISSA) - 1)
}

/// `fraction` × 2^`exponent`, rounded once.
fn scaled(fraction: f64, exponent: i64) -> f64 {
    /// 2^`exponent` of a normal number.
    fn power(exponent: i64) -> f64 {
        f64::from_bits(u64::try_from(exponent + 1023).unwrap_or_default() << 52)
    }
    match exponent {
        ..-1100 => 0.0,
        -1100..-1000 => fraction * power(exponent + 200) * power(-200),
        -1000..=1023 => fraction * power(exponent),
        1024 => fraction * 2.0 * power(1023),
        _ => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise_by_the_factor_of_their_schema() {
        for schema in COARSEST..=FINEST {
            let factor = (f64::from(-schema)).exp2().exp2();
            let ends = |index: i32| bound(index, schema);
            let per_power = if schema >= 0 { 1 << schema } else { 1 };
            let (from, to) =
                if schema >= 0 { (-1021 * per_power, 1023 * per_power) } else { (-1021 >> -schema, 1023 >> -schema) };
            for index in from..to {
                let (below, above) = (ends(index), ends(index + 1));
                assert!((above / below / factor - 1.0).abs() < 1e-15, "{index} of {schema}: {below} {above}");
            }
            assert_eq!(ends(0).to_bits(), 1.0_f64.to_bits());
            assert_eq!(ends(per_power).to_bits(), if schema >= 0 { 2.0 } else { factor }.to_bits());
        }
    }

    #[test]
    fn each_power_of_two_is_a_bound_from_schema_0_on_down_to_the_smallest_number() {
        for schema in 0..=FINEST {
            for exponent in -1074..1024 {
                let power = match exponent {
                    ..-1022 => f64::from_bits(1 << (exponent + 1074)),
                    _ => f64::from_bits(u64::try_from(exponent + 1023).unwrap() << 52),
                };
                assert_eq!(bound(exponent << schema, schema).to_bits(), power.to_bits(), "2^{exponent} of {schema}");
            }
        }
    }

    #[test]
    fn the_last_bucket_of_numbers_ends_at_the_greatest_and_then_comes_infinity() {
        for schema in COARSEST..=FINEST {
            let last = if schema >= 0 { 1024 << schema } else { 1024 >> -schema };
            assert_eq!(bound(last, schema).to_bits(), f64::MAX.to_bits());
            for beyond in [last + 1, i32::MAX] {
                assert_eq!(bound(beyond, schema).to_bits(), f64::INFINITY.to_bits());
            }
            assert_eq!(bound(i32::MIN, schema).to_bits(), 0.0_f64.to_bits());
        }
    }

    /// As `client_golang` has it: `frexp`, and a search among the bounds.
    fn searched(value: f64, schema: i32) -> i32 {
        let value = value.abs();
        if value.is_infinite() {
            return searched(f64::MAX, schema) + 1;
        }
        let (mut fraction, mut exponent) = (value, 0);
        while fraction >= 1.0 {
            (fraction, exponent) = (fraction / 2.0, exponent + 1);
        }
        while fraction < 0.5 {
            (fraction, exponent) = (fraction * 2.0, exponent - 1);
        }
        if schema > 0 {
            let bounds: Vec<f64> = FRACTIONS.iter().step_by(1 << (FINEST - schema)).copied().collect();
            let step = bounds.partition_point(|bound| *bound < fraction);
            i32::try_from(step).unwrap() + ((exponent - 1) << schema)
        } else {
            let index = if fraction > 0.5 { exponent } else { exponent - 1 };
            let by = 1 << -schema;
            (index + by - 1).div_euclid(by)
        }
    }

    #[test]
    fn a_number_is_in_the_bucket_in_which_a_search_finds_it_also_on_and_beside_each_bound() {
        let exponents: &[i64] =
            if cfg!(miri) { &[0] } else { &[-1074, -1060, -1022, -1021, -300, -1, 0, 1, 5, 1023, 1024] };
        for exponent in exponents {
            for fraction in FRACTIONS {
                let value = scaled(fraction, *exponent);
                for value in
                    [value, value.next_up(), value.next_down(), -value].into_iter().filter(|value| *value != 0.0)
                {
                    for schema in COARSEST..=FINEST {
                        assert_eq!(index(value, schema), searched(value, schema), "{value:e} in {schema}");
                    }
                }
            }
        }
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            for schema in COARSEST..=FINEST {
                assert_eq!(index(value, schema), searched(value, schema), "{value:e} in {schema}");
            }
        }
    }

    #[test]
    fn an_upper_bound_is_in_its_bucket_and_what_is_above_is_not() {
        for schema in COARSEST..=FINEST {
            let ends = if schema >= 0 { 60 << schema } else { 60 >> -schema };
            for at in -ends..=ends {
                assert_eq!(index(bound(at, schema), schema), at, "{at} of {schema}");
                assert_eq!(index(bound(at, schema).next_up(), schema), at + 1, "{at} of {schema}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_number_is_in_the_bucket_in_which_a_search_finds_it(bits: u64, schema in COARSEST..=FINEST) {
            let value = f64::from_bits(bits);
            if !value.is_nan() && value != 0.0 {
                proptest::prop_assert_eq!(index(value, schema), searched(value, schema), "{:e}", value);
            }
        }
    }

    #[test]
    fn fractions_are_those_of_prometheus_to_the_last_bit() {
        // Some of its table, among them such as are not the nearest to the power of two.
        for (index, there) in [
            (1, 0.501_355_637_525_101_3),
            (2, 0.502_714_950_556_401_4),
            (3, 0.504_077_949_059_208_8),
            (37, 0.552_685_722_850_870_6),
            (100, 0.655_480_605_762_382_2),
            (128, 0.707_106_781_186_547_5),
            (171, 0.794_417_192_158_581_8),
            (213, 0.890_095_013_257_712),
            (240, 0.957_603_280_698_573_5),
            (255, 0.997_296_056_085_469_8),
        ] {
            assert_eq!(FRACTIONS[index].to_bits(), f64::to_bits(there), "{index}");
        }
    }
}
