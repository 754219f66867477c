//! Requests, as they come from the web.

use tallymark::{LabelValue, counter, gauge, histogram};

use crate::catalogue;
use crate::orders::{self, OrderError};
use crate::payments::PaymentError;
use crate::shop::{Cart, Genre, Shop};

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    pub(crate) body: Body,
}

/// As a label it reads `get`, `post`, `delete`.
#[derive(Clone, Copy, Debug, LabelValue)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Genre(Genre),
    Term(String),
    Cart(Cart),
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The label `status`: a class, not each code, so that there are few series.
#[derive(Clone, Copy, Debug, LabelValue)]
enum StatusClass {
    #[label("2xx")]
    Success,
    #[label("4xx")]
    ClientError,
    #[label("5xx")]
    ServerError,
}

impl From<u16> for StatusClass {
    fn from(status: u16) -> Self {
        match status {
            ..400 => Self::Success,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

/// Requests answered.
//
// Two labels are read from the request before it is consumed, one from the response; so a request is counted once it is
// answered. The gauge comes down on every way out: also where the customer hangs up, or the function panics.
#[counter(
    name = "bookshop_requests_total",
    labels(
        method: Method = request.method,
        route: &'static str = request.route,
        status: StatusClass = |response: &Response| response.status.into(),
    ),
)]
#[gauge(track_inprogress, name = "bookshop_requests_inprogress", help = "Requests that wait for their answer.")]
#[histogram(
    name = "bookshop_request_duration_seconds",
    help = "Time to answer a request.",
    labels(method: Method = request.method),
    buckets = [0.001, 0.005, 0.025, 0.1, 0.5],
)]
#[histogram(
    name = "bookshop_response_bytes",
    help = "Size of the answers.",
    unit = "bytes",
    labels(route: &'static str = request.route),
    buckets = linear(16.0, 16.0, 4),
    observe = |response: &Response| response.body.len(),
)]
pub(crate) async fn handle(shop: &Shop, request: Request) -> Response {
    match (request.method, request.route, request.body) {
        (Method::Get, "/books", Body::Genre(genre)) => ok(catalogue::page(shop, genre)),
        (Method::Get, "/search", Body::Term(term)) => ok(catalogue::search(&term)),
        (Method::Post, "/orders", Body::Cart(cart)) => order(shop, cart).await,
        (_, "/books" | "/search" | "/orders", _) => answer(405, "This can't be done here."),
        _ => answer(404, "Nothing is here."),
    }
}

async fn order(shop: &Shop, cart: Cart) -> Response {
    match orders::place_order(shop, cart).await {
        Ok(order) => answer(201, format!("{} books are yours, for {} cents.", order.books, order.cents)),
        Err(error) => {
            let status = match &error {
                OrderError::EmptyCart => 400,
                OrderError::OutOfStock => 409,
                OrderError::Payment(PaymentError::Declined { .. }) => 402,
                OrderError::Payment(PaymentError::Unreachable) => 502,
                OrderError::Payment(PaymentError::TimedOut) => 504,
            };
            answer(status, error.to_string())
        }
    }
}

fn ok(body: String) -> Response {
    answer(200, body)
}

fn answer(status: u16, body: impl Into<String>) -> Response {
    Response { status, body: body.into() }
}
