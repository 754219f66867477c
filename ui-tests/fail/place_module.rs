use tallymark::gauge;

#[gauge(track_inprogress)]
mod shop {}

fn main() {}
