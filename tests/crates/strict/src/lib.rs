//! What is marked passes the strictest lints that a crate may have.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    unused,
    missing_docs,
    rust_2018_idioms,
    nonstandard_style,
    future_incompatible,
    let_underscore_drop,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::unwrap_used,
    clippy::panic,
    clippy::shadow_same,
    clippy::shadow_reuse,
    clippy::shadow_unrelated,
    clippy::pattern_type_mismatch,
    clippy::ref_patterns,
    clippy::std_instead_of_core,
    clippy::mem_forget,
    clippy::let_underscore_untyped,
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::absolute_paths,
    clippy::missing_trait_methods,
    clippy::multiple_inherent_impl
)]
#![allow(clippy::cargo_common_metadata, reason = "it is published nowhere")]

use core::fmt::{Display, Formatter, Result as Written};
use core::future::ready;
use core::pin::Pin;

use tallymark::{Counter, Gauge, Histogram, LabelValue, Labels, count_exceptions, counter, gauge, histogram, measure};

/// How large it is.
#[derive(Clone, Copy, Debug, LabelValue)]
#[non_exhaustive]
pub enum Size {
    /// Up to 10.
    Small,
    /// More.
    #[label("LARGE")]
    Large,
}

/// Written by its `Display`.
#[derive(Clone, Copy, Debug, LabelValue)]
#[label(display)]
#[non_exhaustive]
pub struct Shelf(u32);

impl Display for Shelf {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "shelf {}", self.0)
    }
}

/// The labels of a book.
#[derive(Debug, Labels)]
#[non_exhaustive]
pub struct Book<'a> {
    /// Its title.
    #[label("name")]
    title: &'a str,
    /// Its size.
    size: Option<Size>,
    /// Where it is.
    shelf: Shelf,
    /// How many there are.
    #[label(display)]
    copies: u32,
}

/// Books sold.
#[counter]
pub static SOLD: Counter<Book<'static>>;

/// Books there.
#[gauge(max_series = 10, const_labels(shop = "strict"))]
static STOCK: Gauge<Book<'static>, i64>;

/// Pages of a book.
#[histogram(unit = "pages", buckets = exponential(10.0, 2.0, 8))]
static LENGTH: Histogram;

/// What goes wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// Not there.
    SoldOut,
    /// Not legible.
    NoNumber {
        /// What stands there.
        text: String,
    },
}

/// Orders placed.
///
/// # Errors
/// Where there is no such book.
#[counter(labels(size, title))]
#[counter(name = "hygiene_strict_orders_total", outcome, labels(size))]
#[counter(name = "hygiene_strict_results_total", labels(ok: bool = |result: &Result<u32, Failure>| result.is_ok()))]
#[histogram(buckets = [0.1, 1, 10])]
#[histogram(name = "hygiene_strict_attempt_seconds", labels(kind: &'static str = "shop", attempt: i32 = -1))]
#[gauge(track_inprogress, labels(size))]
#[count_exceptions(Err(Failure::SoldOut), Err(Failure::NoNumber { text }) if text.is_empty())]
#[count_exceptions(name = "hygiene_strict_order_panics_total", panic)]
pub fn place_order(size: Size, title: &str, mut copies: u32, _urgent: bool) -> Result<u32, Failure> {
    SOLD.with(&Book { title, size: Some(size), shelf: Shelf(1), copies }).inc_by(u64::from(copies));
    STOCK.with(&Book { title, size: None, shelf: Shelf(2), copies: 0 }).dec_by(i64::from(copies));
    LENGTH.observe(100);
    if title == "none" {
        return Err(Failure::SoldOut);
    }
    copies = copies.saturating_add(title.parse().map_err(|_| Failure::NoNumber { text: title.to_owned() })?);
    Ok(copies)
}

/// Places it later.
///
/// # Errors
/// Where there is no such book.
#[counter(outcome, labels(size))]
#[histogram(outcome)]
#[histogram(name = "hygiene_strict_copies", observe = |result: &Result<u32, Failure>| result.as_ref().map_or(0, |sold| *sold))]
#[gauge(track_inprogress)]
#[count_exceptions]
#[count_exceptions(name = "hygiene_strict_later_panics_total", panic)]
pub async fn place_order_later(
    size: Size,
    (title, mut copies): (&str, u32),
    _urgent: bool,
    _: u8,
) -> Result<u32, Failure> {
    ready(()).await;
    copies = copies.saturating_add(1);
    place_order(size, title, copies, false)
}

/// Books on the shelf.
#[gauge(callback)]
#[must_use]
pub fn shelf_size() -> u32 {
    let sizes = [1_u32, 2];
    sizes.iter().sum()
}

/// A shop.
#[derive(Debug)]
#[non_exhaustive]
pub struct Shop {
    name: String,
    opened: Counter,
}

impl Shop {
    /// Opens one.
    #[counter(outcome)]
    #[must_use]
    pub fn open(name: &str) -> Self {
        Self { name: name.to_owned(), opened: OPENED.clone() }
    }

    /// Its name.
    #[counter(into = self.opened)]
    #[histogram]
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Renames it.
    #[counter(outcome)]
    #[count_exceptions(panic)]
    #[must_use]
    pub fn renamed(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Closes it.
    #[counter(outcome)]
    pub async fn close(mut self, _reason: &str) {
        ready(()).await;
        self.name.clear();
    }

    /// Says its name.
    #[counter(outcome)]
    pub fn say(&self) -> Pin<Box<dyn Future<Output = Option<&str>> + Send + '_>> {
        Box::pin(async move {
            ready(()).await;
            Some(self.name.as_str())
        })
    }
}

/// How often a shop's name was asked for.
#[counter]
static OPENED: Counter;

/// What a shop does.
#[async_trait::async_trait]
pub trait Sells: Sync {
    /// Sells a book.
    ///
    /// # Errors
    /// Where there is no such book.
    #[counter(outcome, labels(title))]
    #[count_exceptions(Err)]
    async fn sell(&self, title: &str, copies: u32) -> Result<u32, Failure> {
        place_order_later(Size::Large, (title, copies), false, 0).await
    }
}

#[allow(clippy::missing_trait_methods, reason = "the default method is the marked one")]
impl Sells for Shop {}

#[cfg(test)]
mod tests {
    use super::{Shop, Size, place_order};

    #[test]
    fn it_runs() {
        assert!(place_order(Size::Small, "1", 1, false).is_ok());
        assert_eq!(Shop::open("shop").name(), "shop");
    }
}

/// Where orders are paid.
#[derive(Debug)]
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
    #[gauge(set = |sum: &Result<u32, u32>| *sum.as_ref().unwrap_or(&0), unit = "cents")]
    pub fn pay(&mut self, cents: u32) -> Result<u32, u32> {
        if cents == 0 {
            return Err(self.0);
        }
        self.0 = self.0.wrapping_add(cents);
        Ok(self.0)
    }

    /// Closes it.
    #[histogram(time = busy)]
    #[histogram(time = idle)]
    pub async fn close(self) -> u32 {
        ready(self.0).await
    }
}
