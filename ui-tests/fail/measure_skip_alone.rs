use tallymark::measure;

#[measure(skip)]
fn serve() {}

fn main() {}
