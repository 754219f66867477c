//! What is on the shelves.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tallymark::{Gauge, count_exceptions, counter, gauge};

use crate::shop::{ByGenre, Genre};

/// Books on the shelves, those left out that are reserved.
#[gauge] // bookshop_books_in_stock
static BOOKS_IN_STOCK: Gauge<ByGenre, i64>;

#[derive(Debug, Default)]
pub(crate) struct Stock {
    shelves: Mutex<[u32; Genre::ALL.len()]>,
}

impl Stock {
    pub(crate) fn of(&self, genre: Genre) -> u32 {
        self.shelves()[genre as usize]
    }

    /// Restockings.
    #[counter(labels(genre))] // bookshop_restock_calls_total
    pub(crate) fn restock(&self, genre: Genre, books: u32) {
        self.shelves()[genre as usize] += books;
        BOOKS_IN_STOCK.with(&ByGenre { genre }).inc_by(books.into());
    }

    /// Reservations that failed, because there were too few books.
    #[count_exceptions(None, labels(genre))] // bookshop_reserve_exceptions_total
    pub(crate) fn reserve(&self, genre: Genre, books: u32) -> Option<Reserved<'_>> {
        let mut shelves = self.shelves();
        shelves[genre as usize] = shelves[genre as usize].checked_sub(books)?;
        BOOKS_IN_STOCK.with(&ByGenre { genre }).dec_by(books.into());
        Some(Reserved { stock: self, genre, books })
    }

    fn shelves(&self) -> MutexGuard<'_, [u32; Genre::ALL.len()]> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Books that go back to their shelf unless they are sold.
#[derive(Debug)]
pub(crate) struct Reserved<'a> {
    stock: &'a Stock,
    genre: Genre,
    books: u32,
}

impl Reserved<'_> {
    pub(crate) fn sell(mut self) {
        self.books = 0;
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.stock.shelves()[self.genre as usize] += self.books;
        BOOKS_IN_STOCK.with(&ByGenre { genre: self.genre }).inc_by(self.books.into());
    }
}
