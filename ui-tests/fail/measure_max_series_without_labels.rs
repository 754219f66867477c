use tallymark::measure;

#[measure(max_series = 10, init = true)]
fn serve() {}

fn main() {}
