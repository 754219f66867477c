use tallymark::histogram;

#[histogram(unit = "milliseconds")]
fn serve() {}

fn main() {}
