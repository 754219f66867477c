use tallymark::Histogram;

#[tallymark::histogram(name = "orders_seconds")]
static ORDERS: Histogram;

#[tallymark::histogram(into = ORDERS, native)]
fn place_order() {}

fn main() {}
