//! Payments, by a bank that declines, is away, doesn't answer, and breaks.

use std::fmt;
use std::future;
use std::panic;
use std::time::Duration;

use tallymark::{count_exceptions, counter, gauge, histogram};
use tokio::time::{sleep, timeout};

/// How long the bank may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// The cards of the bank's sandbox: each says what happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Card {
    Good,
    Empty,
    Unreachable,
    Silent,
    Broken,
}

#[derive(Debug)]
pub(crate) enum PaymentError {
    Declined { cents: u64 },
    Unreachable,
    TimedOut,
}

/// Takes the money, or gives up. A charge that is given up is dropped where it waits: its `outcome` is `cancelled`.
pub(crate) async fn pay(card: Card, cents: u64) -> Result<(), PaymentError> {
    timeout(PATIENCE, charge(card, cents)).await.unwrap_or(Err(PaymentError::TimedOut))
}

/// Charges to cards.
#[counter(outcome)] // bookshop_charge_calls_total{outcome="ok"}, "error", "panic", "cancelled"
#[histogram(buckets = exponential(0.001, 4.0, 5))] // bookshop_charge_duration_seconds
#[gauge(track_inprogress)] // bookshop_charge_inprogress
#[count_exceptions(name = "bookshop_charges_declined_total", Err(PaymentError::Declined { .. }))]
#[count_exceptions(name = "bookshop_large_charges_declined_total", Err(PaymentError::Declined { cents }) if *cents >= 5000)]
#[count_exceptions(name = "bookshop_charge_panics_total", panic)]
async fn charge(card: Card, cents: u64) -> Result<(), PaymentError> {
    sleep(Duration::from_millis(2)).await;
    match card {
        Card::Good => Ok(()),
        Card::Empty => Err(PaymentError::Declined { cents }),
        Card::Unreachable => Err(PaymentError::Unreachable),
        Card::Silent => future::pending().await,
        // A panic like any other, but for the message on standard error.
        Card::Broken => panic::resume_unwind(Box::new("the bank's library has a bug")),
    }
}

impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined { cents } => write!(f, "The bank declines to pay {cents} cents."),
            Self::Unreachable => f.write_str("The bank can't be reached."),
            Self::TimedOut => f.write_str("The bank doesn't answer."),
        }
    }
}
