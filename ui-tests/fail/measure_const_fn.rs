use tallymark::measure;

struct Shop;

#[measure]
impl Shop {
    const fn new() -> Self {
        Self
    }
}

fn main() {}
