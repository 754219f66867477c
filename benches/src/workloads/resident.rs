//! What a series costs in memory.

use std::hint::black_box;

use crate::child;
use crate::contenders::families::{self, Visitor};
use crate::contenders::{Counters, Page, metriken};
use crate::data::Key;
use crate::harness::Figure;
use crate::limit;

const SERIES: usize = 1_000_000;

pub(super) fn run(_: usize) -> Vec<Figure> {
    let names = families::NAMES.into_iter().chain(["limit", "metriken"]);
    names.map(|name| child::figure("resident-bytes-a-series", name, 1)).collect()
}

/// Makes the series in one thread, through lookups with labels that live no longer than the call.
pub(crate) fn child(contender: &str) -> f64 {
    match contender {
        "limit" => {
            let family = limit::Family::new();
            grown(&family, |key| family.inc(&key.tenant, &key.path))
        }
        // It has no lookup: the members must be kept.
        "metriken" => {
            let mut members = Vec::new();
            let bytes = grown(&(), |key| members.push(metriken::member((&key.tenant, &key.path))));
            black_box(members.len());
            bytes
        }
        _ => families::visit(contender, Grown),
    }
}

struct Grown;

impl Visitor for Grown {
    type Output = f64;

    fn visit<C: Counters + Page>(self) -> f64 {
        let family = C::new();
        grown(&family, |key| family.inc(&key.tenant, &key.path))
    }
}

/// By how many bytes a series the process grows.
#[expect(clippy::cast_precision_loss, reason = "a million")]
fn grown<F>(family: &F, mut inc: impl FnMut(&Key)) -> f64 {
    let mut key = Key::default();
    // What the first series costs beside itself is there already.
    key.set(SERIES);
    inc(&key);
    let before = child::status("VmRSS");
    for number in 0..SERIES {
        key.set(number);
        inc(&key);
    }
    let after = child::status("VmRSS");
    black_box(family);
    (after - before) / SERIES as f64
}
