use tallymark::counter;

#[counter(exemplar)]
fn serve() {}

fn main() {}
