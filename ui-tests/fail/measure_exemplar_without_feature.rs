use tallymark::measure;

struct Shop;

#[measure(exemplar)]
impl Shop {
    fn open(&self) {}

    fn close(&self) {}
}

fn main() {}
