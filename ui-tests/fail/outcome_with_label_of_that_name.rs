use tallymark::counter;

#[counter(outcome, labels(outcome))]
fn serve(outcome: bool) {}

fn main() {}
