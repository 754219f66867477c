use tallymark::counter;

#[counter(labels(user), max_series)]
fn serve(user: u32) {}

fn main() {}
