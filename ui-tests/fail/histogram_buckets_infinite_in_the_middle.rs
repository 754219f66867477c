use tallymark::histogram;

#[histogram(buckets = [0.1, f64::INFINITY, 1.0])]
fn serve() {}

fn main() {}
