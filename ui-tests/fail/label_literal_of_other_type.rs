use tallymark::counter;

#[counter(labels(length: u32 = "long"))]
fn serve() {}

fn main() {}
