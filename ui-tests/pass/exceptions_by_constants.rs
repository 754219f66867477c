//! Names that are written like constants are constants, or variants of one letter.

use tallymark::count_exceptions;

const FAILED: u8 = 7;

enum Grade {
    A,
    F,
}

use Grade::{A, F};

#[count_exceptions(FAILED)]
#[count_exceptions(name = "run_failed_so_total", FAILED | 8)]
fn run() -> u8 {
    FAILED
}

#[count_exceptions(F)]
fn grade(good: bool) -> Grade {
    if good { A } else { F }
}

fn main() {
    run();
    grade(true);
}
