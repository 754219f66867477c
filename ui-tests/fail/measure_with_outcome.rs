use tallymark::measure;

#[measure(outcome)]
fn serve() {}

fn main() {}
