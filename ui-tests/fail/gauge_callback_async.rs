use tallymark::gauge;

#[gauge(callback)]
async fn depth() -> usize {
    3
}

fn main() {}
