//! Pages, and what they read.

mod round_trip;
