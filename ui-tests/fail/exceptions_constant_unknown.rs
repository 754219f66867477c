use tallymark::count_exceptions;

const FAILED: u8 = 7;

#[count_exceptions(FALED)]
fn run() -> u8 {
    FAILED
}

fn main() {
    run();
}
