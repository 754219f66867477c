use tallymark::counter;

#[counter(const_labels(quantile = "0.5"))]
fn serve() {}

fn main() {}
