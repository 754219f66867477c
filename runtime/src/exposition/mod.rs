//! What a page reads: pure functions from gathered families to bytes.

mod buffer;
mod number;
pub mod text;
