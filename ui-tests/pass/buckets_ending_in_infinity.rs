#![deny(warnings)]

use tallymark::{Histogram, histogram};

#[histogram(buckets = [0.1, 1.0, f64::INFINITY])]
static SIZES: Histogram;

#[histogram(buckets = [1.0, std::f64::INFINITY])]
fn serve() {}

fn main() {
    SIZES.observe(2.0);
    serve();
}
