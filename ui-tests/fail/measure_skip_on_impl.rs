use tallymark::measure;

struct Shop;

#[measure(skip)]
impl Shop {
    fn serve(&self) {}
}

fn main() {}
