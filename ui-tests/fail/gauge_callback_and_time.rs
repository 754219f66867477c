use tallymark::gauge;

#[gauge(callback, time)]
fn depth() -> usize {
    3
}

fn main() {}
