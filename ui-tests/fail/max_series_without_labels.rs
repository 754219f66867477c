use tallymark::counter;

#[counter(max_series = 10)]
fn serve() {}

fn main() {}
