use tallymark::histogram;

#[histogram(bucket = [0.1, 1.0])]
fn serve() {}

fn main() {}
