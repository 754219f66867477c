use tallymark::{Histogram, histogram};

#[histogram(observe = |page: &String| page.len())]
static SIZES: Histogram;

fn main() {}
