//! One of the crates whose metrics collide.

use tallymark::{Counter, Gauge, Histogram};

/// Orders placed.
#[tallymark::counter(name = "shop_orders_total")]
pub static ORDERS: Counter;

/// Time that an order takes.
#[tallymark::histogram(name = "shop_order_seconds", unit = "seconds")]
pub static SECONDS: Histogram;

/// Orders that wait.
#[tallymark::counter(name = "shop_waiting_total")]
pub static WAITING: Counter;

/// Orders sent back.
#[tallymark::gauge(name = "shop_returns")]
pub static RETURNS: Gauge;
