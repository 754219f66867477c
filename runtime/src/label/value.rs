//! One value of a label.

use std::borrow::Cow;
use std::fmt;
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

    /// Gives the text of an open value: its own where it has one.
    #[doc(hidden)]
    #[inline]
    fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        with_written(self, with)
    }

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

    #[inline]
    fn index(&self) -> usize {
        T::index(self)
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        T::write(self, out)
    }

    #[inline]
    fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        T::with_text(self, with)
    }

    fn write_index(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        T::write_index(index, out)
    }
}

#[diagnostic::do_not_recommend]
impl LabelValue for bool {
    const CARDINALITY: Option<usize> = Some(2);

    #[inline]
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

    #[inline]
    fn index(&self) -> usize {
        self.as_ref().map_or(0, |value| value.index() + 1)
    }

    fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }

    #[inline]
    fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        match self {
            Some(value) => value.with_text(with),
            None => with(""),
        }
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

    #[inline]
    fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        with(self)
    }
}

macro_rules! open_label_values {
    ($as_text:ident: $($text:ty),*; display: $($display:ty),*) => {
        $(#[diagnostic::do_not_recommend]
        impl LabelValue for $text {
            fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
                out.write_str(self)
            }

            #[inline]
            fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
                with(self)
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

    #[inline]
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

    #[inline]
    fn with_text<R>(&self, with: impl FnOnce(&str) -> R) -> R {
        match &self.value {
            HeldValue::Text(text) => with(text),
            HeldValue::Index(_) => with_written(self, with),
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

    #[inline]
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

/// Gives what a value writes; without an allocation where that is short.
fn with_written<R>(value: &(impl LabelValue + ?Sized), with: impl FnOnce(&str) -> R) -> R {
    let mut text = Written::default();
    // A `Display` of the user's that fails leaves the text that it wrote until then.
    let _ = value.write(&mut text);
    with(text.as_str())
}

#[derive(Debug)]
struct Written {
    inline: [u8; INLINE],
    length: usize,
    spilled: String,
}

/// Long enough for every integer of 128 bits.
const INLINE: usize = 40;

impl Default for Written {
    fn default() -> Self {
        Self { inline: [0; INLINE], length: 0, spilled: String::new() }
    }
}

impl Written {
    fn as_str(&self) -> &str {
        if self.spilled.is_empty() {
            // `write_str` copied texts.
            std::str::from_utf8(&self.inline[..self.length]).unwrap_or_default()
        } else {
            &self.spilled
        }
    }
}

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.spilled.is_empty() {
            if let Some(room) = self.inline.get_mut(self.length..self.length + text.len()) {
                room.copy_from_slice(text.as_bytes());
                self.length += text.len();
                return Ok(());
            }
            let before = self.as_str().to_owned();
            self.spilled = before;
        }
        self.spilled.push_str(text);
        Ok(())
    }
}
