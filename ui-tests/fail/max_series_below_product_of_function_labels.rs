use tallymark::{LabelValue, counter};

#[derive(Clone, Copy, LabelValue)]
enum Digit {
    Zero,
    One,
    Two,
    Three,
}

#[counter(max_series = 10, labels(a, b))]
fn add(a: Digit, b: Digit) {}

fn main() {}
