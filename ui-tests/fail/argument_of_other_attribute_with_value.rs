use tallymark::counter;

#[counter(buckets = [0.1, 1.0])]
fn serve() {}

fn main() {}
