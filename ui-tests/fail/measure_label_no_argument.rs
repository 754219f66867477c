use tallymark::measure;

#[measure(labels(method))]
fn serve() {}

fn main() {}
