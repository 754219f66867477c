use tallymark::{counter, gauge};

#[gauge(track_inprogress)]
#[counter = "requests_total"]
fn serve() {}

fn main() {}
