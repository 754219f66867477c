use tallymark::counter;

#[counter(labels(le))]
fn serve(le: u8) {}

fn main() {}
