//! Where nothing is in scope but what stands here: no `Option`, no `Some`, no `Clone`, no macros of `std`.

#![no_implicit_prelude]

use ::std::convert::From;
use ::std::primitive::{bool, i64, str, u32};
use ::std::string::String;
use ::tallymark::{
    Counter, Gauge, Histogram, LabelValue, Labels, count_exceptions, counter, gauge, histogram, measure,
};

/// How large it is.
#[derive(::std::clone::Clone, ::std::marker::Copy, ::std::fmt::Debug, LabelValue)]
pub enum Size {
    /// Up to 10.
    Small,
    /// More.
    Large,
}

/// Written by its `Display`.
#[derive(::std::clone::Clone, LabelValue)]
#[label(display)]
pub struct Shelf(String);

impl ::std::fmt::Display for Shelf {
    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The labels of a book.
#[derive(Labels)]
pub struct Book<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its size.
    #[label("how_large")]
    pub size: ::std::option::Option<Size>,
    /// Where it is.
    pub shelf: Shelf,
    /// How many there are.
    #[label(display)]
    pub copies: u32,
}

/// Labels of any kind.
#[derive(Labels)]
pub struct Any<T> {
    /// It.
    pub any: T,
}

/// Books sold.
#[counter]
pub static SOLD: Counter<Book<'static>>;

/// Books there.
#[gauge(max_series = 10, const_labels(shop = "strict"))]
static STOCK: Gauge<Any<Size>, i64>;

/// Pages of a book.
#[histogram(unit = "pages", buckets = linear(10, 20, 3))]
static LENGTH: Histogram;

/// Orders placed.
///
/// # Errors
/// Where there is no such book.
#[counter(labels(size, title))]
#[counter(name = "hygiene_no_prelude_orders_total", outcome, labels(size, length: u32 = u32_of(title)))]
#[counter(name = "hygiene_no_prelude_results_total", labels(ok: bool = |result: &::std::result::Result<u32, String>| result.is_ok()))]
#[histogram(buckets = [0.1, 1, 10])]
#[histogram(name = "hygiene_no_prelude_attempt_seconds", labels(urgent: bool = true, kind: &'static str = "shop"))]
#[gauge(track_inprogress, labels(size))]
#[count_exceptions(Err)]
#[count_exceptions(name = "hygiene_no_prelude_empty_total", ::std::result::Result::Err(text) if text.is_empty())]
#[count_exceptions(name = "hygiene_no_prelude_panics_total", panic)]
pub fn place_order(size: Size, title: &str, mut copies: u32) -> ::std::result::Result<u32, String> {
    SOLD.with(&Book { title, size: ::std::option::Option::Some(size), shelf: Shelf(From::from("shelf")), copies })
        .inc();
    STOCK.with(&Any { any: size }).inc();
    LENGTH.observe(100);
    if title.is_empty() {
        return ::std::result::Result::Err(String::new());
    }
    copies += u32_of(title);
    ::std::result::Result::Ok(copies)
}

fn u32_of(text: &str) -> u32 {
    u32::from(!text.is_empty())
}

/// Places it later.
///
/// # Errors
/// Where there is no such book.
#[counter(outcome, labels(size))]
#[histogram(outcome)]
#[histogram(name = "hygiene_no_prelude_copies", observe = |result: &::std::result::Result<u32, String>| result.is_ok())]
#[gauge(track_inprogress)]
#[count_exceptions]
#[count_exceptions(name = "hygiene_no_prelude_later_panics_total", panic)]
pub async fn place_order_later(size: Size, (title, _): (&str, u32)) -> ::std::result::Result<u32, String> {
    ::std::future::ready(()).await;
    place_order(size, title, 1)
}

/// Looks for one.
#[counter(outcome)]
#[count_exceptions(None)]
#[histogram(into = LENGTH)]
#[must_use]
pub fn find(title: &str) -> ::std::option::Option<&str> {
    if title.is_empty() { ::std::option::Option::None } else { ::std::option::Option::Some(title) }
}

/// Books on the shelf.
#[gauge(callback)]
#[must_use]
pub fn shelf_size() -> u32 {
    3
}

/// Where orders are paid.
#[derive(::std::fmt::Debug)]
#[non_exhaustive]
pub struct Till(u32);

#[measure]
impl Till {
    /// A new one.
    #[measure(skip)]
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Pays an order.
    ///
    /// # Errors
    /// Where it costs nothing.
    #[gauge(time)]
    #[gauge(set_to_current_time)]
    #[gauge(set = |sum: &::std::result::Result<u32, u32>| *sum.as_ref().unwrap_or(&0), unit = "cents")]
    pub fn pay(&mut self, cents: u32) -> ::std::result::Result<u32, u32> {
        if cents == 0 {
            return ::std::result::Result::Err(self.0);
        }
        self.0 = self.0.wrapping_add(cents);
        ::std::result::Result::Ok(self.0)
    }

    /// Closes it.
    #[histogram(time = busy)]
    #[histogram(time = idle)]
    pub async fn close(self) -> u32 {
        ::std::future::ready(self.0).await
    }
}
