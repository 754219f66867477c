use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct Place {
    region: &'static str,
}

#[counter(const_labels(region = "eu"))]
static REQUESTS: Counter<Place>;

fn main() {}
