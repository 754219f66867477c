use tallymark::gauge;

#[gauge(time, unit = "milliseconds")]
fn nightly() {}

#[gauge(set_to_current_time, unit = "days")]
fn weekly() {}

fn main() {}
