use tallymark::counter;

#[counter(into = REQUESTS)]
fn serve() {}

fn main() {}
