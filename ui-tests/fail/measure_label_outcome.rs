use tallymark::measure;

#[measure(labels(outcome), const_labels(outcome = "x"))]
fn serve(outcome: bool) {}

fn main() {}
