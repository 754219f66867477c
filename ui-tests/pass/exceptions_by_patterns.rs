#![deny(warnings)]

use tallymark::count_exceptions;

enum StoreError {
    Timeout { tries: u32 },
    Gone,
    Refused(u16),
}

const FULL: u16 = 507;

impl StoreError {
    fn is_fatal(&self) -> bool {
        matches!(self, Self::Gone)
    }
}

#[count_exceptions(name = "store_errors_total")]
#[count_exceptions(name = "store_timeouts_total", Err(StoreError::Timeout { .. }))]
#[count_exceptions(name = "store_retried_total", Err(StoreError::Timeout { tries }) if *tries > 0)]
#[count_exceptions(name = "store_fatal_total", Err(error) if error.is_fatal())]
#[count_exceptions(name = "store_full_total", Err(StoreError::Refused(FULL)))]
#[count_exceptions(name = "store_either_total", | Err(StoreError::Gone) | Err(StoreError::Refused(500..=599)))]
#[count_exceptions(name = "store_odd_total", result if result.is_err(), panic)]
fn read(error: Option<StoreError>) -> Result<(), StoreError> {
    error.map_or(Ok(()), Err)
}

#[count_exceptions(None)]
fn find(list: &[u32]) -> Option<&u32> {
    list.first()
}

#[count_exceptions]
fn save() -> std::io::Result<()> {
    Ok(())
}

fn main() {
    assert!(read(Some(StoreError::Timeout { tries: 1 })).is_err());
    assert!(read(Some(StoreError::Gone)).is_err());
    assert!(read(Some(StoreError::Refused(FULL))).is_err());
    assert_eq!(find(&[]), None);
    save().unwrap();
}
