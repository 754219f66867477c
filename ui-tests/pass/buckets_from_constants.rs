#![deny(warnings)]

use tallymark::histogram;

const ARRAY: [f64; 3] = [0.1, 0.5, 1.0];
const SLICE: &[f64] = &[0.1, 0.5, 1.0];
const COUNT: usize = 4;
const LOW: f64 = 0.25;

const fn powers() -> [f64; 3] {
    [1.0, 2.0, 4.0]
}

#[histogram(buckets = ARRAY)]
fn of_array() {}

#[histogram(buckets = SLICE)]
fn of_slice() {}

#[histogram(buckets = powers())]
fn of_function() {}

#[histogram(buckets = tallymark::buckets::PYTHON)]
fn of_python() {}

#[histogram(buckets = [LOW, 2.0 * LOW, 1.0])]
fn of_expressions() {}

#[histogram(buckets = linear(LOW, LOW, COUNT))]
fn of_generator() {}

fn main() {
    of_array();
    of_slice();
    of_function();
    of_python();
    of_expressions();
    of_generator();
}
