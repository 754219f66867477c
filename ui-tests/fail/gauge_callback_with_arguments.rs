use tallymark::gauge;

#[gauge(callback)]
fn depth(queue: &str) -> usize {
    queue.len()
}

fn main() {}
