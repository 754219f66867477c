//! Typed labels: what one value is, and what a set of them is.
//!
//! A label value is *finite* (an enum, `bool`, `Option` of them) or *open* (text, integers). A finite value has an
//! index; a set of finite values has the mixed-radix number of its values' indices, so that its series is found by
//! arithmetic. An open value is found by its text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;

/// A type whose values can stand in a label.
///
/// Derive it for an enum, whose variants are then all the values there are, or implement it through `Display`:
///
/// ```
/// use tallymark::LabelValue;
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Method { Get, Post, #[label("DELETE")] Delete }     // "get", "post", "DELETE"
///
/// #[derive(Clone, LabelValue)]
/// #[label(display)]                                          // open: as many values as there are texts
/// struct UserId(u64);
/// impl std::fmt::Display for UserId {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "user-{}", self.0) }
/// }
/// ```
///
/// Text (`&str`, `String`, `Cow<str>`, `Box<str>`, `Arc<str>`), `char` and integers are open; `bool` reads `true` or
/// `false`; `None` is the empty text, which Prometheus takes for no label at all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value of a label",
    label = "is no label value",
    note = "text, `char`, integers, `bool` and `Option` of them can; for an enum of yours, write `#[derive(tallymark::LabelValue)]` on it",
    note = "for a type with `Display`, write `#[label(display)]` on the field of the label set, or a text in `labels(…)`: `name: String = argument.to_string()`"
)]
pub trait LabelValue {
    /// How many values there are; `None` where the set is open.
    #[doc(hidden)]
    const CARDINALITY: Option<usize> = None;

    /// Whether a value of a finite type reads as the empty text.
    #[doc(hidden)]
    const HAS_EMPTY: bool = false;

    /// Whether two values of a finite type read alike, so that they would be one series.
    #[doc(hidden)]
    const AMBIGUOUS: bool = false;

    /// The position of a finite value in `0..CARDINALITY`.
    #[doc(hidden)]
    fn index(&self) -> usize {
        0
    }

    /// Writes the text.
    ///
    /// # Errors
    /// Only those of `out`.
    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes the text of the finite value at a position.
    #[doc(hidden)]
    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        let _ = (index, out);
        Ok(())
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &T {
    const CARDINALITY: Option<usize> = T::CARDINALITY;
    const HAS_EMPTY: bool = T::HAS_EMPTY;
    const AMBIGUOUS: bool = T::AMBIGUOUS;

    fn index(&self) -> usize {
        T::index(self)
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        T::write(self, out)
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        T::write_index(index, out)
    }
}

#[diagnostic::do_not_recommend]
impl LabelValue for bool {
    const CARDINALITY: Option<usize> = Some(2);

    fn index(&self) -> usize {
        usize::from(*self)
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        Self::write_index(self.index(), out)
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(if index == 0 { "false" } else { "true" })
    }
}

impl<T: LabelValue> LabelValue for Option<T> {
    const CARDINALITY: Option<usize> = match T::CARDINALITY {
        Some(values) => Some(values + 1),
        None => None,
    };
    const HAS_EMPTY: bool = true;
    const AMBIGUOUS: bool = T::AMBIGUOUS || (T::CARDINALITY.is_some() && T::HAS_EMPTY);

    fn index(&self) -> usize {
        self.as_ref().map_or(0, |value| value.index() + 1)
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        index.checked_sub(1).map_or(Ok(()), |index| T::write_index(index, out))
    }
}

#[diagnostic::do_not_recommend]
impl LabelValue for str {
    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self)
    }
}

macro_rules! open_label_values {
    ($as_text:ident: $($text:ty),*; display: $($display:ty),*) => {
        $(#[diagnostic::do_not_recommend]
        impl LabelValue for $text {
            fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
                out.write_str(self)
            }
        })*
        $(#[diagnostic::do_not_recommend]
        impl LabelValue for $display {
            fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
                write!(out, "{self}")
            }
        })*
    };
}

open_label_values! {
    as_text: String, Cow<'_, str>, Box<str>, std::rc::Rc<str>, std::sync::Arc<str>;
    display: char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
}

