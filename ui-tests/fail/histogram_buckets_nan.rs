use tallymark::histogram;

#[histogram(buckets = [0.1, f64::NAN])]
fn serve() {}

fn main() {}
