//! What the customers did, counted by themselves in plain numbers: nothing here knows tallymark.
//!
//! The page must show the same numbers under the same names. The text of each series is written out here, as it stands
//! on the page.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::load::{Ending, POPULAR};
use crate::requests::Method;
use crate::shop::{Cart, Genre};

/// Numbers by series.
#[derive(Debug)]
pub(crate) struct Tally {
    numbers: Mutex<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers(BTreeMap<String, i64>);

impl Tally {
    /// What shows from the first scrape.
    pub(crate) fn new() -> Self {
        let mut numbers = Numbers::default();
        for series in [
            "bookshop_charge_inprogress",
            "bookshop_charge_panics_total",
            "bookshop_charges_declined_total",
            "bookshop_large_charges_declined_total",
            "bookshop_parcels_waiting",
            "bookshop_place_order_calls_total",
            "bookshop_place_order_exceptions_total",
            "bookshop_place_order_inprogress",
            "bookshop_requests_inprogress",
            "bookshop_revenue_cents_total",
            "bookshop_unpaid_orders_total",
        ] {
            numbers.add(series, 0);
        }
        for genre in Genre::ALL.map(genre_text) {
            for name in ["books_in_stock", "books_sold_total", "page_calls_total", "reserve_exceptions_total"] {
                numbers.add(format!("bookshop_{name}{{genre=\"{genre}\"}}"), 0);
            }
        }
        for outcome in ["ok", "error", "panic", "cancelled"] {
            numbers.charged(outcome, 0);
        }
        for carrier in ["bicycle", "van"] {
            numbers.add(format!("bookshop_parcels_shipped_total{{carrier=\"{carrier}\"}}"), 0);
        }
        for method in ["get", "post", "delete"] {
            numbers.timed("bookshop_request_duration_seconds", Some(("method", method)), 0);
        }
        numbers.timed("bookshop_place_order_duration_seconds", None, 0);
        numbers.timed("bookshop_shipping_delay_seconds", None, 0);
        Self { numbers: Mutex::new(numbers) }
    }

    pub(crate) fn requested(&self, method: Method, route: &str, ending: &Ending) {
        let method = match method {
            Method::Get => "get",
            Method::Post => "post",
            Method::Delete => "delete",
        };
        let mut numbers = self.numbers();
        numbers.timed("bookshop_request_duration_seconds", Some(("method", method)), 1);
        if let Ending::Answered(response) = ending {
            let class = response.status / 100;
            numbers.add(
                format!("bookshop_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{class}xx\"}}"),
                1,
            );
            let bytes = i64::try_from(response.body.len()).unwrap_or(i64::MAX);
            numbers.observed("bookshop_response_bytes", Some(("route", route)), &[16, 32, 48, 64], bytes);
        }
    }

    pub(crate) fn browsed(&self, genre: Genre) {
        self.numbers().add(format!("bookshop_page_calls_total{{genre=\"{}\"}}", genre_text(genre)), 1);
    }

    pub(crate) fn searched(&self, term: &str) {
        let mut numbers = self.numbers();
        let shown = if POPULAR.contains(&term) { term } else { "other" };
        // Rust escapes quotes and backslashes as the text format does.
        numbers.add(format!("bookshop_search_calls_total{{term={shown:?}}}"), 1);
        let past_the_limit = i64::from(shown == "other");
        numbers.add("tallymark_series_overflow_total{metric=\"bookshop_search_calls_total\"}", past_the_limit);
    }

    pub(crate) fn restocked(&self, genre: Genre, books: u32) {
        let mut numbers = self.numbers();
        let genre = genre_text(genre);
        numbers.add(format!("bookshop_restock_calls_total{{genre=\"{genre}\"}}"), 1);
        numbers.add(format!("bookshop_books_in_stock{{genre=\"{genre}\"}}"), books.into());
    }