/// A value that is written by its `Display`: what `#[label(display)]` on a field makes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Displayed<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> LabelValue for Displayed<T> {
    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// The value of a label of the type `T` that is read before it is needed: a finite one by its index, an open one by its
/// text. It borrows nothing.
#[doc(hidden)]
#[derive(Debug)]
pub struct Held<T> {
    value: HeldValue,
    of: PhantomData<fn() -> T>,
}

#[derive(Debug)]
enum HeldValue {
    Index(usize),
    Text(String),
}

impl<T> Held<T> {
    pub(crate) fn of<V: LabelValue + ?Sized>(value: &V) -> Self {
        let value = if V::CARDINALITY.is_some() {
            HeldValue::Index(value.index())
        } else {
            let mut text = String::new();
            // A `Display` of the user's that fails leaves the text that it wrote until then.
            let _ = value.write(&mut text);
            HeldValue::Text(text)
        };
        Self { value, of: PhantomData }
    }
}

impl<T: LabelValue> LabelValue for Held<T> {
    const CARDINALITY: Option<usize> = T::CARDINALITY;
    const HAS_EMPTY: bool = T::HAS_EMPTY;
    const AMBIGUOUS: bool = T::AMBIGUOUS;

    fn index(&self) -> usize {
        match self.value {
            HeldValue::Index(index) => index,
            HeldValue::Text(_) => 0,
        }
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        match &self.value {
            HeldValue::Index(index) => T::write_index(*index, out),
            HeldValue::Text(text) => out.write_str(text),
        }
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        T::write_index(index, out)
    }
}

/// How a call of a marked function ended: the label that `outcome` adds.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Error,
    Panic,
    Cancelled,
}

impl LabelValue for Outcome {
    const CARDINALITY: Option<usize> = Some(4);

    fn index(&self) -> usize {
        *self as usize
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        Self::write_index(self.index(), out)
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(["ok", "error", "panic", "cancelled"][index.min(3)])
    }
}

/// A set of labels: a struct whose fields are the labels.
///
/// ```
/// use tallymark::{Counter, LabelValue, Labels};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Method { Get, Post }
///
/// #[derive(Labels)]
/// struct HttpLabels { method: Method, #[label("path")] route: &'static str }
///
/// /// Requests served.
/// #[tallymark::counter(name = "http_requests_total")]
/// static REQUESTS: Counter<HttpLabels>;
///
/// REQUESTS.with(&HttpLabels { method: Method::Get, route: "/" }).inc();
/// # assert_eq!(REQUESTS.with(&HttpLabels { method: Method::Get, route: "/" }).get(), 1);
/// # let _ = Method::Post;
/// ```
///
/// The struct may borrow: declare the metric with `'static`, and [`with`](crate::Counter::with) takes the struct with
/// any lifetime. A field is called like its label, or renamed by `#[label("…")]`; `#[label(display)]` writes a field by
/// its `Display`. At most 12 labels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of labels",
    label = "is no set of labels",
    note = "write `#[derive(tallymark::Labels)]` on a struct whose fields are the labels, and name that struct here"
)]
pub trait Labels {
    /// The same struct with another lifetime.
    #[doc(hidden)]
    type With<'a>: Labels;
    /// The types of the fields.
    #[doc(hidden)]
    type Values: LabelTuple;
    /// The fields, borrowed.
    #[doc(hidden)]
    type Refs<'s>: LabelTuple
    where
        Self: 's;
    /// The names, in the order of the fields.
    #[doc(hidden)]
    const NAMES: &'static [&'static str];

    #[doc(hidden)]
    fn refs(&self) -> Self::Refs<'_>;
}

#[diagnostic::do_not_recommend]
impl Labels for () {
    type With<'a> = ();
    type Values = ();
    type Refs<'s> = ();
    const NAMES: &'static [&'static str] = &[];

    fn refs(&self) {}
}

/// The labels of a marked function: their names stand in its [`Spec`](crate::__private::Spec).
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Positional<T>(pub T);

impl<T: LabelTuple> Labels for Positional<T> {
    type With<'a> = Self;
    type Values = T;
    type Refs<'s>
        = &'s T
    where
        Self: 's;
    const NAMES: &'static [&'static str] = &[];

    fn refs(&self) -> &T {
        &self.0
    }
}

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

