#![deny(warnings)]

use tallymark::{count_exceptions, counter, gauge, histogram};

#[counter(outcome, labels(panic, name, result))]
#[histogram(labels(panic, ok: bool = |result: &Result<u8, u8>| result.is_ok()))]
#[gauge(track_inprogress, labels(labels))]
#[count_exceptions(panic, Err, labels(panic))]
fn serve(panic: bool, name: &str, result: u8, metric: u8, guard: u8, labels: u8) -> Result<u8, u8> {
    if panic || name.is_empty() { Err(metric) } else { Ok(result + guard + labels) }
}

fn main() {
    assert_eq!(serve(false, "x", 1, 2, 3, 4), Ok(8));
}
