use tallymark::counter;

#[counter(labels(key))]
fn serve(key: impl ToString) {}

fn main() {}
