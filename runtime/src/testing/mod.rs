//! For the tests of programs with metrics: what a series reads, by how much it changes, how a page reads, and whether
//! names keep the conventions.
//!
//! ```standalone_crate
//! use tallymark::{Registry, counter, testing};
//!
//! /// Orders placed.
//! #[counter(name = "shop_orders_total", labels(method))]
//! fn place_order(method: &str) -> bool {
//!     method == "card"
//! }
//!
//! // By what this thread does: other tests may count in the same series meanwhile.
//! let placed = testing::assert_change("shop_orders_total", [("method", "card")], 1, || place_order("card"));
//! assert!(placed);
//!
//! testing::assert_text(Registry::global(), &["shop_orders_total"], r#"
//!     ## HELP shop_orders_total Orders placed.
//!     ## TYPE shop_orders_total counter
//!     shop_orders_total{method="card"} 1
//! "#);
//!
//! assert_eq!(testing::lint(Registry::global()), []);
//! ```
//!
//! Nothing of it is in a program that doesn't use it, and an increment costs the same with it.

// Every function here is `#[inline]`, so that it is compiled by who calls it and not with this crate.

mod change;
mod lint;
mod near;
mod text;

pub use change::{Change, assert_change, assert_process_change, change, process_change, value};
pub use lint::{Problem, Rule, lint, lint_families};
pub use text::{Difference, assert_text, compare_text};
