//! One of the crates whose metrics collide.

use tallymark::{Counter, Gauge};

/// Orders placed.
#[tallymark::counter(name = "shop_orders_total")]
pub static ORDERS: Counter;

/// Orders counted by hand.
#[tallymark::gauge(name = "shop_order_seconds_count")]
pub static COUNTED: Gauge;

/// Orders sent back.
#[tallymark::counter(name = "shop.returns.total", allow_utf8)]
pub static RETURNS: Counter;
