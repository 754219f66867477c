//! Questions that a derive asks of the types of fields, each at the place where the type stands.

use std::fmt::Display;

use crate::label::LabelValue;

pub const fn label_value<T: LabelValue + ?Sized>() {}

pub const fn displayed<T: Display + ?Sized>() {}

/// A type that stands behind questions: `<[(); QUESTIONS] as Behind<T>>::Type` is `T`. Where the constant doesn't
/// compile it is no type at all, and the compiler says nothing of it a second time.
pub trait Behind<T: ?Sized> {
    type Type: ?Sized;
}

impl<T: ?Sized, const QUESTIONS: usize> Behind<T> for [(); QUESTIONS] {
    type Type = T;
}
