//! What is sold, and what the labels are made of.

use tallymark::{LabelValue, Labels};

use crate::payments::Card;
use crate::stock::Stock;

/// What a book costs, whichever it is.
pub(crate) const PRICE_CENTS: u64 = 1250;

#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) stock: Stock,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self { stock: Stock::default() }
    }
}

/// As a label it reads `crime`, `poetry`, `sci-fi`, `travel`. These are all the values there are, so every series of a
/// family with this label shows from the first scrape.
#[derive(Clone, Copy, Debug, LabelValue)]
pub(crate) enum Genre {
    Crime,
    Poetry,
    #[label("sci-fi")]
    ScienceFiction,
    Travel,
}

impl Genre {
    pub(crate) const ALL: [Self; 4] = [Self::Crime, Self::Poetry, Self::ScienceFiction, Self::Travel];
}

/// The labels of what is counted by genre.
#[derive(Labels)]
pub(crate) struct ByGenre {
    pub(crate) genre: Genre,
}

/// What a customer wants to buy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cart {
    pub(crate) genre: Genre,
    pub(crate) books: u32,
    pub(crate) card: Card,
}

impl Cart {
    pub(crate) fn cents(self) -> u64 {
        u64::from(self.books) * PRICE_CENTS
    }
}
