use tallymark::counter;

#[counter(labels(user), max_series = "many")]
fn serve(user: u32) {}

fn main() {}
