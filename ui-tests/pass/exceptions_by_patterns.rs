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

mod store {
    #[derive(Debug, PartialEq)]
    pub enum Answer {
        Done,
        Failed(u8),
        Late { by: u8 },
    }
}
use store::Answer::{self, Done, Failed, Late};

#[count_exceptions(Failed, Late)]
#[count_exceptions(name = "done_total", Done)]
fn answer(n: u8) -> Answer {
    match n {
        0 => Done,
        1 => Failed(n),
        by => Late { by },
    }
}

#[count_exceptions(Some(Failed | Late))]
#[count_exceptions(name = "any_total", Some)]
fn maybe(n: u8) -> Option<Answer> {
    Some(answer(n))
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
    assert_eq!([answer(0), answer(1), answer(2)], [Done, Failed(1), Late { by: 2 }]);
    assert_eq!(maybe(1), Some(Failed(1)));

    let value = |name: &str| {
        let families = tallymark::Registry::global().gather();
        let found = families.iter().find(|family| family.name() == name).unwrap();
        found.series()[0].value().clone()
    };
    let counted = |n: u64| tallymark::Value::Number(n.into());
    assert_eq!(value("store_errors_total"), counted(3));
    assert_eq!(value("store_timeouts_total"), counted(1));
    assert_eq!(value("store_retried_total"), counted(1));
    assert_eq!(value("store_fatal_total"), counted(1));
    assert_eq!(value("store_full_total"), counted(1));
    assert_eq!(value("store_either_total"), counted(2));
    assert_eq!(value("done_total"), counted(1));
    assert_eq!(value("any_total"), counted(1));
}
