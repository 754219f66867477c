use tallymark::gauge;

#[gauge(callback)]
fn depth<T>() -> usize {
    size_of::<T>()
}

fn main() {}
