use tallymark::measure;

#[measure(colour)]
fn serve() {}

fn main() {}
