//! Pages, and what they read.

mod odd;
mod round_trip;
