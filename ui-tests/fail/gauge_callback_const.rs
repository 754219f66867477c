use tallymark::gauge;

#[gauge(callback)]
const fn depth() -> usize {
    3
}

fn main() {}
