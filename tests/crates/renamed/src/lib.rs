//! Where tallymark is called `tm`.

use tm::{Counter, Histogram, LabelValue, Labels, count_exceptions, counter, gauge, histogram, measure};

/// How large it is.
#[derive(Clone, Copy, Debug, LabelValue)]
#[label(crate = tm)]
pub enum Size {
    /// Up to 10.
    Small,
    /// More.
    Large,
}

/// Written by its `Display`.
#[derive(Clone, Debug, LabelValue)]
#[label(display, crate = ::tm)]
pub struct Shelf(pub u32);

impl std::fmt::Display for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The labels of a book.
#[derive(Debug, Labels)]
#[label(crate = tm)]
pub struct Book<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its size.
    pub size: Size,
    /// Where it is.
    pub shelf: Shelf,
}

/// Books sold.
#[counter(crate = tm)]
pub static SOLD: Counter<Book<'static>>;

/// Pages of a book.
#[histogram(crate = tm, buckets = linear(1, 2, 3))]
pub static LENGTH: Histogram;

/// Orders placed.
///
/// # Errors
/// Where there is no such book.
#[counter(crate = tm, labels(size))]
#[tm::counter(crate = tm, name = "hygiene_renamed_orders_total", outcome, labels(size, title))]
#[histogram(crate = tm)]
#[gauge(track_inprogress, crate = tm)]
#[count_exceptions(Err, panic, crate = tm)]
pub fn place_order(size: Size, title: &str) -> Result<u32, String> {
    SOLD.with(&Book { title, size, shelf: Shelf(1) }).inc();
    LENGTH.observe(2);
    title.parse().map_err(|_| title.to_owned())
}

/// Places it later. One attribute says where tallymark is, and the others below it follow.
///
/// # Errors
/// Where there is no such book.
#[tm::counter(crate = tm, outcome)]
#[tm::histogram]
#[tm::gauge(track_inprogress)]
#[cfg_attr(all(), tm::count_exceptions(Err, crate = tm))]
pub async fn place_order_later(size: Size, title: &str) -> Result<u32, String> {
    std::future::ready(()).await;
    place_order(size, title)
}

/// Books on the shelf.
#[gauge(callback, crate = tm)]
#[must_use]
pub fn shelf_size() -> u32 {
    3
}

/// Where orders are paid.
#[derive(Debug)]
#[non_exhaustive]
pub struct Till(u32);

#[measure(crate = tm)]
impl Till {
    /// A new one.
    #[measure(skip, crate = tm)]
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Pays an order.
    ///
    /// # Errors
    /// Where it costs nothing.
    #[gauge(time, crate = tm)]
    #[gauge(set_to_current_time, crate = tm)]
    #[gauge(set = |sum: &Result<u32, u32>| *sum.as_ref().unwrap_or(&0), unit = "cents", crate = tm)]
    pub fn pay(&mut self, cents: u32) -> Result<u32, u32> {
        if cents == 0 {
            return Err(self.0);
        }
        self.0 = self.0.wrapping_add(cents);
        Ok(self.0)
    }

    /// Closes it.
    #[histogram(time = busy, crate = tm)]
    #[histogram(time = idle, crate = tm)]
    pub async fn close(self) -> u32 {
        std::future::ready(self.0).await
    }
}
