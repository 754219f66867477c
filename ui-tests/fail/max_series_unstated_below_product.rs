use tallymark::{LabelValue, counter};

#[derive(Clone, Copy, LabelValue)]
enum Digit {
    Zero,
    One,
    Two,
    Three,
}

#[counter(labels(a, b, c, d, e, f, g))]
fn add(a: Digit, b: Digit, c: Digit, d: Digit, e: Digit, f: Digit, g: Digit) {}

fn main() {}
