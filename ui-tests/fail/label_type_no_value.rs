use tallymark::counter;

struct Cart;

#[counter(labels(cart))]
fn serve(cart: Cart) {}

fn main() {}
