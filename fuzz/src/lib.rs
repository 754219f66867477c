//! What the targets have in common: what must hold of any page, request or family, and how to tell.
//!
//! Each check panics where it doesn't hold, which is what libFuzzer reports.

pub mod conversation;
pub mod families;
pub mod headers;
pub mod pages;
pub mod random;
pub mod same;
