use tallymark::measure;

struct Shop;

#[measure(buckets = [2.0, 1.0])]
impl Shop {
    fn open(&self) {}

    fn close(&self) {}
}

fn main() {}
