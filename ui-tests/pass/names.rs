#![deny(warnings)]

use tallymark::{Counter, Gauge, counter, gauge, histogram};

#[counter(namespace = "")]
fn shop_serve() {}

#[counter(namespace = "shop_")]
fn serve() {}

#[counter(name = "size_total")]
fn größe() {}

#[counter(name = "_")]
#[counter(name = "a:b")]
fn odd() {}

#[gauge(unit = "celsius")]
static CELLAR_CELSIUS: Gauge;

#[counter(unit = "bytes")]
static READ: Counter;

#[histogram(unit = "seconds")]
fn timed() {}

fn main() {
    shop_serve();
    serve();
    größe();
    odd();
    CELLAR_CELSIUS.set(10.0);
    READ.inc_by(5);
    timed();
}
