//! Native histograms, alone and beside classic buckets.

use tallymark::{Histogram, histogram, measure};

const FACTOR: f64 = 1.05;
const MOST: u32 = 100;

#[histogram(native)]
static ALONE: Histogram;

#[histogram(native(), buckets = [0.1, 1.0])]
static BESIDE: Histogram;

#[histogram(
    native(
        factor = FACTOR,
        max_buckets = MOST,
        min_reset = 15 * 60,
        zero_threshold = 0,
        max_zero_threshold = 1e-3,
    ),
    name = "all_options",
)]
static ALL: Histogram;

#[histogram(native(factor = 2))]
async fn fetch() {}

#[measure(native, buckets = [1])]
fn place_order() {}

struct Shop;

#[measure(native(factor = 1.2))]
impl Shop {
    fn open(&self) {}
}

fn main() {
    for histogram in [&ALONE, &BESIDE, &ALL] {
        histogram.observe(0.3);
    }
    drop(fetch());
    place_order();
    Shop.open();
}
