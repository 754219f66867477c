//! The values of a set of labels, without their names.

use super::texts::LabelTexts;
use super::value::LabelValue;

/// How many labels a label set may have.
pub(crate) const MAX_LABELS: usize = 12;

/// The values of a label set, without their names.
#[doc(hidden)]
pub trait LabelTuple {
    /// How many labels there are.
    const LENGTH: usize;
    /// Whether a label is open.
    const OPEN: bool;
    /// Of each label, whether it is.
    const IS_OPEN: &'static [bool];
    /// How many combinations the finite labels have, saturating.
    const FINITE: usize;
    /// Whether two of them read alike.
    const AMBIGUOUS: bool;

    /// The number of this combination of finite values in `0..FINITE`.
    fn index(&self) -> usize;

    /// Writes each value.
    fn write(&self, out: &mut LabelTexts);

    /// Gives the text of each open label, and nothing for a finite one.
    fn with_texts<R>(&self, with: impl FnOnce(&[&str]) -> R) -> R;

    /// Writes each value of the combination at a position; an open label reads `other`.
    fn write_index(index: usize, out: &mut LabelTexts);
}

impl<T: LabelTuple> LabelTuple for &T {
    const LENGTH: usize = T::LENGTH;
    const OPEN: bool = T::OPEN;
    const IS_OPEN: &'static [bool] = T::IS_OPEN;
    const FINITE: usize = T::FINITE;
    const AMBIGUOUS: bool = T::AMBIGUOUS;

    #[inline]
    fn index(&self) -> usize {
        T::index(self)
    }

    #[inline]
    fn with_texts<R>(&self, with: impl FnOnce(&[&str]) -> R) -> R {
        T::with_texts(self, with)
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

#[inline]
fn with_text<T: LabelValue, R>(value: &T, with: impl FnOnce(&str) -> R) -> R {
    if T::CARDINALITY.is_none() { value.with_text(with) } else { with("") }
}

macro_rules! label_tuples {
    (@text $self:ident $with:ident [$($text:ident)*]) => {
        $with(&[$($text),*])
    };
    (@text $self:ident $with:ident [$($text:ident)*] $value:ident $field:tt $($rest:tt)*) => {
        with_text(&$self.$field, |$value| label_tuples!(@text $self $with [$($text)* $value] $($rest)*))
    };
    ($(($($value:ident $field:tt $rest:tt),*))*) => {
        $(impl<$($value: LabelValue),*> LabelTuple for ($($value,)*) {
            const LENGTH: usize = [$($rest),*].len();
            const OPEN: bool = false $(|| $value::CARDINALITY.is_none())*;
            const IS_OPEN: &'static [bool] = &[$($value::CARDINALITY.is_none()),*];
            const FINITE: usize = {
                let product: usize = 1;
                $(let product = product.saturating_mul(radix::<$value>());)*
                product
            };
            const AMBIGUOUS: bool = false $(|| $value::AMBIGUOUS)*;

            #[inline]
            fn index(&self) -> usize {
                let index = 0;
                $(let index = index * radix::<$value>() + self.$field.index();)*
                index
            }

            #[inline]
            #[expect(non_snake_case, reason = "a text is called like its type")]
            fn with_texts<R>(&self, with: impl FnOnce(&[&str]) -> R) -> R {
                label_tuples!(@text self with [] $($value $field)*)
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
    const IS_OPEN: &'static [bool] = &[];
    const FINITE: usize = 1;
    const AMBIGUOUS: bool = false;

    #[inline]
    fn index(&self) -> usize {
        0
    }

    #[inline]
    fn with_texts<R>(&self, with: impl FnOnce(&[&str]) -> R) -> R {
        with(&[])
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
