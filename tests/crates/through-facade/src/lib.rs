//! Where tallymark is reached through a crate that re-exports it.

use hygiene_facade::tallymark::{
    Counter, Histogram, LabelValue, Labels, count_exceptions, counter, gauge, histogram, measure,
};

/// How large it is.
#[derive(Clone, Copy, Debug, LabelValue)]
#[label(crate = hygiene_facade::tallymark)]
pub enum Size {
    /// Up to 10.
    Small,
    /// More.
    Large,
}

/// Written by its `Display`.
#[derive(Clone, Debug, LabelValue)]
#[label(display, crate = ::hygiene_facade::tallymark)]
pub struct Shelf(pub u32);

impl std::fmt::Display for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The labels of a book.
#[derive(Debug, Labels)]
#[label(crate = hygiene_facade::tallymark)]
pub struct Book<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its size.
    pub size: Size,
    /// Where it is.
    pub shelf: Shelf,
}

/// Books sold.
#[counter(crate = hygiene_facade::tallymark)]
pub static SOLD: Counter<Book<'static>>;

/// Pages of a book.
#[histogram(crate = hygiene_facade::tallymark, buckets = linear(1, 2, 3))]
pub static LENGTH: Histogram;

/// Orders placed.
///
/// # Errors
/// Where there is no such book.
#[counter(crate = hygiene_facade::tallymark, labels(size))]
#[hygiene_facade::tallymark::counter(crate = hygiene_facade::tallymark, name = "hygiene_through_facade_orders_total", outcome, labels(size, title))]
#[histogram(crate = hygiene_facade::tallymark)]
#[gauge(track_inprogress, crate = hygiene_facade::tallymark)]
#[count_exceptions(Err, panic, crate = hygiene_facade::tallymark)]
pub fn place_order(size: Size, title: &str) -> Result<u32, String> {
    SOLD.with(&Book { title, size, shelf: Shelf(1) }).inc();
    LENGTH.observe(2);
    title.parse().map_err(|_| title.to_owned())
}

/// Places it later. One attribute says where tallymark is, and the others below it follow.
///
/// # Errors
/// Where there is no such book.
#[hygiene_facade::tallymark::counter(crate = hygiene_facade::tallymark, outcome)]
#[hygiene_facade::tallymark::histogram]
#[hygiene_facade::tallymark::gauge(track_inprogress)]
#[cfg_attr(all(), hygiene_facade::tallymark::count_exceptions(Err, crate = hygiene_facade::tallymark))]
pub async fn place_order_later(size: Size, title: &str) -> Result<u32, String> {
    std::future::ready(()).await;
    place_order(size, title)
}

/// Books on the shelf.
#[gauge(callback, crate = hygiene_facade::tallymark)]
#[must_use]
pub fn shelf_size() -> u32 {
    3
}

/// Where orders are paid.
#[derive(Debug)]
#[non_exhaustive]
pub struct Till(u32);

#[measure(crate = hygiene_facade::tallymark)]
impl Till {
    /// A new one.
    #[measure(skip, crate = hygiene_facade::tallymark)]
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Pays an order.
    ///
    /// # Errors
    /// Where it costs nothing.
    #[gauge(time, crate = hygiene_facade::tallymark)]
    #[gauge(set_to_current_time, crate = hygiene_facade::tallymark)]
    #[gauge(set = |sum: &Result<u32, u32>| *sum.as_ref().unwrap_or(&0), unit = "cents", crate = hygiene_facade::tallymark)]
    pub fn pay(&mut self, cents: u32) -> Result<u32, u32> {
        if cents == 0 {
            return Err(self.0);
        }
        self.0 = self.0.wrapping_add(cents);
        Ok(self.0)
    }

    /// Closes it.
    #[histogram(time = busy, crate = hygiene_facade::tallymark)]
    #[histogram(time = idle, crate = hygiene_facade::tallymark)]
    pub async fn close(self) -> u32 {
        std::future::ready(self.0).await
    }
}
