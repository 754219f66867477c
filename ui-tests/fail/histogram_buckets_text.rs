use tallymark::histogram;

#[histogram(buckets = [0.1, "1"])]
fn serve() {}

fn main() {}
