use tallymark::counter;

#[counter(labels(price))]
fn serve(price: f64) {}

fn main() {}
