use tallymark::counter;

#[counter(init = 1, labels(new))]
fn serve(new: bool) {}

fn main() {}
