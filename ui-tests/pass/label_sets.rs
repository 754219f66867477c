#![deny(warnings)]

use std::fmt::Display;
use std::net::IpAddr;

use tallymark::{Counter, LabelValue, Labels, counter};

#[derive(Clone, Copy, LabelValue)]
enum Cache {
    Hit,
    #[label("")]
    Miss,
}

/// Borrows, renames, and shows what is not ours.
#[derive(Labels)]
struct Peer<'a> {
    r#type: &'a str,
    #[label(display)]
    address: IpAddr,
    #[label(display, "temperature")]
    degrees: f64,
    cache: Cache,
    status: Option<bool>,
}

/// Has a parameter beside a lifetime.
#[derive(Labels)]
struct Pair<'a, T, D: Display> {
    left: &'a str,
    right: T,
    #[label(display)]
    shown: D,
}

#[derive(Labels)]
struct Nothing;

#[counter]
static PEERS: Counter<Peer<'static>>;

#[counter]
static PAIRS: Counter<Pair<'static, u32, f64>>;

#[counter]
static NOTHING: Counter<Nothing>;

fn main() {
    #[derive(Labels)]
    struct Local {
        place: &'static str,
    }

    #[counter]
    static LOCAL: Counter<Local>;

    let text = String::from("router");
    let address = IpAddr::from([127, 0, 0, 1]);
    PEERS.with(&Peer { r#type: &text, address, degrees: 0.5, cache: Cache::Hit, status: None }).inc();
    PEERS.with(&Peer { r#type: &text, address, degrees: 0.5, cache: Cache::Miss, status: Some(true) }).inc();
    PAIRS.with(&Pair { left: &text, right: 1, shown: 0.5 }).inc();
    NOTHING.with(&Nothing).inc();
    LOCAL.with(&Local { place: "here" }).inc();
}
