#![deny(warnings)]

use tallymark::histogram;

#[histogram(buckets = [1, 5, 10])]
fn serve() {}

#[histogram(buckets = [-10, 0, 2.5])]
fn cool() {}

#[histogram(buckets = linear(0, 5, 3))]
fn load() {}

#[histogram(buckets = exponential(1, 2, 3))]
fn store() {}

fn main() {
    serve();
    cool();
    load();
    store();
}
