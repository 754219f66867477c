use tallymark::counter;

#[counter(outcome, const_labels(outcome = "ok"))]
fn serve() {}

fn main() {}
