use tallymark::measure;

#[measure(unit = "seconds")]
fn serve() {}

fn main() {}
