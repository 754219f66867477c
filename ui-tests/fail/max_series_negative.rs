use tallymark::counter;

#[counter(labels(user), max_series = -1)]
fn serve(user: u32) {}

fn main() {}
