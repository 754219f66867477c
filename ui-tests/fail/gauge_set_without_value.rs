use tallymark::gauge;

#[gauge(set)]
fn load() -> usize {
    3
}

fn main() {}
