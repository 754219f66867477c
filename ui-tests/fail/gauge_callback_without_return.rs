use tallymark::gauge;

#[gauge(callback)]
fn depth() {}

fn main() {}
