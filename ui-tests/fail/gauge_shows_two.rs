use tallymark::gauge;

#[gauge(time, set_to_current_time)]
fn nightly() {}

fn main() {}
