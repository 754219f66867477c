//! Customers, and the publisher who brings new books. All of them count what they do in the tally.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::deliveries;
use crate::payments::Card;
use crate::random::Random;
use crate::requests::{Body, Method, Request, Response, handle};
use crate::shop::{Cart, Genre, Shop};
use crate::tally::Tally;

const CUSTOMERS: u32 = 16;

/// What everybody looks for. With the first searches these get the series that there are for search terms.
pub(crate) const POPULAR: [&str; 5] = ["murder", "love", "alps", "\"to be or not to be\"", "Mars \\ Moon"];

/// How long customers wait for an answer: longer, and shorter, than the shop waits for the bank.
const PATIENT: Duration = Duration::from_secs(10);
const IMPATIENT: Duration = Duration::from_millis(50);

/// How a request ended, as its customer sees it.
#[derive(Debug)]
pub(crate) enum Ending {
    Answered(Response),
    /// The customer didn't wait any longer.
    HungUp,
    /// The task that handled it has panicked.
    Crashed,
}

#[derive(Debug)]
pub(crate) struct Load {
    customers: JoinHandle<()>,
    carriers: JoinHandle<()>,
    /// Nobody begins anything any more.
    stopped: Arc<AtomicBool>,
    /// Nobody is in the shop any more.
    closed: Arc<AtomicBool>,
}

impl Load {
    pub(crate) fn start(shop: Arc<Shop>, tally: Arc<Tally>) -> Self {
        let (stopped, closed) = (Arc::default(), Arc::default());
        let world = World { shop, tally, stopped: Arc::clone(&stopped) };
        let customers = tokio::spawn(async move {
            for term in POPULAR {
                world.search(term.to_owned()).await;
            }
            let customers = (1..=CUSTOMERS).map(|seed| world.clone().be_customer(Random::new(seed)));
            let mut everybody: JoinSet<()> = customers.collect();
            everybody.spawn(world.be_publisher());
            everybody.join_all().await;
        });
        let carriers = tokio::spawn(deliveries::ship_all(Arc::clone(&closed)));
        Self { customers, carriers, stopped, closed }
    }

    /// Stops the customers, and returns when everything that they began has ended.
    pub(crate) async fn stop(self) -> Result<(), JoinError> {
        self.stopped.store(true, Ordering::Release);
        self.customers.await?;
        self.closed.store(true, Ordering::Release);
        self.carriers.await
    }
}

#[derive(Clone, Debug)]
struct World {
    shop: Arc<Shop>,
    tally: Arc<Tally>,
    stopped: Arc<AtomicBool>,
}

impl World {
    async fn be_publisher(self) {
        while !self.is_stopped() {
            for genre in Genre::ALL {
                self.shop.stock.restock(genre, 28);
                self.tally.restocked(genre, 28);
            }
            sleep(Duration::from_millis(250)).await;
        }
    }

    async fn be_customer(self, mut random: Random) {
        while !self.is_stopped() {
            match random.below(100) {
                0..45 => self.browse(random.one_of(&Genre::ALL)).await,
                45..65 => self.search(any_term(&mut random)).await,
                65..95 => self.order(any_cart(&mut random), random.below(2) == 0).await,
                95..98 => drop(self.request(Method::Delete, "/orders", Body::Empty, PATIENT).await),
                _ => drop(self.request(Method::Get, "/cellar", Body::Empty, PATIENT).await),
            }
            sleep(Duration::from_millis(u64::from(10 + random.below(20)))).await;
        }
    }

    async fn browse(&self, genre: Genre) {
        self.request(Method::Get, "/books", Body::Genre(genre), PATIENT).await;
        self.tally.browsed(genre);
    }

    async fn search(&self, term: String) {
        self.request(Method::Get, "/search", Body::Term(term.clone()), PATIENT).await;
        self.tally.searched(&term);
    }

    async fn order(&self, cart: Cart, patient: bool) {
        let patience = if patient { PATIENT } else { IMPATIENT };
        let ending = self.request(Method::Post, "/orders", Body::Cart(cart), patience).await;
        self.tally.ordered(cart, &ending);
    }

    /// A task of its own handles each request, as in a web server: a panic ends the request and nothing else.
    async fn request(&self, method: Method, route: &'static str, body: Body, patience: Duration) -> Ending {
        let shop = Arc::clone(&self.shop);
        let handling = async move { timeout(patience, handle(&shop, Request { method, route, body })).await };
        let ending = match tokio::spawn(handling).await {
            Ok(Ok(response)) => Ending::Answered(response),
            Ok(Err(_)) => Ending::HungUp,
            Err(_) => Ending::Crashed,
        };
        self.tally.requested(method, route, &ending);
        ending
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

fn any_term(random: &mut Random) -> String {
    if random.below(2) == 0 { random.one_of(&POPULAR).to_owned() } else { format!("book {}", random.below(1000)) }
}

fn any_cart(random: &mut Random) -> Cart {
    let card = match random.below(100) {
        0..85 => Card::Good,
        85..91 => Card::Empty,
        91..94 => Card::Unreachable,
        94..99 => Card::Silent,
        _ => Card::Broken,
    };
    let books = match random.below(50) {
        0 => 0,
        1 => 10,
        dice => 1 + dice % 5,
    };
    Cart { genre: random.one_of(&Genre::ALL), books, card }
}
