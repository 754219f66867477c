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
}

#[counter(max_series = 10)]
static SUMS: Counter<Sum>;

fn main() {}
