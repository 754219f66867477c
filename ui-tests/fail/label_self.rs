use tallymark::counter;

struct Shop;

impl Shop {
    #[counter(labels(self))]
    fn serve(&self) {}
}

fn main() {}
