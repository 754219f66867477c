//! Orders.

use std::fmt;

use tallymark::{Counter, Histogram, count_exceptions, counter, gauge, histogram};

use crate::deliveries::{self, Parcel};
use crate::payments::{self, PaymentError};
use crate::shop::{ByGenre, Cart, Shop};

/// Books sold.
#[counter] // bookshop_books_sold_total
static BOOKS_SOLD: Counter<ByGenre>;

/// What they were sold for.
#[counter(unit = "cents")] // bookshop_revenue_cents_total
static REVENUE: Counter;

/// Books in the carts of orders.
#[histogram(buckets = [1, 2, 4, 8])] // bookshop_cart_books
static CART_BOOKS: Histogram;

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) books: u32,
    pub(crate) cents: u64,
}

#[derive(Debug)]
pub(crate) enum OrderError {
    EmptyCart,
    OutOfStock,
    Payment(PaymentError),
}

/// Orders placed.
#[counter] // bookshop_place_order_calls_total
#[histogram(buckets = [0.005, 0.05, 0.5, 5.0])] // bookshop_place_order_duration_seconds
#[gauge(track_inprogress)] // bookshop_place_order_inprogress
#[count_exceptions(Err)] // bookshop_place_order_exceptions_total
#[count_exceptions(name = "bookshop_unpaid_orders_total", Err(OrderError::Payment(_)))]
pub(crate) async fn place_order(shop: &Shop, cart: Cart) -> Result<Order, OrderError> {
    CART_BOOKS.observe(cart.books);
    if cart.books == 0 {
        return Err(OrderError::EmptyCart);
    }
    let reserved = shop.stock.reserve(cart.genre, cart.books).ok_or(OrderError::OutOfStock)?;
    payments::pay(cart.card, cart.cents()).await?;

    reserved.sell();
    BOOKS_SOLD.with(&ByGenre { genre: cart.genre }).inc_by(cart.books.into());
    REVENUE.inc_by(cart.cents());
    deliveries::send(Parcel::of(cart.books));
    Ok(Order { books: cart.books, cents: cart.cents() })
}

impl From<PaymentError> for OrderError {
    fn from(error: PaymentError) -> Self {
        Self::Payment(error)
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyCart => f.write_str("The cart is empty."),
            Self::OutOfStock => f.write_str("We have not so many of these."),
            Self::Payment(error) => error.fmt(f),
        }
    }
}
