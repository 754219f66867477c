use tallymark::count_exceptions;

pub enum StoreError {
    Timeout,
    Gone,
}

#[count_exceptions(Timeout)]
pub fn read() -> StoreError {
    StoreError::Gone
}

pub const GONE: StoreError = StoreError::Timeout;

fn main() {}
