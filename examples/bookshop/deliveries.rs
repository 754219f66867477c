//! Parcels: a queue, and a worker that empties it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tallymark::{Counter, Histogram, LabelValue, Labels, counter, gauge, histogram};
use tokio::time::sleep;

static QUEUE: Mutex<VecDeque<Parcel>> = Mutex::new(VecDeque::new());

/// Parcels that wait for a carrier.
#[gauge(callback)] // bookshop_parcels_waiting: called at every scrape
fn parcels_waiting() -> usize {
    queue().len()
}

#[derive(Clone, Copy, Debug, LabelValue)]
enum Carrier {
    Bicycle,
    Van,
}

#[derive(Labels)]
struct ByCarrier {
    carrier: Carrier,
}

/// Parcels shipped.
#[counter] // bookshop_parcels_shipped_total
static PARCELS_SHIPPED: Counter<ByCarrier>;

/// Time from the sale to the carrier.
#[histogram(unit = "seconds", buckets = [0.01, 0.02, 0.04, 0.08])] // bookshop_shipping_delay_seconds
static SHIPPING_DELAY: Histogram;

#[derive(Debug)]
pub(crate) struct Parcel {
    books: u32,
    sold: Instant,
}

impl Parcel {
    pub(crate) fn of(books: u32) -> Self {
        Self { books, sold: Instant::now() }
    }

    fn carrier(&self) -> Carrier {
        if self.books > 3 { Carrier::Van } else { Carrier::Bicycle }
    }
}

pub(crate) fn send(parcel: Parcel) {
    queue().push_back(parcel);
}

/// Ships what is sent, until the shop is closed and everything is shipped.
pub(crate) async fn ship_all(closed: Arc<AtomicBool>) {
    loop {
        let last_round = closed.load(Ordering::Acquire);
        while let Some(parcel) = next() {
            ship(&parcel);
        }
        if last_round {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Feeds a metric that is there already, instead of one of its own.
#[counter(into = PARCELS_SHIPPED.with(&ByCarrier { carrier: parcel.carrier() }))]
fn ship(parcel: &Parcel) {
    SHIPPING_DELAY.observe(parcel.sold.elapsed());
}

fn next() -> Option<Parcel> {
    queue().pop_front()
}

fn queue() -> MutexGuard<'static, VecDeque<Parcel>> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}
