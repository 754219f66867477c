use tallymark::histogram;

#[histogram(buckets = [0.1, 1.0, 0.5])]
fn serve() {}

fn main() {}
