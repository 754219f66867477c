use tallymark::gauge;

fn depth() -> usize {
    3
}

#[gauge(callback = depth)]
fn serve() -> usize {
    depth()
}

fn main() {}
