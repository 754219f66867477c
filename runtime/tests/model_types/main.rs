//! Every type of metric against a model that is too simple to be wrong, and every text against a parser of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod models;
mod page;
mod programs;
mod texts;
