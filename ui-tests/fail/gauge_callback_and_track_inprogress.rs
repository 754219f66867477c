use tallymark::gauge;

#[gauge(callback, track_inprogress)]
fn depth() -> usize {
    3
}

fn main() {}
