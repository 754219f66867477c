use tallymark::{Counter, LabelValue, Labels, counter};

#[derive(Clone, Copy, LabelValue)]
enum Digit {
    Zero,
    One,
    Two,
    Three,
}

#[derive(Labels)]
struct Sum {
    a: Digit,
    b: Digit,
    c: Digit,
    d: Digit,
    e: Digit,
    f: Digit,
    g: Digit,
}

#[counter]
static SUMS: Counter<Sum>;

fn main() {}
