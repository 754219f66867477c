use tallymark::counter;

#[counter(labels = method)]
fn serve(method: &str) {}

fn main() {}