    pub(crate) fn ordered(&self, cart: Cart, ending: &Ending) {
        let mut numbers = self.numbers();
        numbers.add("bookshop_place_order_calls_total", 1);
        numbers.timed("bookshop_place_order_duration_seconds", None, 1);
        numbers.observed("bookshop_cart_books", None, &[1, 2, 4, 8], cart.books.into());
        let answered = match ending {
            Ending::Answered(response) => Some(response.status),
            Ending::HungUp | Ending::Crashed => None,
        };
        if answered.is_some_and(|status| status != 201) {
            numbers.add("bookshop_place_order_exceptions_total", 1);
        }
        if let Some(402 | 502 | 504) = answered {
            numbers.add("bookshop_unpaid_orders_total", 1);
        }
        match (ending, answered) {
            (Ending::HungUp, _) | (_, Some(504)) => numbers.charged("cancelled", 1),
            (Ending::Crashed, _) => {
                numbers.charged("panic", 1);
                numbers.add("bookshop_charge_panics_total", 1);
            }
            (_, Some(201)) => numbers.sold(cart),
            (_, Some(402)) => {
                numbers.charged("error", 1);
                numbers.add("bookshop_charges_declined_total", 1);
                numbers.add("bookshop_large_charges_declined_total", i64::from(cart.books >= 4));
            }
            (_, Some(502)) => numbers.charged("error", 1),
            (_, Some(409)) => {
                numbers.add(format!("bookshop_reserve_exceptions_total{{genre=\"{}\"}}", genre_text(cart.genre)), 1);
            }
            // An empty cart.
            _ => {}
        }
    }

    /// Every series and its number.
    pub(crate) fn series(&self) -> Vec<(String, i64)> {
        self.numbers().0.iter().map(|(series, &number)| (series.clone(), number)).collect()
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Numbers {
    fn add(&mut self, series: impl Into<String>, number: i64) {
        *self.0.entry(series.into()).or_default() += number;
    }

    fn sold(&mut self, cart: Cart) {
        let (genre, books) = (genre_text(cart.genre), i64::from(cart.books));
        self.charged("ok", 1);
        self.add(format!("bookshop_books_sold_total{{genre=\"{genre}\"}}"), books);
        self.add("bookshop_revenue_cents_total", books * 1250);
        let carrier = if books > 3 { "van" } else { "bicycle" };
        self.add(format!("bookshop_parcels_shipped_total{{carrier=\"{carrier}\"}}"), 1);
        self.timed("bookshop_shipping_delay_seconds", None, 1);
        self.add(format!("bookshop_books_in_stock{{genre=\"{genre}\"}}"), -books);
    }

    fn charged(&mut self, outcome: &str, times: i64) {
        self.add(format!("bookshop_charge_calls_total{{outcome=\"{outcome}\"}}"), times);
        self.timed("bookshop_charge_duration_seconds", None, times);
    }

    /// A histogram of times, of which only the count is known for sure.
    fn timed(&mut self, name: &str, label: Option<(&str, &str)>, times: i64) {
        self.add(format!("{name}_count{}", labels(label, None)), times);
        self.add(format!("{name}_bucket{}", labels(label, Some("+Inf"))), times);
    }

    fn observed(&mut self, name: &str, label: Option<(&str, &str)>, bounds: &[i64], value: i64) {
        for &bound in bounds {
            let series = format!("{name}_bucket{}", labels(label, Some(&format!("{bound}.0"))));
            self.add(series, i64::from(value <= bound));
        }
        self.add(format!("{name}_sum{}", labels(label, None)), value);
        self.timed(name, label, 1);
    }

    fn sum(&self, beginning: &str) -> i64 {
        self.0.iter().filter(|(series, _)| series.starts_with(beginning)).map(|(_, number)| number).sum()
    }
}

fn labels(label: Option<(&str, &str)>, bound: Option<&str>) -> String {
    match (label, bound) {
        (None, None) => String::new(),
        (None, Some(bound)) => format!("{{le=\"{bound}\"}}"),
        (Some((name, text)), None) => format!("{{{name}=\"{text}\"}}"),
        (Some((name, text)), Some(bound)) => format!("{{{name}=\"{text}\",le=\"{bound}\"}}"),
    }
}

fn genre_text(genre: Genre) -> &'static str {
    match genre {
        Genre::Crime => "crime",
        Genre::Poetry => "poetry",
        Genre::ScienceFiction => "sci-fi",
        Genre::Travel => "travel",
    }
}

/// One line for people.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers();
        let charges = |outcome| numbers.sum(&format!("bookshop_charge_calls_total{{outcome=\"{outcome}\""));
        write!(
            f,
            "requests {}, searches {}, orders {}: paid {}, declined or unreachable {}, given up {}, crashed {}; books sold {}",
            numbers.sum("bookshop_requests_total"),
            numbers.sum("bookshop_search_calls_total"),
            numbers.sum("bookshop_place_order_calls_total"),
            charges("ok"),
            charges("error"),
            charges("cancelled"),
            charges("panic"),
            numbers.sum("bookshop_books_sold_total"),
        )
    }
}
