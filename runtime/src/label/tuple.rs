//! The values of a set of labels, without their names.

use super::texts::LabelTexts;
use super::value::LabelValue;

/// The values of a label set, without their names.
#[doc(hidden)]
pub trait LabelTuple {
    /// How many labels there are.
    const LENGTH: usize;
    /// Whether a label is open.
    const OPEN: bool;
    /// How many combinations the finite labels have, saturating.
    const FINITE: usize;
    /// Whether two of them read alike.
    const AMBIGUOUS: bool;

    /// The number of this combination of finite values in `0..FINITE`.
    fn index(&self) -> usize;

    /// Writes each value.
    fn write(&self, out: &mut LabelTexts);

    /// Writes each value of the combination at a position; an open label reads `other`.
    fn write_index(index: usize, out: &mut LabelTexts);
}

impl<T: LabelTuple> LabelTuple for &T {
    const LENGTH: usize = T::LENGTH;
    const OPEN: bool = T::OPEN;
    const FINITE: usize = T::FINITE;
    const AMBIGUOUS: bool = T::AMBIGUOUS;

    fn index(&self) -> usize {
        T::index(self)
    }

    fn write(&self, out: &mut LabelTexts) {
        T::write(self, out);
    }

    fn write_index(index: usize, out: &mut LabelTexts) {
        T::write_index(index, out);
    }
}

const fn radix<T: LabelValue + ?Sized>() -> usize {
    match T::CARDINALITY {
        Some(values) => values,
        None => 1,
    }
}

macro_rules! label_tuples {
    ($(($($value:ident $field:tt $rest:tt),*))*) => {
        $(impl<$($value: LabelValue),*> LabelTuple for ($($value,)*) {
            const LENGTH: usize = [$($rest),*].len();
            const OPEN: bool = false $(|| $value::CARDINALITY.is_none())*;
            const FINITE: usize = {
                let product: usize = 1;
                $(let product = product.saturating_mul(radix::<$value>());)*
                product
            };
            const AMBIGUOUS: bool = false $(|| $value::AMBIGUOUS)*;

            fn index(&self) -> usize {
                let index = 0;
                $(let index = index * radix::<$value>() + self.$field.index();)*
                index
            }

            fn write(&self, out: &mut LabelTexts) {
                $(out.value(&self.$field);)*
                let _ = out;
            }

            fn write_index(index: usize, out: &mut LabelTexts) {
                let below = Self::FINITE;
                $(
                    let below = below.checked_div(radix::<$value>()).unwrap_or(1).max(1);
                    out.value_at::<$value>((index / below) % radix::<$value>().max(1));
                )*
                let _ = (index, below, out);
            }
        })*
    };
}

impl LabelTuple for () {
    const LENGTH: usize = 0;
    const OPEN: bool = false;
    const FINITE: usize = 1;
    const AMBIGUOUS: bool = false;

    fn index(&self) -> usize {
        0
    }

    fn write(&self, _: &mut LabelTexts) {}

    fn write_index(_: usize, _: &mut LabelTexts) {}
}

label_tuples! {
    (A 0 0)
    (A 0 0, B 1 0)
    (A 0 0, B 1 0, C 2 0)
    (A 0 0, B 1 0, C 2 0, D 3 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0, H 7 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0, H 7 0, I 8 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0, H 7 0, I 8 0, J 9 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0, H 7 0, I 8 0, J 9 0, K 10 0)
    (A 0 0, B 1 0, C 2 0, D 3 0, E 4 0, F 5 0, G 6 0, H 7 0, I 8 0, J 9 0, K 10 0, M 11 0)
}
