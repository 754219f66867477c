//! Looking for books.

use tallymark::counter;

use crate::shop::{Genre, PRICE_CENTS, Shop};

/// Pages of the catalogue shown.
#[counter(labels(genre))] // bookshop_page_calls_total{genre="crime"}
pub(crate) fn page(shop: &Shop, genre: Genre) -> String {
    format!("{genre:?}: {} books at {PRICE_CENTS} cents.", shop.stock.of(genre))
}

/// Searches in the catalogue.
//
// What customers write is an open label, so there is a limit: with five series, terms that come later count in the
// series of `term="other"`. The total stays exact.
#[counter(labels(term), max_series = 5)] // bookshop_search_calls_total{term="murder"}
pub(crate) fn search(term: &str) -> String {
    format!("{} books about {term}.", term.len())
}
