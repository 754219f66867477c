use tallymark::count_exceptions;

pub enum StoreError {
    Timeout,
    Gone,
}

#[count_exceptions(Err(Timeout))]
pub fn read() -> Result<(), StoreError> {
    Err(StoreError::Gone)
}

pub const GONE: StoreError = StoreError::Timeout;

fn main() {}
