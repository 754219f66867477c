use tallymark::gauge;

#[gauge(track_inprogres)]
fn serve() {}

fn main() {}
