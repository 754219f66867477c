use tallymark::Labels;

struct Cart;

#[derive(Labels)]
struct Http {
    cart: Cart,
}

fn main() {}
