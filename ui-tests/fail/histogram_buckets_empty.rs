use tallymark::histogram;

#[histogram(buckets = [])]
fn serve() {}

fn main() {}
