use tallymark::Labels;

struct Cart;

#[derive(Labels)]
struct Http {
    method: &'static str,
    cart: Cart,
    status: u16,
    seconds: f64,
}

fn main() {}
