use tallymark::gauge;

#[gauge(callback, labels(queue: bool = true))]
fn depth() -> usize {
    3
}

fn main() {}
