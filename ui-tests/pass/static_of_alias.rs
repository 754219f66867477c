#![deny(warnings)]

use tallymark::{Counter, Labels, counter, histogram};

#[derive(Labels)]
pub struct User {
    user: u32,
}

type Plain = Counter;
type OfUsers = Counter<User>;

mod metrics {
    pub type Latency = tallymark::Histogram;
}

#[counter]
static REQUESTS: Plain;

#[counter(max_series = 5)]
static BY_USER: OfUsers;

#[histogram]
static LATENCY: metrics::Latency;

fn main() {
    REQUESTS.inc();
    BY_USER.with(&User { user: 1 }).inc();
    LATENCY.observe(1.0);
}
