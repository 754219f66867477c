use tallymark::counter;

#[counter(labels(key))]
fn serve<K: ToString>(key: K) {}

fn main() {}
