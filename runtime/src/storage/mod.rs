//! Where numbers live.
//!
//! A *cell* is one number, or the numbers of one histogram; many threads write it and a scrape reads it. A *table*
//! finds the cell of a label set. Nothing outside this folder knows how either is laid out.

mod cell;
mod histogram;
mod table;

pub(crate) use cell::{Cell, FloatCell, SignedCell, UnsignedCell};
pub(crate) use histogram::{HistogramCell, HistogramReading};
pub(crate) use table::{Series, Table};
