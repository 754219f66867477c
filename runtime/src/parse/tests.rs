//! Pages, and what they read.

mod odd;
mod openmetrics;
mod reader;
mod round_trip;
mod text;
