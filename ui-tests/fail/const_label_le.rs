use tallymark::counter;

#[counter(const_labels(le = "1"))]
fn serve() {}

fn main() {}
