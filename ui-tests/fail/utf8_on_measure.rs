use tallymark::measure;

#[measure(allow_utf8)]
fn serve() {}

fn main() {}