/// What the open labels of the series past `max_series` read.
pub(crate) const OVERFLOW: &str = "other";

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

/// The texts of a label set, one behind the other; short ones without an allocation.
///
/// Texts are UTF-8, in which the byte `0xFF` never stands: behind each text it keeps `("ab", "c")` and `("a", "bc")`
/// apart.
#[doc(hidden)]
#[derive(Debug)]
pub struct LabelTexts {
    inline: [u8; INLINE],
    length: usize,
    spilled: Vec<u8>,
}

const INLINE: usize = 192;
const END: u8 = 0xFF;

impl LabelTexts {
    pub(crate) fn of(write: impl FnOnce(&mut Self)) -> Self {
        let mut texts = Self { inline: [0; INLINE], length: 0, spilled: Vec::new() };
        write(&mut texts);
        texts
    }

    fn value<T: LabelValue + ?Sized>(&mut self, value: &T) {
        // A `Display` of the user's that fails leaves the text that it wrote until then.
        let _ = value.write(self);
        self.push(&[END]);
    }

    fn value_at<T: LabelValue + ?Sized>(&mut self, index: usize) {
        let _ = match T::CARDINALITY {
            Some(_) => T::write_index(index, self),
            None => self.write_str(OVERFLOW),
        };
        self.push(&[END]);
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.spilled.is_empty() {
            if let Some(room) = self.inline.get_mut(self.length..self.length + bytes.len()) {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
                return;
            }
            self.spilled.extend_from_slice(&self.inline[..self.length]);
        }
        self.spilled.extend_from_slice(bytes);
    }

    /// The texts, each with its end: different for different label sets.
    pub(crate) fn key(&self) -> &[u8] {
        if self.spilled.is_empty() { &self.inline[..self.length] } else { &self.spilled }
    }

    pub(crate) fn texts(&self) -> Box<[Box<str>]> {
        let key = self.key();
        let key = key.strip_suffix(&[END]).unwrap_or(key);
        if self.key().is_empty() {
            return Box::default();
        }
        key.split(|&byte| byte == END).map(|text| String::from_utf8_lossy(text).into()).collect()
    }
}

impl fmt::Write for LabelTexts {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<T: LabelTuple>(tuple: &T) -> Vec<String> {
        LabelTexts::of(|out| tuple.write(out)).texts().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_finite_set_is_counted_and_numbered() {
        type Set = (bool, Option<bool>, bool);
        assert_eq!((Set::FINITE, Set::OPEN, Set::LENGTH), (12, false, 3));
        let mut seen = Vec::new();
        for a in [false, true] {
            for b in [None, Some(false), Some(true)] {
                for c in [false, true] {
                    let set = (a, b, c);
                    assert_eq!(set.index(), seen.len());
                    let by_index = LabelTexts::of(|out| Set::write_index(set.index(), out));
                    assert_eq!(by_index.texts(), LabelTexts::of(|out| set.write(out)).texts());
                    seen.push(set);
                }
            }
        }
        assert_eq!(seen.len(), Set::FINITE);
    }

    #[test]
    fn an_open_label_reads_other_past_the_limit() {
        type Set = (&'static str, bool, u8);
        assert_eq!((Set::FINITE, Set::OPEN), (2, true));
        let overflow = LabelTexts::of(|out| Set::write_index(("x", true, 7).index(), out));
        assert_eq!(*overflow.texts(), ["other".into(), "true".into(), "other".into()]);
    }

    #[test]
    fn texts_never_run_together() {
        let key = |a: &str, b: &str| LabelTexts::of(|out| (a, b).write(out)).key().to_vec();
        assert_ne!(key("ab", "c"), key("a", "bc"));
        assert_ne!(key("", "a"), key("a", ""));
        assert_eq!(texts(&("", "")), ["", ""]);
        assert_eq!(texts(&("",)), [""]);
        assert_eq!(texts(&()), Vec::<String>::new());
    }

    #[test]
    fn long_texts_spill_and_stay_whole() {
        for length in [INLINE - 2, INLINE - 1, INLINE, INLINE + 1, 1_000_000] {
            let long = "ß".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(texts(&("a", long.as_str(), 7_u8)), ["a", long.as_str(), "7"]);
        }
    }
}
