#![deny(warnings)]

use tallymark::{LabelValue, counter};

const REGION: &str = "eu";

#[derive(Clone, Copy, LabelValue)]
enum Digit {
    Zero,
    One,
    Two,
    Three,
}

#[counter(name = "shop:added_total", max_series = 16, init = true, labels(a, b))]
fn add(a: Digit, b: Digit) -> u32 {
    a as u32 + b as u32
}

#[counter(labels(left: u32, right: u32))]
fn pair((left, right): (u32, u32)) -> u32 {
    left + right
}

#[counter(labels(key: String = key.to_string()))]
fn generic<K: ToString>(key: K) {
    drop(key);
}

#[counter(labels(r#type), const_labels(region = REGION, version = env!("CARGO_PKG_VERSION")))]
fn raw(r#type: Option<Digit>) -> bool {
    r#type.is_some()
}

#[counter(outcome, labels(a, b, c, d, e, f, g, h, i, j, k))]
#[rustfmt::skip]
#[allow(clippy::too_many_arguments)]
fn most(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k
}

fn main() {
    assert_eq!(add(Digit::One, Digit::Two) + add(Digit::Zero, Digit::Three), 6);
    assert_eq!(pair((1, 2)), 3);
    generic("x");
    assert!(!raw(None));
    assert_eq!(most(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 11);
}
