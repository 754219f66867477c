use tallymark::measure;

#[measure(into = CALLS)]
fn serve() {}

fn main() {}
