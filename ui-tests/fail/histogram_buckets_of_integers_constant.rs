use tallymark::histogram;

const BUCKETS: [u32; 3] = [1, 5, 10];

#[histogram(buckets = BUCKETS)]
fn serve() {}

fn main() {}
