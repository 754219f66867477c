use tallymark::counter;

/// A cart.
#[counter]
pub struct Cart {
    pub items: Vec<String>,
}

pub fn items(cart: &Cart) -> usize {
    cart.items.len()
}

fn main() {}
