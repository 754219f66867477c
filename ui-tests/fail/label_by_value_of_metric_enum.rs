use tallymark::{Counter, LabelValue, counter};

#[derive(Clone, Copy, LabelValue)]
enum Method {
    Get,
    Post,
}

#[counter]
static REQUESTS: Counter<Method>;

fn main() {}
