use tallymark::Labels;

struct Cart;

#[derive(Labels)]
struct Http {
    #[label(display)]
    cart: Cart,
}

fn main() {}
