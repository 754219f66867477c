use tallymark::measure;

struct Shop;

#[measure(bucket = [1.0])]
impl Shop {
    fn open(&self) {}

    fn close(&self) {}
}

fn main() {}
