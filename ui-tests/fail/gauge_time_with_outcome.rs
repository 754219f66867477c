use tallymark::gauge;

#[gauge(time, outcome)]
fn nightly() {}

fn main() {}
