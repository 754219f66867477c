use tallymark::counter;

struct Shop {
    region: &'static str,
}

impl Shop {
    #[counter(labels(self.region))]
    fn serve(&self) {}
}

fn main() {}
