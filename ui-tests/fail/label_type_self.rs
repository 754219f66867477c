use tallymark::{LabelValue, counter};

#[derive(Clone, Copy, LabelValue)]
enum Method {
    Get,
    Post,
}

impl Method {
    #[counter(labels(other))]
    fn serve(other: Self) {}
}

fn main() {}
