use tallymark::counter;

struct Cart;

#[counter(labels(method, cart))]
fn serve(method: &str, cart: Cart) {}

fn main() {}
