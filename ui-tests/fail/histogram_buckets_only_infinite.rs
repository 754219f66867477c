use tallymark::histogram;

#[histogram(buckets = [f64::INFINITY])]
fn serve() {}

fn main() {}
