use tallymark::counter;

#[counter(namespace = "")]
fn __serve() {}

fn main() {}
