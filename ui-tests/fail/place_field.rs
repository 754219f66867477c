use tallymark::{Counter, counter};

struct Shop {
    #[counter]
    requests: Counter,
}

fn main() {}
